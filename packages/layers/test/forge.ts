/**
 * Wrong witnesses for tests: lets a test edit the cells of a tensor just after they were computed, and computes everything after the edit
 * honestly, lookups and public words included. So a forged witness is wrong in exactly the one place that the test names.
 */
import { type Failure, mockProve, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import type { DecoderCircuit } from '../src/circuit/decoder.ts';
import { offsetOf } from '../src/circuit/placement.ts';
import type { Placed, Slots } from '../src/circuit/plan.ts';
import { assemble, type Cells, computeCells, classExponent as exponentOfClass, setValue as setPlanValue } from '../src/circuit/witness.ts';
import { PALETTE_SIZE } from '../src/manifest.ts';
import type { Model, Tensor } from '../src/model.ts';
import { tinyModel } from './tiny.ts';

export type { Cells };

/** Every number of slots, with a model that is wide enough for it. */
export const SLOTS: readonly Slots[] = [1, 2, 4];
export const modelFor = (slots: Slots, seed = 1): Model => tinyModel({ seed, width: Math.max(2, slots) });

export const context = { pose: 31, chainId: 31337n, collection: 5n, creator: 7n };
const CONTEXT = [31n, 31337n, 5n, 7n];

/** By tensor id, `latent` included: changes cells just after that tensor was computed. */
export type Edits = Readonly<Record<string, (cells: Cells) => void>>;

export interface Forged extends Witness {
  readonly advice: readonly Int32Array[];
  readonly instances: readonly (readonly bigint[])[];
  readonly cells: Cells;
}

export function forge(circuit: DecoderCircuit, latent: Uint8Array, edits: Edits = {}): Forged {
  const cells = computeCells(circuit, latent, (id, filled) => edits[id]?.(filled));
  return { ...assemble(circuit, cells), instances: [[...words(circuit, cells), ...CONTEXT]], cells };
}

/** Splits `value` into h and r with the row's scale. */
export function setValue({ plan }: DecoderCircuit, cells: Cells, e: number, value: number): void {
  setPlanValue(plan, cells, e, value);
}

/** `2^shift*h + r`. */
export function valueAt({ plan }: DecoderCircuit, { h, r }: Cells, e: number): number {
  return (h[e] as number) * (plan.scale[Math.floor(e / plan.slots)] as number) + (r[e] as number);
}

export function placedOf({ plan }: DecoderCircuit, id: string): Placed {
  return plan.placed.get(id) as Placed;
}

/** Exponents of a tensor's rows. */
export function exponentsOf(circuit: DecoderCircuit, id: string): number[] {
  const { slots } = circuit.plan;
  const { baseRow, grid } = placedOf(circuit, id);
  return Array.from({ length: grid.rows * slots }, (_, i) => baseRow * slots + i);
}

/** The public words that the cells amount to. */
function words({ plan }: DecoderCircuit, { o }: Cells): bigint[] {
  const { slots, boundWords, head } = plan;
  const values = new Array<bigint>(boundWords).fill(0n);
  for (const { row, wordRow, sum, odd } of plan.words) {
    const inHead = head !== undefined && row >= head.baseRow && row < head.baseRow + head.grid.rows;
    for (let j = 0; j < (inHead ? slots : 1); j++) {
      const coefficient = sum + BigInt(j) * odd;
      values[wordRow] = field.fr((values[wordRow] as bigint) - coefficient * BigInt(o[slots * row + j] as number));
    }
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
  const end = edge(linear, circuit.usable - 2);
  return { ids: [...new Set(all.map((f) => f.id))], linear: end === 0n, lookups: edge(all, circuit.usable - 2) === end };
}

const CHALLENGES = [0x1234567890abcdef1234567890abcdefn, 0xfedcba9876543210fedcba9876543210n, 0x0f1e2d3c4b5a69788796a5b4c3d2e1f0n];

/** What the sum ends at: the gate on the row before the last usable one reads it. */
function edge(failures: readonly Failure[], row: number): bigint {
  return failures.find((f) => f.id === 'sum/edge' && f.row === row)?.cells['sum@1'] ?? 0n;
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
  return exponentOfClass(plan, p, k);
}

/** Exponents of a tensor's elements, row-major, without ring and padding. */
export function elementsOf(circuit: DecoderCircuit, id: string): number[] {
  const { grid, baseRow } = placedOf(circuit, id);
  const { channels, height, width } = grid;
  return Array.from({ length: channels * height * width }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return circuit.plan.slots * baseRow + offsetOf(grid, c, y, x);
  });
}
