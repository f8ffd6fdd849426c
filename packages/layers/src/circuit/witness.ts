/**
 * Cell values for one latent, from the plan alone: every tensor's accumulators are what the units of earlier tensors add, ring and padding
 * included; each is split into high part and remainder. No arithmetic is shared with the integer reference, which tests compare it to.
 */

import type { Witness } from '@pentimento/circuit';
import { aigcDataOf, packWords } from '@pentimento/core';
import { activate } from '../activation.ts';
import { PALETTE_SIZE } from '../manifest.ts';
import type { DecoderCircuit } from './decoder.ts';
import { offsetOf } from './placement.ts';
import type { InputUnit, Placed, Plan } from './plan.ts';
import { HEAD_TAG, REMAINDER_TAG } from './tables.ts';

export interface DecoderWitness extends Witness {
  /** `[H, W]` palette indices; empty with an RGB head. */
  readonly index: Uint8Array;
  /** `[3, H, W]` channel values; empty with a palette head. */
  readonly image: Uint8Array;
}

/** Public context of a proof; the words take part in no gate. */
export interface Context {
  readonly pose: number;
  readonly chainId: bigint;
  readonly collection: bigint;
  readonly creator: bigint;
}

/** h, r and o by exponent `slots*row + slot`, peak by row. */
export interface Cells {
  readonly h: Int32Array;
  readonly r: Int32Array;
  readonly o: Int32Array;
  readonly peak: Int32Array;
}

/** Phase-0 columns in the circuit's order: h, r, o per slot, peak, multiplicity. `latent` elements are in 0..127. */
export function decoderWitness(circuit: DecoderCircuit, latent: Uint8Array, context: Context): DecoderWitness {
  const cells = computeCells(circuit, latent);
  const image = paintedImage(circuit.plan, cells);
  const words = [...packWords(latent), ...packWords(aigcDataOf(image)), BigInt(context.pose), context.chainId, context.collection, context.creator];
  const none = new Uint8Array();
  return {
    ...assemble(circuit, cells),
    instances: [words],
    index: 'index' in image ? image.index : none,
    image: 'image' in image ? image.image : none,
  };
}

/** Columns with their honest lookup counts. */
export function assemble(circuit: DecoderCircuit, cells: Cells): { readonly advice: Int32Array[] } {
  const { plan, usable } = circuit;
  const split = (values: Int32Array) =>
    Array.from({ length: plan.slots }, (_, j) => Int32Array.from({ length: usable }, (_, row) => values[plan.slots * row + j] as number));
  const advice = [...split(cells.h), ...split(cells.r), ...split(cells.o), cells.peak];
  return { advice: [...advice, countLookups(circuit, advice)] };
}

/** All cells but the multiplicities. `after` is called with a tensor's id once its cells are filled, before anything reads them. */
export function computeCells(circuit: DecoderCircuit, latent: Uint8Array, after?: (id: string, cells: Cells) => void): Cells {
  const { plan, usable } = circuit;
  const size = usable * plan.slots;
  const cells: Cells = { h: new Int32Array(size), r: new Int32Array(size), o: new Int32Array(size), peak: new Int32Array(usable) };
  fillInert(plan, cells);
  const sums = new Float64Array(plan.slots * plan.rows);
  const units = unitsBySource(plan);
  for (const placed of plan.placed.values()) {
    const { node } = placed;
    if (node.kind === 'latent') setLatent(plan, cells, latent);
    else if (node.kind === 'branch') setBranch(plan, cells, placed, sums);
    else if (node.kind === 'head') setHead(plan, cells, placed, sums);
    else setTensor(plan, cells, placed, sums);
    after?.(node.id, cells);
    for (const unit of units.get(node.id) ?? []) scatter(plan, unit, cells.o, sums);
    addPools(plan, placed, cells.o, sums);
  }
  return cells;
}

/** Cells of rows without outputs: any entry of the clamp. */
function fillInert({ tables }: Plan, { h, o }: Cells): void {
  const value = tables.ranges.get('clamp')?.min as number;
  h.fill(value);
  o.fill(activate('clamp', value - tables.zero));
}

function setLatent({ placed, slots, tables }: Plan, { h, o }: Cells, latent: Uint8Array): void {
  const { baseRow } = placed.get('latent') as Placed;
  latent.forEach((z, i) => {
    h[slots * (baseRow + i)] = tables.zero + z;
    o[slots * (baseRow + i)] = z;
  });
}

/** A branch's values, in its own rows and in those that they are broadcast to. */
function setBranch({ slots, broadcasts }: Plan, { peak }: Cells, { grid, baseRow }: Placed, sums: Float64Array): void {
  for (const rows of broadcasts) {
    const first = rows[0] as number;
    if (first >= baseRow && first < baseRow + grid.rows) for (const row of rows) peak[row] = sums[slots * first] as number;
  }
}

/** Splits `sum - constant` of every exponent into `2^shift*h + r` and applies the activation. */
function setTensor(plan: Plan, cells: Cells, { node, grid, baseRow }: Placed, sums: Float64Array): void {
  if (node.kind !== 'tensor') throw new RangeError(`${node.id} is no tensor`);
  for (let row = baseRow; row < baseRow + grid.rows; row++) {
    for (let e = plan.slots * row; e < plan.slots * (row + 1); e++) {
      const value = (cells.peak[row] as number) - (plan.constant[row] as number) - (sums[e] as number);
      setValue(plan, cells, e, value);
      cells.o[e] = activate(node.activation, (cells.h[e] as number) - plan.tables.zero);
    }
  }
}

/** Splits `value` into h and r with the row's scale. */
export function setValue({ scale, slots }: Plan, { h, r }: Cells, e: number, value: number): void {
  const unit = scale[Math.floor(e / slots)] as number;
  h[e] = Math.floor(value / unit);
  r[e] = value - unit * Math.floor(value / unit);
}

/** Differences to the largest key of each pixel; the flag is set where the difference is zero. */
function setHead(plan: Plan, cells: Cells, { grid, baseRow }: Placed, sums: Float64Array): void {
  const { slots, constant } = plan;
  const perClass = grid.channelStride / slots;
  const key = (e: number) => (constant[Math.floor(e / slots)] as number) + (sums[e] as number);
  for (let p = 0; p < perClass; p++) {
    const rows = Array.from({ length: grid.channels }, (_, q) => baseRow + q * perClass + p);
    const exponents = rows.flatMap((row) => Array.from({ length: slots }, (_, j) => slots * row + j));
    const peak = Math.max(...exponents.map(key));
    for (const row of rows) cells.peak[row] = peak;
    for (const e of exponents) {
      setValue(plan, cells, e, peak - key(e));
      cells.o[e] = peak === key(e) ? 1 : 0;
    }
  }
}

function unitsBySource({ units }: Plan): ReadonlyMap<string, InputUnit[]> {
  const bySource = new Map<string, InputUnit[]>();
  for (const unit of units) bySource.set(unit.source, [...(bySource.get(unit.source) ?? []), unit]);
  return bySource;
}

/** Adds what a unit's elements contribute; the loop over weights is the innermost one. */
function scatter({ slots, readers }: Plan, { lines, fold, cells, reader }: InputUnit, o: Int32Array, sums: Float64Array): void {
  const { terms } = readers[reader] as Plan['readers'][number];
  const shifts = fold === undefined ? [0] : [0, slots * fold];
  for (const { row, piRow } of cells) {
    for (const { slot, exponent } of terms) {
      const value = o[slots * row + slot] as number;
      if (value === 0) continue;
      for (const shift of shifts) {
        const origin = slots * piRow + exponent + shift;
        for (const { exponent: start, weights } of lines) {
          for (let t = 0, e = origin + start; t < weights.length; t++, e++) (sums[e] as number) += value * (weights[t] as number);
        }
      }
    }
  }
}

function addPools({ slots, pools }: Plan, { baseRow, grid }: Placed, o: Int32Array, sums: Float64Array): void {
  for (const { row, kappaRow } of pools) {
    if (row < baseRow || row >= baseRow + grid.rows) continue;
    for (let j = 0; j < slots; j++) (sums[slots * kappaRow] as number) -= o[slots * row + j] as number;
  }
}

/** The picture that the cells of the last tensor show. */
export function paintedImage(plan: Plan, { o }: Pick<Cells, 'o'>): { readonly index: Uint8Array } | { readonly image: Uint8Array } {
  const { slots, head } = plan;
  if (!head) {
    const { grid, baseRow } = [...plan.placed.values()].at(-1) as Placed;
    const plane = grid.height * grid.width;
    const at = (i: number) => offsetOf(grid, Math.floor(i / plane), Math.floor((i % plane) / grid.width), i % grid.width);
    return { image: Uint8Array.from({ length: grid.channels * plane }, (_, i) => o[slots * baseRow + at(i)] as number) };
  }
  const classes = Array.from({ length: PALETTE_SIZE }, (_, k) => k);
  const pixels = head.grid.height * head.grid.width;
  return { index: Uint8Array.from({ length: pixels }, (_, p) => classes.find((k) => o[classExponent(plan, p, k)] === 1) ?? 0) };
}

/** Exponent of class `k` of pixel `p`. */
export function classExponent({ slots, head }: Plan, p: number, k: number): number {
  if (!head) throw new RangeError('the model has no palette head');
  return slots * head.baseRow + Math.floor(k / slots) * head.grid.channelStride + p * slots + (k % slots);
}

/** Multiplicity of every table entry over the rows that the step selector covers. Triples outside the table are left uncounted. */
export function countLookups({ plan, usable }: DecoderCircuit, advice: readonly Int32Array[]): Int32Array {
  const { slots, tables, head, scale, activation } = plan;
  const isHead = (row: number) => head !== undefined && row >= head.baseRow && row < head.baseRow + head.grid.rows;
  const counts = new Int32Array(usable);
  const count = (value: number, output: number, tag: number) => {
    const row = tables.rowOf(value, output, tag);
    if (row !== undefined) counts[row] = (counts[row] as number) + 1;
  };
  const triples = Array.from(
    { length: slots },
    (_, j) => [advice[j], advice[slots + j], advice[2 * slots + j]] as [Int32Array, Int32Array, Int32Array],
  );
  for (let row = 0; row < usable - 1; row++) {
    const tag = isHead(row) ? HEAD_TAG : (activation[row] ?? 0);
    const remainder = REMAINDER_TAG + (scale[row] ?? 0);
    for (const [h, r, o] of triples) {
      count(h[row] as number, o[row] as number, tag);
      count(r[row] as number, 0, remainder);
    }
  }
  return counts;
}
