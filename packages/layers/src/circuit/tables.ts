/**
 * The one merged lookup table and the overflow certificate. An entry is a triple (value, output, tag). Three kinds of entries, told apart
 * by their tag: activation (h, o = clamp(h - zero)), head (h, flag) with flag 1 only at h = 0, and remainder r in [0, 2^shift) for each
 * shift in use. The triple is compressed with powers of a challenge and never packed into one number: the cells of a malicious prover
 * are arbitrary field elements, so a sum such as `h + 2^13*o` would leave all but one of them free.
 */
import { BaseError, MAX_ACTIVATION } from '@pentimento/core';
import { accumulatorBounds, type Model, PALETTE_SIZE } from '../manifest.ts';

export interface Tables {
  /** Value of h that stands for the high part 0. */
  readonly zero: number;
  /** Number of values of h in the activation table. */
  readonly activationSize: number;
  readonly headSize: number;
  /** Remainder bits of the head's differences. */
  readonly headShift: number;
  /** Every entry once; row i of the table holds entry i. */
  readonly entries: readonly Entry[];
  /** Row of an entry, undefined when the table does not hold it. */
  rowOf(value: number, output: number, tag: number): number | undefined;
}

export type Entry = readonly [value: number, output: number, tag: number];

/** Tags of the activation entries and of the head entries; a remainder's tag is `REMAINDER_TAG + 2^shift`, without the power for r = 0. */
const ACTIVATION_TAG = 0;
const HEAD_TAG = 1;
export const REMAINDER_TAG = 2;

const MAX_SHIFT = 11;
const MAX_TABLE = 2 ** 17;

export const clampActivation = (high: number): number => Math.min(MAX_ACTIVATION, Math.max(0, high));

/**
 * Sizes the table from the bounds of every accumulator over all latents, so that every latent is provable.
 * Throws `circuit/overflow` with the layer that needs too large a table, `circuit/shift` for a shift beyond 11.
 */
export function buildTables(model: Model): Tables {
  const bounds = accumulatorBounds(model);
  let [low, high] = [0, MAX_ACTIVATION];
  const shifts = new Set<number>();
  for (const layer of model.manifest.layers) {
    if (layer.op === 'paletteArgmax') continue;
    const { min, max } = bounds.get(layer.id) as { min: number; max: number };
    const shift = layer.op === 'globalAveragePool' ? poolShift(model, layer.input) : layer.shift;
    assertShift(layer.id, shift);
    assertSize(layer.id, Math.floor(max / 2 ** shift) - Math.floor(min / 2 ** shift) + 1);
    low = Math.min(low, Math.floor(min / 2 ** shift));
    high = Math.max(high, Math.floor(max / 2 ** shift));
    shifts.add(shift);
  }
  const head = model.manifest.layers.at(-1) as { id: string };
  const logits = bounds.get(head.id) as { min: number; max: number };
  const difference = PALETTE_SIZE * (logits.max - logits.min) + PALETTE_SIZE - 1;
  const headShift = Math.min(MAX_SHIFT, Math.max(1, Math.ceil(Math.log2(difference + 1) / 2)));
  const headSize = Math.floor(difference / 2 ** headShift) + 1;
  assertSize(head.id, headSize);
  shifts.add(headShift);
  return layOut({ zero: -low, activationSize: high - low + 1, headSize, headShift, shifts });
}

/** log2 of the number of pooled positions. */
export function poolShift(model: Model, input: string): number {
  const shape = model.manifest.layers.find((l) => l.id === input)?.shape as readonly [number, number, number];
  return Math.log2(shape[1] * shape[2]);
}

function layOut(sizes: { zero: number; activationSize: number; headSize: number; headShift: number; shifts: Set<number> }): Tables {
  const { zero, activationSize, headSize, headShift, shifts } = sizes;
  const entries: Entry[] = [];
  for (let h = 0; h < activationSize; h++) entries.push([h, clampActivation(h - zero), ACTIVATION_TAG]);
  for (let h = 0; h < headSize; h++) entries.push([h, 0, HEAD_TAG]);
  entries.push([0, 1, HEAD_TAG], [0, 0, REMAINDER_TAG]);
  for (const shift of [...shifts].sort((a, b) => a - b)) {
    for (let r = 0; r < 2 ** shift; r++) entries.push([r, 0, REMAINDER_TAG + 2 ** shift]);
  }
  const rows = new Map(entries.map((entry, row) => [entryKey(...entry), row]));
  const rowOf = (value: number, output: number, tag: number) =>
    value < 0 || value >= MAX_TABLE || output < 0 || output > MAX_ACTIVATION ? undefined : rows.get(entryKey(value, output, tag));
  return { zero, activationSize, headSize, headShift, entries, rowOf };
}

/** Injective for values below 2^17 and outputs up to 127. */
const entryKey = (...[value, output, tag]: Entry): number => (tag * (MAX_ACTIVATION + 1) + output) * MAX_TABLE + value;

function assertShift(id: string, shift: number): void {
  if (shift > MAX_SHIFT) {
    throw new BaseError({ code: 'circuit/shift', message: `Expected the shift of layer ${id} to be at most ${MAX_SHIFT}, got ${shift}.` });
  }
}

function assertSize(id: string, size: number): void {
  if (size > MAX_TABLE) {
    throw new BaseError({
      code: 'circuit/overflow',
      message: `Expected the rescaled accumulators of layer ${id} to take at most ${MAX_TABLE} values over all latents, but they can take ${size}.`,
    });
  }
}
