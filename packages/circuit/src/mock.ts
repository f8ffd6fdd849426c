/**
 * The mock prover: evaluates every gate and copy of a circuit on a witness with random challenges and reports all failures. Gates are
 * checked on every row, those of the blinding included. It shares the column definitions with the engine, so it sees the phase-1 values
 * that the real prover would compute; a test can replace them.
 */
import { field } from '@pentimento/core';
import type { Circuit, Column, Definition, Ir, Node, Witness } from './ir.ts';

export interface Failure {
  /** Gate id, or `copy/<column>` of the right-hand side of a copy. */
  readonly id: string;
  readonly row: number;
  /** Values of the queried cells, by `column@rotation`. */
  readonly cells: Readonly<Record<string, bigint>>;
}

export interface MockOptions {
  /** One per challenge, default: pseudorandom from a fixed seed. */
  readonly challenges?: readonly bigint[];
  /** Stop after this many failures (default 20). */
  readonly limit?: number;
  /** Gate ids that are taken out, to show what they alone reject. */
  readonly without?: ReadonlySet<string>;
  /** Last change to the phase-1 columns before checking. */
  readonly tamper?: (columns: Columns, challenges: readonly bigint[]) => void;
}

/** Dense column values on rows `0 .. 2^k - 1`. */
export interface Columns {
  readonly fixed: bigint[][];
  readonly advice: bigint[][];
  readonly instance: bigint[][];
}

/** Rows that a prover may assign: `2^k - blindingFactors - 1`. */
export function usableRows(ir: Ir): number {
  return 2 ** ir.k - blindingFactors(ir) - 1;
}

/** halo2's rule: two more than the largest number of distinct rotations of an advice column, which counts as at least three. */
export function blindingFactors(ir: Ir): number {
  const rotations = ir.advice.map(() => new Set<number>());
  for (const node of reachable(ir)) if (node[0] === 'advice') rotations[node[1]]?.add(node[2] as number);
  for (const [kind, index] of ir.equality) if (kind === 'advice') rotations[index]?.add(0);
  return Math.max(3, ...rotations.map((r) => r.size)) + 2;
}

/** All failures of the witness, up to the limit; empty means satisfied. */
export function mockProve(circuit: Circuit, witness: Witness, options: MockOptions = {}): Failure[] {
  const { ir } = circuit;
  const challenges = options.challenges ?? seededChallenges(ir.challenges.length);
  const columns = assign(circuit, witness);
  for (const definition of ir.definitions) evaluateDefinition(ir, definition, columns, challenges);
  blind(ir, columns);
  options.tamper?.(columns, challenges);
  return check(ir, columns, challenges, options.limit ?? 20, options.without ?? new Set());
}

function assign(circuit: Circuit, witness: Witness): Columns {
  const n = 2 ** circuit.ir.k;
  return {
    fixed: circuit.fixed.map((c) => dense(c, n)),
    advice: circuit.ir.advice.map((_, i) => dense(witness.advice[i] ?? [], n)),
    instance: circuit.ir.instances.map((_, i) => dense(witness.instances[i] ?? [], n)),
  };
}

function dense(column: Column, n: number): bigint[] {
  return Array.from({ length: n }, (_, i) => (i < column.length ? field.fr(column[i] as number | bigint) : 0n));
}

/** The prover fills the rows after the usable ones with random values, so a gate must hold there whatever they are. */
function blind(ir: Ir, { advice }: Columns): void {
  for (const [i, column] of advice.entries()) {
    for (let row = usableRows(ir); row < column.length; row++) column[row] = field.pow(BigInt(7919 * row + i + 2), 5n);
  }
}

function evaluateDefinition(ir: Ir, definition: Definition, columns: Columns, challenges: readonly bigint[]): void {
  const usable = usableRows(ir);
  const target = columns.advice[definition.column] as bigint[];
  const at = (node: number, row: number) => evaluate(ir, node, row, columns, challenges);
  if (definition.kind === 'map') for (let i = 0; i < usable; i++) target[i] = at(definition.expr, i);
  if (definition.kind === 'fraction') {
    const dens = definition.terms.flatMap(([, den]) => Array.from({ length: usable }, (_, i) => at(den, i)));
    const inverses = field.batchInv(dens);
    for (let i = 0; i < usable; i++) {
      target[i] = definition.terms.reduce((sum, [num], j) => field.add(sum, field.mul(at(num, i), inverses[j * usable + i] as bigint)), 0n);
    }
  }
  if (definition.kind === 'recurrence') {
    const loads = new Map(definition.loads.map((load) => [load[0], load]));
    for (let i = 0; i < usable; i++) {
      const load = loads.get(i);
      if (load) target[i] = load[1] === 'const' ? BigInt(load[2]) : ((columns.advice[load[1]] as bigint[])[load[2]] as bigint);
      else if (i > 0 && at(definition.active, i - 1) !== 0n) {
        target[i] = field.add(field.mul(at(definition.mul, i - 1), target[i - 1] as bigint), at(definition.add, i - 1));
      } else target[i] = 0n;
    }
  }
}

function check(ir: Ir, columns: Columns, challenges: readonly bigint[], limit: number, without: ReadonlySet<string>): Failure[] {
  const failures: Failure[] = [];
  for (const [i, rowI, j, rowJ] of ir.copies) {
    const [a, b] = [ir.equality[i], ir.equality[j]] as [readonly [keyof Columns, number], readonly [keyof Columns, number]];
    const [left, right] = [columns[a[0]][a[1]]?.[rowI] as bigint, columns[b[0]][b[1]]?.[rowJ] as bigint];
    const id = `copy/${b[0] === 'advice' ? ir.advice[b[1]]?.name : b.join('')}`;
    if (left !== right && !without.has(id)) failures.push({ id, row: rowJ, cells: { left, right } });
    if (failures.length >= limit) return failures;
  }
  for (let row = 0; row < 2 ** ir.k; row++) {
    for (const { id, poly } of ir.gates) {
      if (without.has(id) || evaluate(ir, poly, row, columns, challenges) === 0n) continue;
      failures.push({ id, row, cells: cellsOf(ir, poly, row, columns) });
      if (failures.length >= limit) return failures;
    }
  }
  return failures;
}

/** Value of a node at a row. Zero factors cut the evaluation short: most selectors are zero on most rows. */
function evaluate(ir: Ir, index: number, row: number, columns: Columns, challenges: readonly bigint[]): bigint {
  const cache = constantsOf(ir, challenges);
  const known = cache[index];
  if (known !== undefined) return known;
  const node = ir.nodes[index] as Node;
  const at = (child: number) => evaluate(ir, child, row, columns, challenges);
  switch (node[0]) {
    case 'fixed':
    case 'advice':
    case 'instance': {
      const column = columns[node[0]][node[1]] as bigint[];
      return column[(row + (node[2] as number) + column.length) % column.length] as bigint;
    }
    case 'neg':
      return field.neg(at(node[1]));
    case 'add':
      return field.add(at(node[1]), at(node[2] as number));
    case 'mul': {
      const left = at(node[1]);
      return left === 0n ? 0n : field.mul(left, at(node[2] as number));
    }
    default:
      throw new RangeError(`node ${index} is neither a constant nor an operation`);
  }
}

let constantCache: { ir: Ir; challenges: readonly bigint[]; values: (bigint | undefined)[] } | undefined;

/** Values of the nodes that read no column: they are the same on every row. */
function constantsOf(ir: Ir, challenges: readonly bigint[]): (bigint | undefined)[] {
  if (constantCache?.ir === ir && constantCache.challenges === challenges) return constantCache.values;
  const values: (bigint | undefined)[] = [];
  for (const node of ir.nodes) {
    const [a, b] = [values[node[1] as number], values[(node[2] ?? -1) as number]];
    if (node[0] === 'const') values.push(BigInt(node[1]));
    else if (node[0] === 'challenge') values.push(challenges[node[1]]);
    else if (node[0] === 'neg') values.push(a === undefined ? undefined : field.neg(a));
    else if (node[0] === 'add') values.push(a === undefined || b === undefined ? undefined : field.add(a, b));
    else if (node[0] === 'mul') values.push(a === undefined || b === undefined ? undefined : field.mul(a, b));
    else values.push(undefined);
  }
  constantCache = { ir, challenges, values };
  return values;
}

function reachable(ir: Ir): Node[] {
  const seen = new Set<number>();
  const visit = (index: number): void => {
    if (seen.has(index)) return;
    seen.add(index);
    const node = ir.nodes[index] as Node;
    if (node[0] === 'neg' || node[0] === 'add' || node[0] === 'mul') visit(node[1]);
    if (node[0] === 'add' || node[0] === 'mul') visit(node[2] as number);
  };
  for (const { poly } of ir.gates) visit(poly);
  return [...seen].map((i) => ir.nodes[i] as Node);
}

function cellsOf(ir: Ir, poly: number, row: number, columns: Columns): Record<string, bigint> {
  const cells: Record<string, bigint> = {};
  const visit = (index: number): void => {
    const node = ir.nodes[index] as Node;
    if (node[0] === 'advice') {
      const column = columns.advice[node[1]] as bigint[];
      cells[`${ir.advice[node[1]]?.name}@${node[2]}`] = column[(row + (node[2] as number) + column.length) % column.length] as bigint;
    }
    if (node[0] === 'neg' || node[0] === 'add' || node[0] === 'mul') visit(node[1]);
    if (node[0] === 'add' || node[0] === 'mul') visit(node[2] as number);
  };
  visit(poly);
  return cells;
}

/** Fixed pseudorandom challenges: a satisfied witness passes for any, a wrong one fails for all but a negligible share. */
function seededChallenges(count: number): bigint[] {
  const values: bigint[] = [];
  let state = 0x70656e74696d656e746fn;
  for (let i = 0; i < count; i++) {
    state = field.pow(field.fr(state + BigInt(i) + 7n), 5n);
    values.push(state);
  }
  return values;
}
