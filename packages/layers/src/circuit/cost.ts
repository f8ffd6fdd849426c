/**
 * What a layout costs, before any key exists. Counts are exact: they are read off the constraint system. Times, memory and gas follow from
 * counts by a linear model whose constants are fitted to recorded measurements (`cost-constants.ts`).
 */
import type { Ir } from '@pentimento/circuit';
import { BaseError, type Objective } from '@pentimento/core';
import type { Model } from '../model.ts';
import { COST_CONSTANTS } from './cost-constants.ts';
import { shapeOf } from './decoder.ts';
import { blockStarts, type Layout, MAX_K, neededRows, usableRowsAt } from './layout.ts';
import { type Plan, planDecoder, type Slots } from './plan.ts';

export interface CostConstants {
  /** Milliseconds for 2^14 rows and a column: of small phase-0 values, of field elements to commit, of one coset of the quotient. */
  readonly proveMs: { readonly base: number; readonly smallColumn: number; readonly fullColumn: number; readonly extendedColumn: number };
  /** Bytes for each byte of a column. */
  readonly memoryBytes: { readonly base: number; readonly columnByte: number };
  readonly verifyGas: { readonly base: number; readonly commitment: number; readonly word: number; readonly instance: number };
}

export interface Counts {
  readonly k: number;
  readonly slots: number;
  readonly weightColumns: number;
  readonly rows: number;
  readonly lookups: number;
  readonly degree: number;
  readonly fixedColumns: number;
  readonly adviceColumns: number;
  readonly equalityColumns: number;
  readonly instances: number;
  readonly proofBytes: number;
}

/** Quantities in which the model is linear. */
export interface Features {
  /** 2^k / 2^14. */
  readonly size: number;
  readonly smallColumns: number;
  readonly fullColumns: number;
  readonly extendedColumns: number;
  readonly columnBytes: number;
  readonly commitments: number;
  readonly words: number;
  readonly instances: number;
}

export interface Cost extends Counts {
  readonly proveMs: number;
  readonly memoryBytes: number;
  readonly verifyGas: number;
}

export interface Candidate {
  readonly plan: Plan;
  readonly layout: Layout;
  readonly cost: Cost;
}

const SLOTS: readonly Slots[] = [1, 2, 4, 8];
const MAX_WEIGHT_COLUMNS = 32;

/**
 * Every number of slots with the fewest weight columns at its smallest k and at the next one. Throws the `circuit/*` error of the plan
 * with one slot when nothing fits.
 */
export function searchLayouts(model: Model): Candidate[] {
  const candidates = SLOTS.flatMap((slots) => {
    const plan = planWith(model, slots);
    return plan ? layoutsOf(plan).map((layout) => ({ plan, layout, cost: costOf(plan, layout) })) : [];
  });
  if (candidates.length > 0) return candidates;
  const message = `Expected a layout of ${model.manifest.name} in 2^${MAX_K} rows, but its tensors and weights need more.`;
  throw new BaseError({ code: 'circuit/too-large', message });
}

/** Relative difference that is not worth any time. */
const MARGIN = 0.05;

/** The fastest of the candidates that come within 5 % of the best one for the objective. */
export function chooseLayout(candidates: readonly Candidate[], objective: Objective): Candidate {
  const by = ({ fast: 'proveMs', gas: 'verifyGas', memory: 'memoryBytes' } as const)[objective];
  const best = Math.min(...candidates.map(({ cost }) => cost[by]));
  const near = candidates.filter(({ cost }) => cost[by] <= best * (1 + MARGIN));
  return near.sort((a, b) => a.cost.proveMs - b.cost.proveMs || a.cost[by] - b.cost[by])[0] as Candidate;
}

/** Candidates to which no other is at least equal in time, memory and gas, and better in one; the fastest first. */
export function paretoFront(candidates: readonly Candidate[]): Candidate[] {
  const keys = ['proveMs', 'memoryBytes', 'verifyGas'] as const;
  const dominates = (a: Cost, b: Cost) => keys.every((key) => a[key] <= b[key]) && keys.some((key) => a[key] < b[key]);
  return candidates.filter((c) => !candidates.some((other) => dominates(other.cost, c.cost))).sort((a, b) => a.cost.proveMs - b.cost.proveMs);
}

export function costOf(plan: Plan, layout: Layout): Cost {
  const ir = shapeOf(plan, layout);
  const features = featuresOf(ir);
  return { ...countsOf(plan, layout, ir), ...estimate(features, COST_CONSTANTS) };
}

export function estimate(f: Features, { proveMs, memoryBytes, verifyGas }: CostConstants): Pick<Cost, 'proveMs' | 'memoryBytes' | 'verifyGas'> {
  const work = proveMs.smallColumn * f.smallColumns + proveMs.fullColumn * f.fullColumns + proveMs.extendedColumn * f.extendedColumns;
  return {
    proveMs: Math.round(proveMs.base + f.size * work),
    memoryBytes: Math.round(memoryBytes.base + memoryBytes.columnByte * f.columnBytes),
    verifyGas: Math.round(verifyGas.base + verifyGas.commitment * f.commitments + verifyGas.word * f.words + verifyGas.instance * f.instances),
  };
}

/** Columns, commitments and words of a proof (book/formats.md, section 4). */
export function featuresOf(ir: Ir): Features {
  const evaluations = queriesOf(ir);
  const products = Math.ceil(ir.equality.length / (ir.degree - 2));
  const pieces = ir.degree - 1;
  const smallColumns = ir.advice.filter(({ phase }) => phase === 0).length;
  const committed = ir.advice.length + products + 1 + pieces + 2;
  const columns = ir.advice.length + ir.fixed.length + ir.equality.length + products;
  return {
    size: 2 ** (ir.k - 14),
    smallColumns,
    fullColumns: committed - smallColumns,
    extendedColumns: columns * 2 ** Math.ceil(Math.log2(pieces)),
    columnBytes: 32 * 2 ** ir.k * columns,
    commitments: committed + ir.fixed.length + ir.equality.length,
    words: 2 * committed + evaluations + 1 + ir.equality.length + 3 * products - 1,
    instances: ir.instances.reduce((sum, { rows }) => sum + rows, 0),
  };
}

function countsOf(plan: Plan, { k, weightColumns }: Layout, ir: Ir): Counts {
  return {
    k,
    slots: plan.slots,
    weightColumns,
    rows: plan.rows,
    lookups: 2 * plan.slots * (usableRowsAt(k) - 1),
    degree: ir.degree,
    fixedColumns: ir.fixed.length,
    adviceColumns: ir.advice.length,
    equalityColumns: ir.equality.length,
    instances: plan.instanceCount,
    proofBytes: 32 * featuresOf(ir).words,
  };
}

/** Cells of advice and fixed columns that are opened. */
function queriesOf({ nodes }: Ir): number {
  return new Set(nodes.flatMap((node) => (node[0] === 'advice' || node[0] === 'fixed' ? [node.join()] : []))).size;
}

/** Undefined where these slots do not suit the model's widths; with one slot every model is suited. */
function planWith(model: Model, slots: Slots): Plan | undefined {
  try {
    return planDecoder(model, slots);
  } catch (error) {
    if (slots > 1 && error instanceof BaseError && error.code === 'circuit/unsupported-layer') return undefined;
    throw error;
  }
}

function layoutsOf(plan: Plan): Layout[] {
  // Large models have too many lines to spread into one call.
  let longest = 0;
  for (const { lines } of plan.units) for (const { weights } of lines) longest = Math.max(longest, weights.length);
  const most = Math.min(MAX_WEIGHT_COLUMNS, Math.max(plan.slots, longest - (longest % plan.slots)));
  const layouts: Layout[] = [];
  for (let k = 4; k <= MAX_K && layouts.length < 2; k++) {
    if (usableRowsAt(k) <= neededRows(plan)) continue;
    for (let weightColumns = plan.slots; weightColumns <= most; weightColumns += plan.slots) {
      if (!blockStarts(plan, { k, weightColumns })) continue;
      layouts.push({ k, weightColumns });
      break;
    }
  }
  return layouts;
}
