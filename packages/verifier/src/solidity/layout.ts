/**
 * The memory plan of the generated verifier, computed in one place: the verifying key, the challenges, the transcript's segments (which
 * are also where the proof's points and scalars are read), the inversion batch, and the scratch space of the curve operations.
 */
import type { Plan } from '../plan.ts';
import { Memory } from './memory.ts';
import { vkEntries } from './vk-contract.ts';

/** What one run of squeezes hashes: the previous hash (or the key's digest), then words copied from calldata. */
export interface Segment {
  readonly start: number;
  readonly copies: { readonly to: number; readonly from: 'instances' | 'proof'; readonly offset: number; readonly words: number }[];
  readonly squeezes: string[];
}

export interface Layout {
  readonly memory: Memory;
  readonly omega: bigint;
  readonly vk: number;
  readonly vkWords: number;
  /** Address of the data contract's entries by name. */
  readonly entry: ReadonlyMap<string, number>;
  readonly segments: readonly Segment[];
  readonly instances: number;
  readonly instanceWords: number;
  /** Address of commitments by slot: the proof's and the key's. */
  readonly point: ReadonlyMap<string, number>;
  /** Address of every named value: evaluations, challenges, `l0`, `lLast`, `lActive`, `xn`, `H@0`. */
  readonly value: ReadonlyMap<string, number>;
  /** Runs of proof points and of scalars, for the range checks. */
  readonly pointRuns: readonly (readonly [address: number, points: number])[];
  readonly scalarRuns: readonly (readonly [address: number, words: number])[];
  /** Lagrange values of rows `-(blindingFactors + 1) .. 0`, ascending; the start of the inversion batch. */
  readonly lagrange: number;
  /** The batch goes on with `x^n - 1`, `x`, the first set's complement, and a denominator for each instance query. */
  readonly batchZh: number;
  readonly batchX: number;
  readonly batchComplement: number;
  readonly batchInstances: number;
  readonly batchWords: number;
  /** Prefix products of the batch. */
  readonly prefix: number;
  /** `mu - x*omega^rotation`. */
  readonly distance: ReadonlyMap<number, number>;
  /** Scalar of each opening set. */
  readonly coefficient: readonly number[];
  readonly remainder: number;
  readonly vanishing: number;
  /** Running sum, followed by the operand and the second operand of the curve precompiles: seven words. */
  readonly sum: number;
  /** Input of the modular exponentiation and of the pairing: twelve words. */
  readonly pairing: number;
}

export function createLayout(plan: Plan): Layout {
  const memory = new Memory();
  const value = new Map<string, number>();
  const point = new Map<string, number>();
  const vk = keyRegion(plan, memory, point);
  // theta is drawn, to keep the transcript PSE's, but without lookups nothing reads it.
  for (const step of plan.steps) if (step.kind === 'squeeze' && step.name !== 'theta') value.set(step.name, memory.alloc(1));
  const transcript = transcriptRegion(plan, memory, value, point);
  const batch = batchRegion(plan, memory, value);
  for (const name of ['xn', 'lActive', 'H@0']) value.set(name, memory.alloc(1));
  for (const [column, rotation] of plan.instanceQueries) value.set(`i${column}@${rotation}`, memory.alloc(1));
  point.set('H', memory.alloc(2));
  return {
    memory,
    omega: plan.omega,
    value,
    point,
    ...vk,
    ...transcript,
    ...batch,
    distance: new Map(plan.rotations.map((rotation) => [rotation, memory.alloc(1)])),
    coefficient: plan.sets.map(() => memory.alloc(1)),
    remainder: memory.alloc(1),
    vanishing: memory.alloc(1),
    sum: memory.alloc(7),
    pairing: memory.alloc(12),
  };
}

function keyRegion(plan: Plan, memory: Memory, point: Map<string, number>): Pick<Layout, 'vk' | 'vkWords' | 'entry'> {
  const entries = vkEntries(plan);
  const entry = new Map(entries.map(([name, words]) => [name, memory.alloc(words)]));
  for (const [name, words] of entries) if (words === 2) point.set(name, entry.get(name) as number);
  return { vk: entry.get('shape') as number, vkWords: entries.reduce((sum, [, words]) => sum + words, 0), entry };
}

function transcriptRegion(plan: Plan, memory: Memory, value: Map<string, number>, point: Map<string, number>) {
  const instanceWords = plan.instanceRows.reduce((sum, rows) => sum + rows, 0);
  const open = (): Segment => ({ start: memory.alloc(1), copies: [], squeezes: [] });
  let segment = open();
  const segments = [segment];
  const instances = memory.alloc(instanceWords);
  if (instanceWords > 0) segment.copies.push({ to: instances, from: 'instances', offset: 0, words: instanceWords });
  const pointRuns: [number, number][] = [];
  const scalarRuns: [number, number][] = instanceWords > 0 ? [[instances, instanceWords]] : [];
  let offset = 0;
  for (const step of plan.steps) {
    if (step.kind === 'squeeze') {
      segment.squeezes.push(step.name);
      continue;
    }
    if (segment.squeezes.length > 0) {
      segment = open();
      segments.push(segment);
    }
    const words = step.kind === 'points' ? 2 * step.slots.length : step.names.length;
    const to = memory.alloc(words);
    segment.copies.push({ to, from: 'proof', offset: 32 * offset, words });
    offset += words;
    if (step.kind === 'points') for (const [i, slot] of step.slots.entries()) point.set(slot, to + 64 * i);
    else for (const [i, name] of step.names.entries()) value.set(name, to + 32 * i);
    (step.kind === 'points' ? pointRuns : scalarRuns).push([to, step.kind === 'points' ? step.slots.length : words]);
  }
  return { segments, instances, instanceWords, pointRuns, scalarRuns };
}

function batchRegion(plan: Plan, memory: Memory, value: Map<string, number>) {
  const rows = plan.blindingFactors + 2;
  const batchWords = rows + 3 + plan.instanceQueries.length;
  const lagrange = memory.alloc(batchWords);
  value.set('lLast', lagrange).set('l0', lagrange + 32 * (rows - 1));
  const batchZh = lagrange + 32 * rows;
  return {
    lagrange,
    batchZh,
    batchWords,
    batchX: batchZh + 32,
    batchComplement: batchZh + 64,
    batchInstances: batchZh + 96,
    prefix: memory.alloc(batchWords),
  };
}
