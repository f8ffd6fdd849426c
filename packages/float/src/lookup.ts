/**
 * Lookups as gates (logUp, Haboeck 2022, eprint 2022/1530): `sum 1/(beta + code) = sum multiplicity/(beta + entry)`. A tuple is compressed
 * with powers of the challenge theta, never packed into one number: the cells of a malicious prover are arbitrary field elements.
 */
import type { CircuitBuilder, Column, ColumnRef, Expression } from '@pentimento/circuit';

/** Parts of a tuple, the tag first; missing parts are zero. */
export type Tuple = readonly Expression[];
/** An entry of the table: four parts, the tag first. */
export type Entry = readonly [tag: number, first: bigint, second: bigint, third: bigint];

export interface LookupOptions {
  /** Fixed column: 1 on every row whose tuples count. */
  readonly step: ColumnRef;
  /** Fixed columns that hold the parts of the entries. */
  readonly table: readonly ColumnRef[];
  readonly multiplicity: ColumnRef;
  /** Tuples of every row, of degree at most 1. */
  readonly tuples: readonly Tuple[];
  readonly theta: Expression;
  readonly beta: Expression;
}

/** Lookups of one helper column; its gate has two more degrees. */
const LOOKUPS_PER_HELPER = 3;

/**
 * Gates `lookup/helper<i>`; declares the helper columns. Returns what a row adds to the running sum, which must begin and end at zero.
 */
export function addLookups(b: CircuitBuilder, { step, table, multiplicity, tuples, theta, beta }: LookupOptions): Expression {
  const code = (tuple: Tuple) => b.add(beta, b.powers(theta, tuple));
  const terms = [
    ...tuples.map((tuple) => ({ num: b.constant(1), den: code(tuple) })),
    { num: b.mul(-1, b.query(multiplicity)), den: code(table.map((c) => b.query(c))) },
  ];
  const helpers: Expression[] = [];
  for (let i = 0; i < terms.length; i += LOOKUPS_PER_HELPER) {
    const helper = b.advice(`helper${helpers.length}`, 1);
    b.gate(`lookup/${helper.name}`, b.mul(b.query(step), b.defineFraction(helper, terms.slice(i, i + LOOKUPS_PER_HELPER))));
    helpers.push(b.query(helper));
  }
  return b.add(...helpers);
}

/** Gates `sum/step` and `sum/edge`: a column that begins at zero, grows by `increment` and ends at zero. `edge` is not zero on the first and the last usable row. */
export function addRunningSum(
  b: CircuitBuilder,
  { step, edge }: { readonly step: ColumnRef; readonly edge: ColumnRef },
  increment: Expression,
): void {
  const sum = b.advice('sum', 1);
  b.defineRecurrence(sum, { active: b.query(step), mul: b.constant(1), add: increment });
  b.gate('sum/step', b.mul(b.query(step), b.sub(b.sub(b.query(sum, 1), b.query(sum)), increment)));
  b.gate('sum/edge', b.mul(b.query(edge), b.query(sum)));
}

/** The first `parts` parts of the entries as fixed columns; rows behind the last entry repeat the first one. Row `i` holds entry `i`. */
export function tableColumns(entries: readonly Entry[], usable: number, parts = 4): Column[] {
  const first = entries[0] as Entry;
  return [0, 1, 2, 3]
    .slice(0, parts)
    .map((part) => Array.from({ length: usable }, (_, row) => BigInt((entries[row] ?? first)[part] as bigint | number)));
}

/** Counts how often each entry is looked up: `count` a tuple, then take `counts`. Tuples that are no entry are left uncounted. */
export class Multiplicities {
  readonly counts: Int32Array;
  readonly #rows = new Map<string, number>();

  constructor(entries: readonly Entry[], usable: number) {
    entries.forEach((entry, row) => void this.#rows.set(entry.join(' '), row));
    this.counts = new Int32Array(usable);
  }

  /** `times` lookups of one tuple. */
  count(tuple: readonly [tag: number, first: bigint, second?: bigint, third?: bigint], times = 1): void {
    const [tag, first, second = 0n, third = 0n] = tuple;
    const row = this.#rows.get(`${tag} ${first} ${second} ${third}`);
    if (row !== undefined) this.counts[row] = (this.counts[row] as number) + times;
  }
}
