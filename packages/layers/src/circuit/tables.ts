/**
 * The one merged lookup table and the overflow certificate. An entry is a triple (value, output, tag). Kinds of entries, told apart by
 * their tag: activation (h, o = f(h - zero)) for each activation in use, head (h, flag) with flag 1 only at h = 0, and remainder r in
 * [0, 2^shift) for each shift in use. The triple is compressed with powers of a challenge and never packed into one number: the cells of a
 * malicious prover are arbitrary field elements, so a sum such as `h + 2^13*o` would leave all but one of them free.
 */
import { BaseError, MAX_ACTIVATION } from '@pentimento/core';
import { ACTIVATIONS, type Activation, activate } from '../activation.ts';
import { PALETTE_SIZE } from '../manifest.ts';
import type { Bounds } from '../model.ts';
import type { HeadNode, Node } from './lower.ts';

export interface Tables {
  /** Value of h that stands for the high part 0. */
  readonly zero: number;
  /** Values of h in each activation's table, by activation in use; inclusive. */
  readonly ranges: ReadonlyMap<Activation, Bounds>;
  /** Remainder bits of the head's differences. */
  readonly headShift: number;
  /** Every entry once; row i of the table holds entry i. */
  readonly entries: readonly Entry[];
  /** Row of an entry, undefined when the table does not hold it. */
  rowOf(value: number, output: number, tag: number): number | undefined;
  /** Tag of an activation's entries: 0 for the clamp, negative for the others. */
  tagOf(activation: Activation): number;
}

export type Entry = readonly [value: number, output: number, tag: number];

export const HEAD_TAG = 1;
/** A remainder's tag is this plus `2^shift`, and this alone for r = 0. */
export const REMAINDER_TAG = 2;

const MAX_SHIFT = 11;
const MAX_TABLE = 2 ** 17;

/** Tag of an activation's entries: 0 for the clamp, negative for the others. */
function tagOf(activation: Activation): number {
  return -ACTIVATIONS.indexOf(activation) || 0;
}

/**
 * Sizes the table from the bounds of every accumulator over all latents, so that every latent is provable.
 * Throws `circuit/overflow` with the layer that needs too large a table, `circuit/shift` for a shift beyond 11.
 */
export function buildTables(nodes: readonly Node[]): Tables {
  const highs = new Map<Activation, Bounds>([['clamp', { min: 0, max: MAX_ACTIVATION }]]);
  const shifts = new Set<number>();
  let head = { shift: 0, size: 0 };
  for (const node of nodes) {
    if (node.kind === 'head') head = headTable(node);
    if (node.kind !== 'tensor') continue;
    node.shifts.forEach((shift, c) => {
      assertShift(node.id, shift);
      shifts.add(shift);
      const bounds = node.bounds[c] as Bounds;
      const high = { min: Math.floor(bounds.min / 2 ** shift), max: Math.floor(bounds.max / 2 ** shift) };
      assertSize(node.id, high.max - high.min + 1);
      const known = highs.get(node.activation) ?? high;
      highs.set(node.activation, { min: Math.min(known.min, high.min), max: Math.max(known.max, high.max) });
    });
  }
  if (head.size > 0) shifts.add(head.shift);
  return layOut(highs, head, shifts);
}

/** The high and low part of a difference of keys take about as many values. */
function headTable({ id, bounds }: HeadNode): { shift: number; size: number } {
  const difference = PALETTE_SIZE * (bounds.max - bounds.min) + PALETTE_SIZE - 1;
  const shift = Math.min(MAX_SHIFT, Math.max(1, Math.ceil(Math.log2(difference + 1) / 2)));
  const size = Math.floor(difference / 2 ** shift) + 1;
  assertSize(id, size);
  return { shift, size };
}

function layOut(highs: ReadonlyMap<Activation, Bounds>, head: { shift: number; size: number }, shifts: ReadonlySet<number>): Tables {
  const zero = -Math.min(...[...highs.values()].map(({ min }) => min));
  const ranges = new Map([...highs].map(([activation, { min, max }]) => [activation, { min: min + zero, max: max + zero }]));
  const entries: Entry[] = [];
  for (const [activation, { min, max }] of ranges) {
    for (let h = min; h <= max; h++) entries.push([h, activate(activation, h - zero), tagOf(activation)]);
  }
  for (let h = 0; h < head.size; h++) entries.push([h, 0, HEAD_TAG]);
  if (head.size > 0) entries.push([0, 1, HEAD_TAG]);
  entries.push([0, 0, REMAINDER_TAG]);
  for (const shift of [...shifts].sort((a, b) => a - b)) {
    for (let r = 0; r < 2 ** shift; r++) entries.push([r, 0, REMAINDER_TAG + 2 ** shift]);
  }
  return { zero, ranges, headShift: head.shift, entries, rowOf: finder(entries), tagOf };
}

/** Entries of a tag stand side by side, value after value; the flag's entry comes after those of its tag. */
function finder(entries: readonly Entry[]): Tables['rowOf'] {
  const sections = new Map<number, { readonly first: number; readonly min: number; size: number }>();
  entries.forEach(([value, , tag], row) => {
    const section = sections.get(tag);
    if (section) section.size += 1;
    else sections.set(tag, { first: row, min: value, size: 1 });
  });
  return (value, output, tag) => {
    const section = sections.get(tag);
    if (!section) return undefined;
    const flag = tag === HEAD_TAG && output === 1 && value === 0;
    const position = flag ? section.size - 1 : value - section.min;
    const entry = position < section.size ? entries[section.first + position] : undefined;
    return entry?.[0] === value && entry[1] === output && entry[2] === tag ? section.first + position : undefined;
  };
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
