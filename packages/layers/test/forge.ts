/**
 * An interpreter of the plan for tests: fills the cells layer by layer from the plan's weights and sums alone, lets a test edit the cells
 * of a layer, and computes everything after the edit honestly, lookups and public words included. So a forged witness is wrong in exactly
 * the one place that the test names.
 */
import { type Failure, mockProve, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import type { DecoderCircuit } from '../src/circuit/decoder.ts';
import { gridOffset, planeOffset } from '../src/circuit/placement.ts';
import { countLookups } from '../src/circuit/witness.ts';
import { type Model, PALETTE_SIZE } from '../src/manifest.ts';
import type { Tensor } from '../src/safetensors.ts';

export const context = { pose: 31, chainId: 31337n, collection: 5n, creator: 7n };
const CONTEXT = [31n, 31337n, 5n, 7n];

/** h, r and o by exponent `slots*row + slot`, peak by row. */
export interface Cells {
  readonly h: Int32Array;
  readonly r: Int32Array;
  readonly o: Int32Array;
  readonly peak: Int32Array;
}

/** By layer id or `latent`: changes cells just after that layer was computed. */
export type Edits = Readonly<Record<string, (cells: Cells) => void>>;

export interface Forged extends Witness {
  readonly advice: readonly Int32Array[];
  readonly instances: readonly (readonly bigint[])[];
  readonly cells: Cells;
}

export function forge(circuit: DecoderCircuit, latent: Uint8Array, edits: Edits = {}): Forged {
  const { plan, usable } = circuit;
  const { slots, tables, constants } = plan;
  const size = slots * usable;
  const cells: Cells = { h: new Int32Array(size), r: new Int32Array(size), o: new Int32Array(size), peak: new Int32Array(usable) };
  latent.forEach((z, i) => {
    const e = slots * (plan.latent.baseRow + i);
    cells.h[e] = tables.zero + z;
    cells.o[e] = z;
  });
  edits.latent?.(cells);
  const acc = new Map<number, number>();
  for (const layer of plan.model.manifest.layers) {
    contribute(circuit, cells, `${layer.id}/branch`, acc);
    contribute(circuit, cells, layer.id, acc);
    setPeaks(circuit, cells, layer.id, acc);
    for (const e of exponentsOf(circuit, layer.id)) {
      const value = (cells.peak[Math.floor(e / slots)] as number) - (constants.get(e) as number) - (acc.get(e) ?? 0);
      setValue(circuit, cells, e, value);
      const high = (cells.h[e] as number) - tables.zero;
      cells.o[e] = layer.op === 'paletteArgmax' ? Number(value === 0) : Math.min(127, Math.max(0, high));
    }
    edits[layer.id]?.(cells);
  }
  return { ...finish(circuit, cells), cells };
}

/** Columns, honest multiplicities and the public words that the cells amount to. */
function finish(circuit: DecoderCircuit, cells: Cells): Pick<Forged, 'advice' | 'instances'> {
  const { plan, usable } = circuit;
  const split = (values: Int32Array) =>
    Array.from({ length: plan.slots }, (_, j) => Int32Array.from({ length: usable }, (_, row) => values[plan.slots * row + j] as number));
  const advice = [...split(cells.h), ...split(cells.r), ...split(cells.o), cells.peak];
  return { advice: [...advice, countLookups(circuit, advice)], instances: [[...words(circuit, cells), ...CONTEXT]] };
}

/** Splits `value` into h and r with the row's scale. */
export function setValue({ plan }: DecoderCircuit, { h, r }: Cells, e: number, value: number): void {
  const unit = plan.scale.get(Math.floor(e / plan.slots)) as number;
  h[e] = Math.floor(value / unit);
  r[e] = value - unit * (h[e] as number);
}

/** `2^shift*h + r`. */
export function valueAt({ plan }: DecoderCircuit, { h, r }: Cells, e: number): number {
  return (h[e] as number) * (plan.scale.get(Math.floor(e / plan.slots)) as number) + (r[e] as number);
}

/** Exponents of a layer's rows. */
export function exponentsOf({ plan }: DecoderCircuit, id: string): number[] {
  const { baseRow, rows } = plan.placements.get(id) as { baseRow: number; rows: number };
  return Array.from({ length: rows * plan.slots }, (_, i) => baseRow * plan.slots + i);
}

/** What weights and pooled sums of one layer add at every exponent of the linear identity. */
function contribute({ plan }: DecoderCircuit, { o }: Cells, layer: string, acc: Map<number, number>): void {
  const { slots } = plan;
  const add = (e: number, value: number) => acc.set(e, (acc.get(e) ?? 0) + value);
  for (const unit of plan.units) {
    if (unit.layer !== layer) continue;
    for (const { kappaRow, weights } of unit.blocks) {
      for (const { row, piRow } of unit.cells) {
        for (let s = 0; s < slots; s++) {
          for (const [j, w] of weights.entries()) add(slots * (kappaRow + piRow) + j + 2 * s, w * (o[slots * row + s] as number));
        }
      }
    }
  }
  const pooled = plan.placements.get(layer);
  if (pooled?.kind !== 'vector') return;
  for (const { row, kappaRow } of plan.sums) {
    if (kappaRow < pooled.baseRow || kappaRow >= pooled.baseRow + pooled.rows) continue;
    for (let s = 0; s < slots; s++) add(slots * kappaRow, -(o[slots * row + s] as number));
  }
}

/** Broadcasts the branch's values to their channels; the peak of a pixel is its largest key. */
function setPeaks({ plan }: DecoderCircuit, { peak }: Cells, layer: string, acc: ReadonlyMap<number, number>): void {
  const { slots, constants, head, branches } = plan;
  const branch = branches.get(layer);
  const placement = plan.placements.get(layer);
  for (const rows of plan.broadcasts) {
    const first = rows[0] as number;
    const at = (e: number) => acc.get(e) ?? 0;
    if (branch && first >= branch.baseRow && first < branch.baseRow + branch.rows) for (const row of rows) peak[row] = at(slots * first);
    if (placement?.kind !== 'planes' || first < head.baseRow) continue;
    const keys = rows.flatMap((row) => Array.from({ length: slots }, (_, s) => (constants.get(slots * row + s) as number) + at(slots * row + s)));
    for (const row of rows) peak[row] = Math.max(...keys);
  }
}

function words({ plan }: DecoderCircuit, { o }: Cells): bigint[] {
  const { slots, boundWords } = plan;
  const values = new Array<bigint>(boundWords).fill(0n);
  for (const { row, kappaRow, sum, odd } of plan.sums) {
    if (kappaRow >= boundWords) continue;
    const total = Array.from({ length: slots }, (_, s) => o[slots * row + s] as number).reduce((a, b) => a + b);
    values[kappaRow] = field.fr((values[kappaRow] as bigint) - sum * BigInt(total) - odd * BigInt(slots === 2 ? (o[slots * row + 1] as number) : 0));
  }
  return values;
}

export interface Verdict {
  readonly ids: readonly string[];
  /** Whether the linear identity and the lookups each hold; both are checked by `sum/edge` alone. */
  readonly linear: boolean;
  readonly lookups: boolean;
}

/** Ids that reject the witness, and which half of the running sum does: with `epsilon = 0` it holds the linear identity only. */
export function judge(circuit: DecoderCircuit, witness: Witness): Verdict {
  const run = (epsilon: bigint) => mockProve(circuit, witness, { challenges: [...CHALLENGES, epsilon], limit: 1000 });
  const [linear, all] = [run(0n), run(1n)];
  const end = edge(linear, circuit.usable - 1);
  return { ids: [...new Set(all.map((f) => f.id))], linear: end === 0n, lookups: edge(all, circuit.usable - 1) === end };
}

const CHALLENGES = [0x1234567890abcdef1234567890abcdefn, 0xfedcba9876543210fedcba9876543210n, 0x0f1e2d3c4b5a69788796a5b4c3d2e1f0n];

function edge(failures: readonly Failure[], row: number): bigint {
  return failures.find((f) => f.id === 'sum/edge' && f.row === row)?.cells['sum@0'] ?? 0n;
}

/** The tiny model with sixteen equal palette rows: every pixel is a sixteenfold tie. */
export function withTies(model: Model): Model {
  const weights = new Map(model.weights);
  for (const name of ['head.weight', 'head.bias']) {
    const tensor = weights.get(name) as Tensor;
    const width = tensor.data.length / PALETTE_SIZE;
    weights.set(name, { ...tensor, data: tensor.data.map((_, i, all) => all[i % width] as number) });
  }
  return { ...model, weights };
}

/** Exponent of class `k` of pixel `p`. */
export function classExponent({ plan }: DecoderCircuit, p: number, k: number): number {
  return plan.slots * plan.head.baseRow + planeOffset(plan.head, k, p);
}

/** Exponents of a layer's elements, row-major, without ring and padding. */
export function elementsOf({ plan }: DecoderCircuit, id: string): number[] {
  const { slots } = plan;
  const placement = plan.placements.get(id);
  if (placement?.kind === 'vector') return Array.from({ length: placement.channels }, (_, c) => slots * (placement.baseRow + c));
  if (placement?.kind !== 'grid') throw new RangeError(`layer ${id} has no elements`);
  const { baseRow, channels, height, width } = placement;
  return Array.from({ length: channels * height * width }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return slots * baseRow + gridOffset(placement, c, y, x, slots);
  });
}
