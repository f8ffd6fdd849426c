/**
 * Straight-line binary32 programs: operations on values that are inputs, constants, or results of earlier operations. A program is laid
 * out as one row an operation; its witness computes every row from the rows that it reads.
 */
import type { Circuit, Witness } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import { Multiplicities } from '../lookup.ts';
import {
  CELLS,
  compileBinary32,
  ENTRIES,
  FIRST,
  type Kind,
  lookedUp,
  PROGRAM_COLUMNS,
  type ProgramColumn,
  type ProgramLayout,
  RESULT,
  SECOND,
} from './circuit.ts';
import { bitsOf, fromBits, INFINITY_BITS, pack, type Unpacked, unpack } from './encoding.ts';
import { addRow, inputRow, multiplyRow, type RowCells, selectRow } from './rows.ts';

/** A constant of the program, or the result of an operation. */
export type Value = { readonly constant: number } | { readonly operation: number };

/** What records operations: a program, or a counter of them. */
export type Recorder = Omit<Program, 'compile'>;

interface Operation {
  readonly kind: Kind;
  readonly a?: Value;
  readonly b?: Value;
  /** Label that comes with `b`. */
  readonly label?: number;
}

/** Records operations; inputs are public words in the order of their declaration, outputs follow them. */
export class Program {
  readonly #inputs: Operation[] = [];
  readonly #operations: Operation[] = [];
  readonly #outputs: Operation[] = [];

  input(): Value {
    if (this.#operations.length > 0) throw new RangeError('inputs are declared before the first operation');
    this.#inputs.push({ kind: 'input' });
    return { operation: this.#inputs.length - 1 };
  }

  /** A binary32 value that the circuit fixes. */
  constant(value: number): Value {
    unpack(value);
    return { constant: value };
  }

  multiply(a: Value, b: Value): Value {
    return this.#commutative('multiply', a, b);
  }

  add(a: Value, b: Value): Value {
    return this.#commutative('add', a, b);
  }

  /** `b > a ? b : a`; `label` comes with `b`, the label of an arithmetic result is 0. */
  maximum(a: Value, b: Value, label = 0): Value {
    return this.#operation({ kind: 'maximum', a, b, label });
  }

  /** `b < a ? b : a`. */
  minimum(a: Value, b: Value, label = 0): Value {
    return this.#operation({ kind: 'minimum', a, b, label });
  }

  /** The bit pattern of a value becomes a public word. */
  output(a: Value): void {
    this.#outputs.push({ kind: 'outputBits', a });
  }

  /** The label of a value becomes a public word. */
  outputLabel(a: Value): void {
    this.#outputs.push({ kind: 'outputLabel', a });
  }

  compile(): CompiledProgram {
    return new CompiledProgram([...this.#inputs, ...this.#outputs, ...this.#operations], this.#inputs.length, this.#outputs.length);
  }

  #commutative(kind: Kind, a: Value, b: Value): Value {
    return 'constant' in a ? this.#operation({ kind, a: b, b: a }) : this.#operation({ kind, a, b });
  }

  #operation(operation: Operation): Value {
    if (operation.a && 'constant' in operation.a) throw new RangeError(`the first operand of ${operation.kind} is a constant`);
    return { operation: this.#inputs.length + this.#operations.push(operation) - 1 };
  }
}

/** Rows: inputs, outputs, operations. */
export class CompiledProgram {
  readonly layout: ProgramLayout;
  readonly circuit: Circuit;
  readonly #rows: readonly Operation[];
  readonly #inputs: number;
  readonly #outputs: number;

  constructor(rows: readonly Operation[], inputs: number, outputs: number) {
    [this.#rows, this.#inputs, this.#outputs] = [rows, inputs, outputs];
    this.layout = { rows: rows.length, publicWords: inputs + outputs, fixed: this.#fixed(), copies: this.#copies() };
    this.circuit = compileBinary32(this.layout);
  }

  /** Throws `float/overflow` when a result is not finite, and what `unpack` throws for an input. */
  witness(inputs: readonly number[]): Witness {
    if (inputs.length !== this.#inputs) {
      throw new BaseError({ code: 'float/input-count', message: `Expected ${this.#inputs} inputs, got ${inputs.length}.` });
    }
    const rows = this.#evaluate(inputs);
    const usable = (this.circuit.fixed[0] as ArrayLike<unknown>).length;
    const idle: RowCells = { e: 1n };
    const cellsOf = (row: number) => rows[row] ?? idle;
    const multiplicities = new Multiplicities(ENTRIES, usable);
    for (let row = 0; row < rows.length; row++) {
      for (const tuple of lookedUp(this.#rows[row]?.kind, (name) => cellsOf(row)[name] ?? 0n)) multiplicities.count(tuple);
    }
    for (const tuple of lookedUp(undefined, (name) => idle[name] ?? 0n)) multiplicities.count(tuple, usable - 1 - rows.length);
    const advice = CELLS.map((name) => Array.from({ length: usable }, (_, row) => cellsOf(row)[name] ?? 0n));
    return { advice: [...advice, multiplicities.counts], instances: [this.#words(rows, inputs)] };
  }

  /** Values of the outputs: numbers, or labels. */
  outputs(witness: Witness): number[] {
    const words = (witness.instances[0] as readonly bigint[]).slice(this.#inputs);
    return words.map((word, i) => (this.#rows[this.#inputs + i]?.kind === 'outputBits' ? fromBits(Number(word)) : Number(word)));
  }

  #evaluate(inputs: readonly number[]): RowCells[] {
    const cells = new Array<RowCells>(this.#rows.length);
    const first = this.#inputs + this.#outputs;
    inputs.forEach((value, row) => {
      cells[row] = inputRow(unpack(value));
    });
    for (let row = first; row < this.#rows.length; row++) cells[row] = this.#evaluateRow(this.#rows[row] as Operation, cells);
    for (let row = this.#inputs; row < first; row++) cells[row] = { e: 1n, ...copied(FIRST, cells[this.#source(this.#rows[row]?.a)] as RowCells) };
    addInverses(cells);
    return cells;
  }

  #evaluateRow({ kind, a, b, label = 0 }: Operation, cells: readonly RowCells[]): RowCells {
    const x = cells[this.#source(a)] as RowCells;
    const y = b && 'constant' in b ? constantCells(b.constant) : (cells[this.#source(b)] as RowCells);
    const operands = { ...copied(kind === 'maximum' || kind === 'minimum' ? FIRST : FIRST.slice(0, 3), x), ...copied(SECOND, y) };
    const [left, right] = [unpackedOf(x), unpackedOf(y)];
    if (kind === 'multiply') return { ...operands, ...multiplyRow(left, right) };
    if (kind === 'add') return { ...operands, ...addRow(left, right) };
    return { ...operands, ...selectRow({ ...left, label: Number(x.label ?? 0n) }, { ...right, label }, kind === 'maximum') };
  }

  #words(rows: readonly RowCells[], inputs: readonly number[]): bigint[] {
    const outputs = Array.from({ length: this.#outputs }, (_, i) => {
      const cells = rows[this.#inputs + i] as RowCells;
      if (this.#rows[this.#inputs + i]?.kind === 'outputLabel') return cells.aLabel ?? 0n;
      const [sign, exponent, significand] = [cells.aSign, cells.aExponent, cells.aSignificand].map((v) => Number(v)) as [0 | 1, number, number];
      return BigInt(bitsOf(pack({ sign, exponent, significand })));
    });
    return [...inputs.map((value) => BigInt(bitsOf(value))), ...outputs];
  }

  #fixed(): Record<ProgramColumn, Int32Array> {
    const fixed = Object.fromEntries(PROGRAM_COLUMNS.map((name) => [name, new Int32Array(this.#rows.length)])) as Record<ProgramColumn, Int32Array>;
    this.#rows.forEach(({ kind, b, label = 0 }, row) => {
      fixed[kind][row] = 1;
      fixed.constantLabel[row] = label;
      if (!b || !('constant' in b)) return;
      const { sign, exponent, significand } = unpack(b.constant);
      fixed.constant[row] = 1;
      [fixed.constantSign[row], fixed.constantExponent[row], fixed.constantSignificand[row]] = [sign, exponent, significand];
    });
    return fixed;
  }

  #copies(): ProgramLayout['copies'] {
    const copies: { from: string; fromRow: number; to: string; toRow: number }[] = [];
    const copy = (names: readonly string[], source: number, toRow: number) => {
      names.forEach((to, i) => {
        copies.push({ from: RESULT[i] as string, fromRow: source, to, toRow });
      });
    };
    this.#rows.forEach(({ kind, a, b }, row) => {
      const labelled = kind !== 'multiply' && kind !== 'add';
      if (a) copy(labelled ? FIRST : FIRST.slice(0, 3), this.#source(a), row);
      if (b && 'operation' in b) copy(SECOND, this.#source(b), row);
    });
    return copies;
  }

  /** Row of a value: outputs stand between inputs and operations. */
  #source(value: Value | undefined): number {
    if (!value || 'constant' in value) throw new RangeError('a constant has no row');
    return value.operation < this.#inputs ? value.operation : value.operation + this.#outputs;
  }
}

function copied(names: readonly string[], source: RowCells): RowCells {
  return Object.fromEntries(names.map((name, i) => [name, source[RESULT[i] as string] ?? 0n]));
}

function constantCells(value: number): RowCells {
  const { sign, exponent, significand } = unpack(value);
  return { s: BigInt(sign), e: BigInt(exponent), m: BigInt(significand) };
}

function unpackedOf({ s = 0n, e = 1n, m = 0n }: RowCells): Unpacked {
  return { sign: s === 1n ? 1 : 0, exponent: Number(e), significand: Number(m) };
}

/** `1/(magnitude * (infinity - magnitude))` of every new value but zero. */
function addInverses(rows: readonly RowCells[]): void {
  const fresh = rows.filter(({ zero }) => zero === 0n);
  const products = fresh.map(({ e = 1n, m = 0n }) => {
    const magnitude = (e - 1n) * 2n ** 23n + m;
    return field.fr(magnitude * (BigInt(INFINITY_BITS) - magnitude));
  });
  field.batchInv(products).forEach((inverse, i) => {
    (fresh[i] as RowCells).inverse = inverse;
  });
}
