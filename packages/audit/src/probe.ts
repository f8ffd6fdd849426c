/**
 * Asks of a satisfied circuit: would it still be satisfied if these cells had other values? Phase-1 columns follow their definitions, as
 * they would in a prover's hands, unless the change names one of their cells. Only what a change can reach is evaluated again: every
 * gate on every row that reads a changed cell, and every copy of one; the rows of the blinding hold noise, and the row after the last of
 * all is the first. The tail of a running sum moves as a whole and is not visited row by row; should nothing else reject, the mock prover
 * evaluates everything.
 */
import { type Circuit, type Columns, type Definition, type Ir, mockProve, type Node, usableRows, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';

export interface Change {
  /** Position in `Probe.columns`. */
  readonly column: number;
  readonly row: number;
  readonly value: bigint;
}

const INVERSES_KEPT = 100_000;

/** The id of the gate or copy that rejects, or undefined when nothing does. */
export type Verdict = string | undefined;

/** Value of a cell of the witness. */
type Reader = (column: number, row: number) => bigint;

export class Probe {
  readonly ir: Ir;
  readonly usable: number;
  /** Names of the columns of a witness: the advice columns, then the instance columns. */
  readonly columns: readonly string[];
  readonly #circuit: Circuit;
  readonly #witness: Witness;
  readonly #fixed: Columns['fixed'];
  readonly #values: readonly (readonly bigint[])[];
  readonly #inverses = new Map<bigint, bigint>();
  readonly #constants: (bigint | undefined)[];
  readonly #reads: { readonly gates: readonly Reads[]; readonly definitions: readonly Reads[] };
  readonly #copies = new Map<string, number[]>();

  /** Throws `RangeError` when the witness does not satisfy the circuit. */
  constructor(circuit: Circuit, witness: Witness) {
    this.ir = circuit.ir;
    this.usable = usableRows(circuit.ir);
    this.columns = [...this.ir.advice, ...this.ir.instances].map(({ name }) => name);
    this.#circuit = circuit;
    this.#witness = witness;
    const kept: { columns?: Columns; challenges?: readonly bigint[] } = {};
    const failures = mockProve(circuit, witness, { tamper: (columns, challenges) => Object.assign(kept, { columns, challenges }) });
    if (!kept.columns || !kept.challenges || failures.length > 0) throw new RangeError(`the honest witness is rejected by ${failures[0]?.id}`);
    this.#fixed = kept.columns.fixed;
    this.#values = [...kept.columns.advice, ...kept.columns.instance];
    this.#constants = constantsOf(this.ir, kept.challenges);
    this.#reads = {
      gates: this.ir.gates.map(({ poly }) => readsOf(this.ir, [poly])),
      definitions: this.ir.definitions.map((d) => readsOf(this.ir, rootsOf(d))),
    };
    this.ir.copies.forEach(([i, rowI, j, rowJ], position) => {
      for (const [column, row] of [[i, rowI] as const, [j, rowJ] as const]) {
        const [kind, index] = this.ir.equality[column] as Ir['equality'][number];
        if (kind === 'fixed') continue;
        const key = `${this.#position(kind, index)} ${row}`;
        this.#copies.set(key, [...(this.#copies.get(key) ?? []), position]);
      }
    });
  }

  /** Rows of a column that somebody chooses: all of an advice column, the public words of an instance column. */
  height(column: number): number {
    return this.ir.instances[column - this.ir.advice.length]?.rows ?? 2 ** this.ir.k;
  }

  /** Present value of a cell. */
  value(column: number, row: number): bigint {
    return this.#values[column]?.[row] as bigint;
  }

  judge(changes: readonly Change[]): Verdict {
    const overlay = new Overlay(this.#values);
    for (const { column, row, value } of changes) overlay.set(column, row, value);
    const copy = this.#failedCopy(overlay);
    if (copy !== undefined) return copy;
    const named = new Set(changes.map(({ column }) => column));
    this.ir.definitions.forEach((definition, i) => {
      if (!named.has(definition.column)) this.#follow(definition, this.#reads.definitions[i] as Reads, overlay);
    });
    return this.#failedCopy(overlay) ?? this.#failedGate(overlay) ?? (overlay.shifted ? this.#confirm(overlay) : undefined);
  }

  /** Evaluates a definition again where its inputs have changed. */
  #follow(definition: Definition, reads: Reads, overlay: Overlay): void {
    const rows = [...this.#touched(reads, overlay)].filter((row) => row < this.usable).sort((a, b) => a - b);
    const at = (node: number, row: number) => this.#evaluate(node, row, overlay.read);
    if (definition.kind === 'map') for (const row of rows) overlay.set(definition.column, row, at(definition.expr, row));
    if (definition.kind === 'fraction') {
      for (const row of rows) {
        const parts = definition.terms.map(([num, den]) => field.mul(at(num, row), this.#inverse(at(den, row))));
        overlay.set(
          definition.column,
          row,
          parts.reduce((a, b) => field.add(a, b), 0n),
        );
      }
    }
    if (definition.kind === 'recurrence' && rows.length > 0) this.#recur(definition, rows, overlay);
  }

  /** From the first changed step on; where the factor is 1 and no step changes any more, the rest moves by one and the same amount. */
  #recur(definition: Extract<Definition, { kind: 'recurrence' }>, rows: readonly number[], overlay: Overlay): void {
    const loads = new Set(definition.loads.map(([row]) => row));
    const affected = new Set(rows);
    const last = rows.at(-1) as number;
    const plain = this.#constants[definition.mul] === 1n;
    for (let row = rows[0] as number; row + 1 < this.usable; row++) {
      const before = overlay.read(definition.column, row);
      const moved = field.sub(before, this.value(definition.column, row));
      if (row > last && moved === 0n) return;
      if (loads.has(row + 1)) continue;
      if (row > last && plain && loads.size === 0) {
        overlay.shift(definition.column, { from: row, end: this.usable, amount: moved });
        return;
      }
      if (!affected.has(row) && moved === 0n) continue;
      const active = this.#evaluate(definition.active, row, overlay.read) !== 0n;
      const step = field.add(field.mul(this.#evaluate(definition.mul, row, overlay.read), before), this.#evaluate(definition.add, row, overlay.read));
      overlay.set(definition.column, row + 1, active ? step : 0n);
    }
  }

  /** Most denominators of a row do not change, and are asked for again with the next change. */
  #inverse(value: bigint): bigint {
    const known = this.#inverses.get(value);
    if (known !== undefined) return known;
    if (this.#inverses.size >= INVERSES_KEPT) this.#inverses.clear();
    const inverse = field.inv(value);
    this.#inverses.set(value, inverse);
    return inverse;
  }

  #failedCopy({ cells, read }: Overlay): Verdict {
    for (const [column, changed] of cells) {
      for (const row of changed.keys()) {
        for (const position of this.#copies.get(`${column} ${row}`) ?? []) {
          const failed = this.#copyFails(position, read);
          if (failed) return failed;
        }
      }
    }
    return undefined;
  }

  #failedGate(overlay: Overlay): Verdict {
    for (const [i, { id, poly }] of this.ir.gates.entries()) {
      for (const row of this.#touched(this.#reads.gates[i] as Reads, overlay)) if (this.#evaluate(poly, row, overlay.read) !== 0n) return id;
    }
    return undefined;
  }

  #copyFails(position: number, read: Reader): Verdict {
    const [i, rowI, j, rowJ] = this.ir.copies[position] as readonly [number, number, number, number];
    const [a, b] = [this.ir.equality[i], this.ir.equality[j]] as [Ir['equality'][number], Ir['equality'][number]];
    const at = ([kind, index]: Ir['equality'][number], row: number) =>
      kind === 'fixed' ? this.#fixed[index]?.[row] : read(this.#position(kind, index), row);
    return at(a, rowI) === at(b, rowJ) ? undefined : `copy/${b[0] === 'advice' ? this.ir.advice[b[1]]?.name : b.join('')}`;
  }

  #position(kind: 'advice' | 'instance', index: number): number {
    return kind === 'advice' ? index : this.ir.advice.length + index;
  }

  /** Every gate and copy on every row, by the mock prover. */
  #confirm({ read }: Overlay): Verdict {
    const tamper = ({ advice, instance }: Columns) => {
      [...advice, ...instance].forEach((column, i) => {
        for (const row of column.keys()) column[row] = read(i, row);
      });
    };
    return mockProve(this.#circuit, this.#witness, { limit: 1, tamper })[0]?.id;
  }

  /** Rows on which an expression reads a changed cell. */
  #touched(reads: Reads, { cells }: Overlay): Set<number> {
    const rows = new Set<number>();
    for (const [column, rotations] of reads)
      for (const row of cells.get(column)?.keys() ?? []) for (const rotation of rotations) rows.add(this.#wrap(row - rotation));
    return rows;
  }

  /** The row after the last one of all is the first. */
  #wrap(row: number): number {
    const rows = 2 ** this.ir.k;
    return (row + rows) % rows;
  }

  #evaluate(index: number, row: number, read: Reader): bigint {
    const known = this.#constants[index];
    if (known !== undefined) return known;
    const node = this.ir.nodes[index] as Node;
    switch (node[0]) {
      case 'advice':
        return read(node[1], this.#wrap(row + node[2]));
      case 'instance':
        return read(this.ir.advice.length + node[1], this.#wrap(row + node[2]));
      case 'fixed':
        return this.#fixed[node[1]]?.[this.#wrap(row + node[2])] as bigint;
      case 'neg':
        return field.neg(this.#evaluate(node[1], row, read));
      case 'add':
        return field.add(this.#evaluate(node[1], row, read), this.#evaluate(node[2], row, read));
      case 'mul': {
        const left = this.#evaluate(node[1], row, read);
        return left === 0n ? 0n : field.mul(left, this.#evaluate(node[2], row, read));
      }
      default:
        throw new RangeError(`node ${index} has no value`);
    }
  }
}

interface Shift {
  readonly from: number;
  readonly end: number;
  readonly amount: bigint;
}

/** Changed cells over the satisfied columns; a shifted column moved by one amount on the rows after `from` and before `end`. */
class Overlay {
  readonly cells = new Map<number, Map<number, bigint>>();
  readonly #base: readonly (readonly bigint[])[];
  readonly #shifts = new Map<number, Shift>();

  constructor(base: readonly (readonly bigint[])[]) {
    this.#base = base;
  }

  get shifted(): boolean {
    return this.#shifts.size > 0;
  }

  readonly read: Reader = (column, row) => {
    const changed = this.cells.get(column)?.get(row);
    if (changed !== undefined) return changed;
    const value = this.#base[column]?.[row] as bigint;
    const shift = this.#shifts.get(column);
    return shift && row > shift.from && row < shift.end ? field.add(value, shift.amount) : value;
  };

  set(column: number, row: number, value: bigint): void {
    const cells = this.cells.get(column) ?? new Map<number, bigint>();
    cells.set(row, value);
    this.cells.set(column, cells);
  }

  /** The row before `end` is written as a cell, so that the gates there see the change. */
  shift(column: number, { from, end, amount }: Shift): void {
    this.#shifts.set(column, { from, end, amount });
    this.set(column, end - 1, this.read(column, end - 1));
  }
}

/** By column, the rotations at which an expression reads it. */
type Reads = ReadonlyMap<number, readonly number[]>;

function readsOf(ir: Ir, roots: readonly number[]): Reads {
  const reads = new Map<number, number[]>();
  const seen = new Set<number>();
  const visit = (index: number): void => {
    if (seen.has(index)) return;
    seen.add(index);
    const node = ir.nodes[index] as Node;
    if (node[0] === 'advice' || node[0] === 'instance') {
      const column = node[0] === 'advice' ? node[1] : ir.advice.length + node[1];
      reads.set(column, [...(reads.get(column) ?? []), node[2]]);
    }
    if (node[0] === 'neg' || node[0] === 'add' || node[0] === 'mul') visit(node[1]);
    if (node[0] === 'add' || node[0] === 'mul') visit(node[2]);
  };
  for (const root of roots) visit(root);
  return reads;
}

function rootsOf(definition: Definition): readonly number[] {
  if (definition.kind === 'map') return [definition.expr];
  return definition.kind === 'fraction' ? definition.terms.flat() : [definition.active, definition.mul, definition.add];
}

/** Values of the nodes that read no column. */
function constantsOf(ir: Ir, challenges: readonly bigint[]): (bigint | undefined)[] {
  const values: (bigint | undefined)[] = [];
  const both = (node: readonly [string, number, number], join: (a: bigint, b: bigint) => bigint) => {
    const [a, b] = [values[node[1]], values[node[2]]];
    return a === undefined || b === undefined ? undefined : join(a, b);
  };
  for (const node of ir.nodes) {
    if (node[0] === 'const') values.push(BigInt(node[1]));
    else if (node[0] === 'challenge') values.push(challenges[node[1]]);
    else if (node[0] === 'neg') values.push(values[node[1]] === undefined ? undefined : field.neg(values[node[1]] as bigint));
    else if (node[0] === 'add') values.push(both(node, field.add));
    else if (node[0] === 'mul') values.push(both(node, field.mul));
    else values.push(undefined);
  }
  return values;
}
