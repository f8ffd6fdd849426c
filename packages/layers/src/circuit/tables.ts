/**
 * The one merged lookup table and the overflow certificate. Three kinds of entries, told apart by their offset:
 * activation (h, o = clamp(h - zero)), head (h, flag) with flag 1 only at h = 0, and remainder r in [0, 2^shift) for each shift in use.
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
  /** Place value of o beside h. */
  readonly outputUnit: number;
  readonly headTag: number;
  readonly remainderTag: number;
  /** Place value of 2^shift beside r. */
  readonly scaleUnit: number;
  /** Every entry once; row i of the table holds entry i. */
  readonly entries: readonly number[];
  readonly rowOf: ReadonlyMap<number, number>;
}

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
  const outputUnit = 2 ** Math.ceil(Math.log2(Math.max(activationSize, headSize)));
  const headTag = outputUnit * (MAX_ACTIVATION + 1);
  const remainderTag = 2 * headTag;
  const scaleUnit = 2 ** (MAX_SHIFT + 1);
  const entries: number[] = [];
  for (let h = 0; h < activationSize; h++) entries.push(h + outputUnit * clampActivation(h - zero));
  for (let h = 0; h < headSize; h++) entries.push(headTag + h);
  entries.push(headTag + outputUnit, remainderTag);
  for (const shift of [...shifts].sort((a, b) => a - b)) {
    for (let r = 0; r < 2 ** shift; r++) entries.push(remainderTag + scaleUnit * 2 ** shift + r);
  }
  const rowOf = new Map(entries.map((entry, row) => [entry, row]));
  return { zero, activationSize, headSize, headShift, outputUnit, headTag, remainderTag, scaleUnit, entries, rowOf };
}

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
