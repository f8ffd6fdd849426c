/**
 * What a circuit costs, counted from its IR and its fixed columns, the same way for every number format. Counted are the rows in use,
 * `0 .. rows-1`; padding to a power of two, blinding rows and the table's rows are not.
 */
import type { Circuit, Ir, Node } from '@pentimento/circuit';

export interface CircuitCounts {
  readonly k: number;
  readonly rows: number;
  readonly degree: number;
  /** Equations that the fixed columns leave in force: gates on the rows where they are not zero whatever the advice. */
  readonly constraints: number;
  readonly copies: number;
  /** Advice cells, both phases. */
  readonly adviceCells: number;
  readonly adviceColumns: number;
  readonly fixedColumns: number;
  /** Looked-up tuples. */
  readonly lookups: number;
  readonly lookupsPerRow: number;
}

/** `rows`: how many rows, from the first, hold cells of the statement. */
export function countCircuit(circuit: Circuit, rows: number): CircuitCounts {
  const { ir } = circuit;
  const lookupsPerRow = lookupsOf(ir);
  return {
    k: ir.k,
    rows,
    degree: ir.degree,
    constraints: constraintsByRow(circuit, rows).reduce((sum, count) => sum + count),
    copies: ir.copies.length,
    adviceCells: rows * ir.advice.length,
    adviceColumns: ir.advice.length,
    fixedColumns: ir.fixed.length,
    lookups: rows * lookupsPerRow,
    lookupsPerRow,
  };
}

/** For every row below `rows` the number of gates that constrain anything on it. */
export function constraintsByRow({ ir, fixed }: Circuit, rows: number): number[] {
  const vanishes: Uint8Array[] = [];
  for (const node of ir.nodes) vanishes.push(vanishingRows(node, vanishes, fixed, rows));
  return Array.from({ length: rows }, (_, row) => ir.gates.reduce((sum, { poly }) => sum + 1 - (vanishes[poly]?.[row] as number), 0));
}

/** 1 on the rows where a node is zero whatever the advice: products of such nodes, sums of two. */
function vanishingRows(node: Node, known: readonly Uint8Array[], fixed: Circuit['fixed'], rows: number): Uint8Array {
  const [kind, a, b] = node;
  const at = (index: number) => known[index] as Uint8Array;
  if (kind === 'fixed') return Uint8Array.from({ length: rows }, (_, row) => Number(BigInt(fixed[a]?.[row + (b as number)] ?? 0) === 0n));
  if (kind === 'neg') return at(a);
  if (kind === 'add') return at(a).map((zero, row) => zero & (at(b as number)[row] as number));
  if (kind === 'mul') return at(a).map((zero, row) => zero | (at(b as number)[row] as number));
  return new Uint8Array(rows).fill(kind === 'const' && a === '0' ? 1 : 0);
}

/** Fractions of the logUp helpers, less the table's own, which is the only one with a numerator that is not constant. */
function lookupsOf(ir: Ir): number {
  return ir.definitions.reduce((sum, d) => (d.kind === 'fraction' ? sum + d.terms.filter(([num]) => ir.nodes[num]?.[0] === 'const').length : sum), 0);
}
