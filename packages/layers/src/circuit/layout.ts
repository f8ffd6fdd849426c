/** Where the weights of a plan stand: `weightColumns` a row, in blocks of rows that have nothing to do with the tensors beside them. */
import { BaseError } from '@pentimento/core';
import type { InputUnit, Plan } from './plan.ts';

export interface Layout {
  readonly k: number;
  /** A multiple of the plan's slots. */
  readonly weightColumns: number;
}

export interface WeightRow {
  /** Row of rho that is the factor of this row. */
  readonly kappaRow: number;
  /** At most `weightColumns` integers; none in a row that multiplies the sum by `1 + rho[kappaRow]`. */
  readonly weights: Int32Array | undefined;
}

/** A unit's weight rows, at `first` and after it. */
export interface Block {
  readonly unit: InputUnit;
  readonly first: number;
  readonly rows: readonly WeightRow[];
}

export const MAX_K = 20;

/** halo2's rule for at most three rotations of an advice column: five blinding rows, and one that ends the usable ones. */
export const usableRowsAt = (k: number): number => 2 ** k - 6;

/** Rows that the tensors and the table need: the last two usable ones end the sums. */
export function neededRows({ rows, tables }: Plan): number {
  return Math.max(rows, tables.entries.length) + 2;
}

/** Blocks of all units, or undefined when they do not fit. */
export function placeBlocks(plan: Plan, layout: Layout): Block[] | undefined {
  return blockStarts(plan, layout)?.map((first, i) => {
    const unit = plan.units[i] as InputUnit;
    return { unit, first, rows: weightRows(unit, plan.slots, layout.weightColumns) };
  });
}

/** First row of every unit's block, or undefined when they do not fit. Rows whose kappa is taken by a plain sum are left out. */
export function blockStarts(plan: Plan, { k, weightColumns }: Layout): number[] | undefined {
  const usable = usableRowsAt(k);
  if (usable <= neededRows(plan)) return undefined;
  const taken = new Set([...plan.pools, ...(plan.slots === 1 ? plan.words : [])].map(({ row }) => row));
  const starts: number[] = [];
  let row = 0;
  for (const unit of plan.units) {
    const count = weightRowCount(unit, plan.slots, weightColumns);
    let free = 0;
    while (free < count) {
      if (row >= usable - 2) return undefined;
      free = taken.has(row++) ? 0 : free + 1;
    }
    starts.push(row - count);
  }
  return starts;
}

/** The smallest k at which everything fits. Throws `circuit/too-large`. */
export function smallestLayout(plan: Plan, weightColumns: number): Layout {
  for (let k = 4; k <= MAX_K; k++) if (blockStarts(plan, { k, weightColumns })) return { k, weightColumns };
  const message = `Expected the decoder to fit in 2^${MAX_K} rows, but it needs ${neededRows(plan)} rows and more for its weights.`;
  throw new BaseError({ code: 'circuit/too-large', message });
}

function weightRows({ lines, fold }: InputUnit, slots: number, weightColumns: number): WeightRow[] {
  const rows = lines.flatMap((line) => {
    const shift = line.exponent % slots;
    return Array.from({ length: lineRowCount(line, slots, weightColumns) }, (_, i): WeightRow => {
      const from = i * weightColumns - shift;
      const weights = Int32Array.from({ length: weightColumns }, (_, j) => line.weights[from + j] ?? 0);
      return { kappaRow: (line.exponent - shift + i * weightColumns) / slots, weights };
    });
  });
  if (rows.length === 0) rows.push({ kappaRow: 0, weights: new Int32Array(weightColumns) });
  if (fold !== undefined) rows.push({ kappaRow: fold, weights: undefined });
  return rows;
}

/** Length of `weightRows`. */
function weightRowCount({ lines, fold }: InputUnit, slots: number, weightColumns: number): number {
  const rows = lines.reduce((sum, line) => sum + lineRowCount(line, slots, weightColumns), 0);
  return Math.max(1, rows) + (fold === undefined ? 0 : 1);
}

function lineRowCount({ exponent, weights }: InputUnit['lines'][number], slots: number, weightColumns: number): number {
  return weights.length === 0 ? 0 : Math.ceil(((exponent % slots) + weights.length) / weightColumns);
}
