/**
 * Correctly rounded binary32 arithmetic as a circuit: one row an operation. A row copies its operands from the rows that made them and
 * makes one new value (`s`, `e`, `m`; see `encoding.ts`).
 *
 * - multiply: `exact = m_a * m_b`, in units of `2^(e_a + e_b - 300)`.
 * - add: `exact = m_large * 2^alignment +- m_small`, in units of `2^(e_large - alignment - 150)`, with `alignment = min(distance, 27)`.
 *   Beyond 27 the small operand is below an eighth of the large one's last place, and so is what stands for it: the sum rounds alike.
 * - rounding, for both: `exact * multiplier = m * divisor +- error` with `2 * error <= divisor`, and less when `m` is odd (the slack is
 *   diminished by the parity: ties to even). `m = floor + up`, where `floor` has 24 bits, or at most 24 bits when `e = 1` (subnormal).
 * - maximum, minimum: the key `+-((e - 1) * 2^23 + m)` orders the values as the numbers that they are; both zeros have the key 0.
 * - input, output: the bit pattern is a public word.
 *
 * All finite values are covered, subnormals and signed zeros too. Infinities and NaN have no representation: as an input they are
 * rejected, and so is an operation that overflows. Every integer here is below 2^102 in absolute value, so the field does not wrap.
 */
import { type Circuit, CircuitBuilder, type Column, type ColumnRef, type Expression, usableRows } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { addLookups, addRunningSum, type Entry, tableColumns } from '../lookup.ts';
import { INFINITY_BITS, MAX_EXPONENT } from './encoding.ts';
import { HALF_LIMBS, LIMB_BITS, MAX_ALIGNMENT, shiftFactors, WIDE_LIMBS } from './rows.ts';

/** What a row does; each kind is a fixed column that is 1 on its rows. */
export const KINDS = ['input', 'outputBits', 'outputLabel', 'multiply', 'add', 'maximum', 'minimum'] as const;
export type Kind = (typeof KINDS)[number];

/** The fixed columns that say what the rows do, by name. */
export const PROGRAM_COLUMNS = [...KINDS, 'constant', 'constantSign', 'constantExponent', 'constantSignificand', 'constantLabel'] as const;
export type ProgramColumn = (typeof PROGRAM_COLUMNS)[number];

/** Cells that are copied into a row, and the cells of other rows that they come from. */
export const FIRST = ['aSign', 'aExponent', 'aSignificand', 'aLabel'] as const;
export const SECOND = ['bSign', 'bExponent', 'bSignificand'] as const;
export const RESULT = ['s', 'e', 'm', 'label'] as const;

const limbNames = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);
const ERROR = limbNames('error', WIDE_LIMBS);
const SLACK = limbNames('slack', WIDE_LIMBS);
const HALF = limbNames('half', HALF_LIMBS);
const EXACT = ['exact', 'shift', 'multiplier', 'divisor', 'differ', 'second', 'distance', 'power', 'alignment'] as const;
const VALUE = ['up', 'normal', 'odd', 'zero', 'inverse'] as const;

/** Advice columns of phase 0 in their order, without the multiplicity, which is the last. */
export const CELLS: readonly string[] = [...FIRST, ...SECOND, ...RESULT, ...EXACT, ...VALUE, ...HALF, ...ERROR, ...SLACK];

const TAG = { range: 0, exponent: 1, shift: 2, alignment: 3 } as const;

/** Rows between the last usable one and 2^k. */
const UNUSABLE = 6;

/** Every tuple that a row may look up. */
export const ENTRIES: readonly Entry[] = [
  ...Array.from({ length: 2 ** LIMB_BITS }, (_, v) => [TAG.range, BigInt(v), 0n, 0n] as const),
  ...Array.from({ length: MAX_EXPONENT }, (_, i) => [TAG.exponent, BigInt(i + 1), 0n, 0n] as const),
  ...shiftEntries(),
  ...Array.from({ length: MAX_EXPONENT }, (_, d) => alignmentEntry(d)),
];

/** `e - unit` over all results `e` of every unit that an operation can have; larger ones belong to no correct result. */
function shiftEntries(): Entry[] {
  const [lowest, highest] = [1 - (2 * MAX_EXPONENT - 150), 1 - (2 - 150)];
  return Array.from({ length: highest - lowest + 1 }, (_, i) => {
    const { multiplier, divisor } = shiftFactors(lowest + i);
    return [TAG.shift, field.fr(lowest + i), multiplier, divisor] as const;
  });
}

function alignmentEntry(distance: number): Entry {
  const alignment = BigInt(Math.min(distance, MAX_ALIGNMENT));
  return [TAG.alignment, BigInt(distance), 2n ** alignment, alignment];
}

/** The tuples of one row by its cells, as the circuit looks them up. */
export function lookedUp(
  kind: Kind | undefined,
  cell: (name: string) => bigint,
): (readonly [tag: number, first: bigint, second?: bigint, third?: bigint])[] {
  const rounds = kind === 'multiply' || kind === 'add';
  return [
    ...[...HALF, ...ERROR, ...SLACK].map((name) => [TAG.range, cell(name)] as const),
    [TAG.exponent, cell('e')],
    [rounds ? TAG.shift : 0, cell('shift'), cell('multiplier'), cell('divisor')],
    [kind === 'add' ? TAG.alignment : 0, cell('distance'), cell('power'), cell('alignment')],
  ];
}

/** What a program fixes: its columns, its copies and its number of public words. */
export interface ProgramLayout {
  readonly rows: number;
  readonly publicWords: number;
  readonly fixed: Readonly<Record<ProgramColumn, Int32Array>>;
  /** Cell of `to` on row `toRow` equals cell `from` of row `fromRow`. */
  readonly copies: readonly { readonly from: string; readonly fromRow: number; readonly to: string; readonly toRow: number }[];
}

/** The smallest k that holds the rows and the table. */
export function sizeOf(rows: number): number {
  return Math.ceil(Math.log2(Math.max(rows, ENTRIES.length) + UNUSABLE + 2));
}

export function compileBinary32(layout: ProgramLayout): Circuit {
  const b = new CircuitBuilder();
  const k = sizeOf(layout.rows);
  const usable = 2 ** k - UNUSABLE;
  const values: Column[] = [];
  const fixed = (name: string, column: Column): ColumnRef => {
    values.push(column);
    return b.fixed(name);
  };
  const edgeValues = new Int32Array(usable);
  [edgeValues[0], edgeValues[usable - 1]] = [1, 1];
  const step = fixed('step', new Int32Array(usable).fill(1, 0, usable - 1));
  const edge = fixed('edge', edgeValues);
  const table = tableColumns(ENTRIES, usable).map((column, i) => fixed(['tableTag', 'tableFirst', 'tableSecond', 'tableThird'][i] as string, column));
  const used = PROGRAM_COLUMNS.filter((name) => layout.fixed[name].some((value) => value !== 0));
  const program = new Map(used.map((name) => [name, fixed(name, layout.fixed[name])]));
  const columns = new Map(CELLS.map((name) => [name, b.advice(name, 0)]));
  const column = (name: string) => columns.get(name) as ColumnRef;
  const multiplicity = b.advice('multiplicity', 0);
  const words = b.instance('public', layout.publicWords);
  for (const name of [...FIRST, ...SECOND, ...RESULT]) b.enableEquality(column(name));
  for (const { from, fromRow, to, toRow } of layout.copies) b.copy(column(from), fromRow, column(to), toRow);

  const gates = new Gates(
    b,
    (name) => b.query(column(name)),
    (name) => queryOrZero(b, program.get(name)),
  );
  gates.operands();
  gates.borders(b.query(words));
  gates.multiply();
  gates.add();
  gates.round();
  gates.select();
  const helpers = addLookups(b, { step, table, multiplicity, tuples: gates.tuples(), theta: b.challenge('theta'), beta: b.challenge('beta') });
  addRunningSum(b, { step, edge }, helpers);
  const ir = b.build(k);
  if (usableRows(ir) !== usable) throw new RangeError(`planned for ${usable} usable rows, the circuit has ${usableRows(ir)}`);
  return { ir, fixed: values };
}

/** Columns without any 1 are left out: a key cannot hold the commitment of a zero column. */
function queryOrZero(b: CircuitBuilder, column: ColumnRef | undefined): Expression {
  return column ? b.query(column) : b.constant(0);
}

class Gates {
  readonly #b: CircuitBuilder;
  readonly #cell: (name: string) => Expression;
  readonly #is: (name: ProgramColumn) => Expression;

  constructor(b: CircuitBuilder, cell: (name: string) => Expression, is: (name: ProgramColumn) => Expression) {
    [this.#b, this.#cell, this.#is] = [b, cell, is];
  }

  /** A constant stands in the program instead of a copy. */
  operands(): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    this.#gate('operand/constant-sign', b.mul(is('constant'), b.sub(cell('bSign'), is('constantSign'))));
    this.#gate('operand/constant-exponent', b.mul(is('constant'), b.sub(cell('bExponent'), is('constantExponent'))));
    this.#gate('operand/constant-significand', b.mul(is('constant'), b.sub(cell('bSignificand'), is('constantSignificand'))));
  }

  /** Inputs and outputs as public words. */
  borders(word: Expression): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const bits = (sign: string, magnitude: Expression) => b.add(b.mul(2 ** 31, cell(sign)), magnitude);
    this.#gate('input/bits', b.mul(is('input'), b.sub(word, bits('s', this.#magnitude('e', 'm')))));
    this.#gate('input/sign', b.mul(is('input'), this.#boolean('s')));
    this.#gate('output/bits', b.mul(is('outputBits'), b.sub(word, bits('aSign', this.#magnitude('aExponent', 'aSignificand')))));
    this.#gate('output/label', b.mul(is('outputLabel'), b.sub(word, cell('aLabel'))));
  }

  multiply(): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const unit = b.sub(b.add(cell('aExponent'), cell('bExponent')), 150);
    this.#gate('multiply/product', b.mul(is('multiply'), b.sub(cell('exact'), b.mul(cell('aSignificand'), cell('bSignificand')))));
    this.#gate('multiply/shift', b.mul(is('multiply'), b.sub(cell('shift'), b.sub(cell('e'), unit))));
    this.#gate('multiply/sign', b.mul(is('multiply'), b.sub(cell('s'), this.#differ())));
  }

  /** `second` says that the second operand is the large one; with equal exponents the exact sum is not negative in one order only. */
  add(): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const choose = (whenFirst: Expression, whenSecond: Expression) => b.add(whenFirst, b.mul(cell('second'), b.sub(whenSecond, whenFirst)));
    const large = (part: string) => choose(cell(`a${part}`), cell(`b${part}`));
    const small = (part: string) => choose(cell(`b${part}`), cell(`a${part}`));
    const signed = b.mul(b.sub(1, b.mul(2, cell('differ'))), small('Significand'));
    const cancelled = b.mul(cell('differ'), cell('zero'));
    this.#gate('add/differ', b.mul(is('add'), b.sub(cell('differ'), this.#differ())));
    this.#gate('add/distance', b.mul(is('add'), b.sub(cell('distance'), b.sub(large('Exponent'), small('Exponent')))));
    this.#gate('add/sum', b.mul(is('add'), b.sub(cell('exact'), b.add(b.mul(large('Significand'), cell('power')), signed))));
    this.#gate('add/shift', b.mul(is('add'), b.sub(cell('shift'), b.sub(cell('e'), b.sub(large('Exponent'), cell('alignment'))))));
    this.#gate('add/sign', b.mul(is('add'), b.sub(cell('s'), b.mul(large('Sign'), b.sub(1, cancelled)))));
  }

  /** A new value is rounded to nearest, normal or subnormal, and finite. */
  round(): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const rounds = b.add(is('multiply'), is('add'));
    const isNew = b.add(is('input'), rounds);
    const error = this.#limbs(ERROR);
    const signedError = b.mul(b.sub(1, b.mul(2, cell('up'))), error);
    const parity = this.#exclusiveOr('odd', 'up');
    const floor = b.add(b.mul(2 ** 23, cell('normal')), b.mul(2, this.#limbs(HALF)), cell('odd'));
    const magnitude = this.#magnitude('e', 'm');
    const room = b.sub(INFINITY_BITS, magnitude);
    this.#gate(
      'round/division',
      b.mul(rounds, b.sub(b.mul(cell('exact'), cell('multiplier')), b.add(b.mul(cell('m'), cell('divisor')), signedError))),
    );
    this.#gate('round/nearest', b.mul(rounds, b.sub(cell('divisor'), b.add(b.mul(2, error), this.#limbs(SLACK), parity))));
    this.#gate('round/significand', b.mul(isNew, b.sub(cell('m'), b.add(floor, cell('up')))));
    for (const name of ['up', 'normal', 'odd']) this.#gate(`round/${name}`, b.mul(isNew, this.#boolean(name)));
    this.#gate('round/subnormal', b.mul(isNew, b.sub(1, cell('normal')), b.sub(cell('e'), 1)));
    this.#gate('round/zero', b.mul(isNew, cell('zero'), magnitude));
    this.#gate('round/finite', b.mul(isNew, b.sub(b.mul(magnitude, room, cell('inverse')), b.sub(1, cell('zero')))));
    this.#gate('round/label', b.mul(isNew, cell('label')));
  }

  /** The second operand is taken when it is strictly larger (maximum) or strictly smaller (minimum). */
  select(): void {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const selects = b.add(is('maximum'), is('minimum'));
    const key = (operand: string) =>
      b.mul(b.sub(1, b.mul(2, cell(`${operand}Sign`))), this.#magnitude(`${operand}Exponent`, `${operand}Significand`));
    const orientation = b.mul(b.sub(is('maximum'), is('minimum')), b.sub(1, b.mul(2, cell('second'))));
    this.#gate('select/order', b.sub(b.mul(orientation, b.sub(key('a'), key('b'))), b.mul(selects, b.add(cell('second'), this.#limbs(ERROR)))));
    this.#gate('second/boolean', b.mul(b.add(selects, is('add')), this.#boolean('second')));
    const chosen: readonly (readonly [id: string, result: string, first: Expression, second: Expression])[] = [
      ['sign', 's', cell('aSign'), cell('bSign')],
      ['exponent', 'e', cell('aExponent'), cell('bExponent')],
      ['significand', 'm', cell('aSignificand'), cell('bSignificand')],
      ['label', 'label', cell('aLabel'), is('constantLabel')],
    ];
    for (const [id, result, first, second] of chosen) {
      const value = b.add(first, b.mul(cell('second'), b.sub(second, first)));
      this.#gate(`select/${id}`, b.mul(selects, b.sub(cell(result), value)));
    }
  }

  tuples(): Expression[][] {
    const [b, cell, is] = [this.#b, this.#cell, this.#is];
    const rounds = b.add(is('multiply'), is('add'));
    return [
      ...[...HALF, ...ERROR, ...SLACK].map((name) => [b.constant(TAG.range), cell(name)]),
      [b.constant(TAG.exponent), cell('e')],
      [b.mul(TAG.shift, rounds), cell('shift'), cell('multiplier'), cell('divisor')],
      [b.mul(TAG.alignment, is('add')), cell('distance'), cell('power'), cell('alignment')],
    ];
  }

  /** A kind that the program does not use leaves no gate. */
  #gate(id: string, poly: Expression): void {
    if (poly.degree > 0) this.#b.gate(id, poly);
  }

  #magnitude(exponent: string, significand: string): Expression {
    const b = this.#b;
    return b.add(b.mul(2 ** 23, b.sub(this.#cell(exponent), 1)), this.#cell(significand));
  }

  #boolean(name: string): Expression {
    return this.#b.mul(this.#cell(name), this.#b.sub(this.#cell(name), 1));
  }

  #differ(): Expression {
    return this.#exclusiveOr('aSign', 'bSign');
  }

  #exclusiveOr(x: string, y: string): Expression {
    const b = this.#b;
    return b.sub(b.add(this.#cell(x), this.#cell(y)), b.mul(2, this.#cell(x), this.#cell(y)));
  }

  #limbs(names: readonly string[]): Expression {
    const b = this.#b;
    return b.add(...names.map((name, i) => b.mul(2 ** (LIMB_BITS * i), this.#cell(name))));
  }
}
