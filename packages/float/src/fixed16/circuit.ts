/**
 * The decoder in fixed point with 16 fractional bits as a circuit. Linear layers are one polynomial identity at a random point, as in the
 * int8 circuit (book/circuit.md); what the wider numbers change is the cell of an element and its checks:
 *
 * - a sum of products `acc` (units of 2^-32) is rescaled, `2^16*q + r = acc + 2^15` with `0 <= r < 2^16`;
 * - `q` is clamped by comparison: `q = output + side*excess` with side -1 (`q <= 0`, output 0), 1 (`q >= limit`, output = limit) or 0, where
 *   `excess = limit - output` proves `output <= limit`;
 * - remainder, output and excess are range-checked in limbs of 12 bits (the remainder's upper one has 4): seven lookups where int8 has two.
 *
 * In a palette head, `output + 2^24*excess` is the difference to the pixel's largest key, and side is the flag of the largest. The outputs of
 * an RGB head are elements like those of every layer, ten of them a word of the image.
 */
import { type Circuit, CircuitBuilder, type Column, type ColumnRef, type Expression, usableRows } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { FIXED_LIMIT, FRACTION_BITS } from '../arithmetics.ts';
import { addLookups, addRunningSum, type Entry, tableColumns } from '../lookup.ts';
import { LATENT_LIMIT, PIXELS_A_WORD, type Plan, planFixed16 } from './plan.ts';

export interface Fixed16Circuit extends Circuit {
  readonly plan: Plan;
  readonly usable: number;
}

export const LIMB_BITS = 12;
const SHORT_BITS: number = FRACTION_BITS - LIMB_BITS;
const MAX_K = 20;
/** Rows between the last usable one and 2^k. */
const UNUSABLE = 6;

export const TAG = { limb: 0, short: 1 } as const;

/** Every tuple that a row may look up. */
export const ENTRIES: readonly Entry[] = [
  ...Array.from({ length: 2 ** LIMB_BITS }, (_, v) => [TAG.limb, BigInt(v), 0n, 0n] as const),
  ...Array.from({ length: 2 ** SHORT_BITS }, (_, v) => [TAG.short, BigInt(v), 0n, 0n] as const),
];

/** Looked-up cells, by their table: limbs of the remainder, the output and the excess, the lowest first. */
export const LIMBS = ['remainder0', 'output0', 'output1', 'excess0', 'excess1', 'excess2'] as const;
export const SHORT = ['remainder1'] as const;
/** Advice columns of phase 0 in their order, without the multiplicity, which is the last. */
export const CELLS = [...LIMBS, ...SHORT, 'side', 'peak'] as const;
export type Cell = (typeof CELLS)[number];

/** Throws `circuit/too-large` beyond 2^20 rows, and what `planFixed16` throws. */
export function compileFixed16(model: Model): Fixed16Circuit {
  const plan = planFixed16(model);
  const needed = Math.max(plan.rows, ENTRIES.length) + 2;
  for (let k = Math.ceil(Math.log2(needed + UNUSABLE)); k <= MAX_K; k++) {
    const blocks = placeBlocks(plan, 2 ** k - UNUSABLE);
    if (blocks) return new Compiler(plan, k, blocks).compile();
  }
  throw new BaseError({ code: 'circuit/too-large', message: `Expected the decoder to fit in 2^${MAX_K} rows, but it needs more than ${needed}.` });
}

/** First row of each unit's weights; undefined when they do not fit. Rows whose kappa is taken by a sum are left out. */
function placeBlocks({ units, sums, head }: Plan, usable: number): number[] | undefined {
  const taken = new Set([...sums.map(({ row }) => row), ...Array.from({ length: head.count }, (_, i) => head.first + i)]);
  const starts: number[] = [];
  let row = 0;
  for (const { blocks } of units) {
    for (let free = 0; free < blocks.length; ) {
      if (row >= usable - 2) return undefined;
      free = taken.has(row++) ? 0 : free + 1;
    }
    starts.push(row - blocks.length);
  }
  return starts;
}

const FIXED = [
  'step',
  'edge',
  'rescale',
  'clamp',
  'limit',
  'constant',
  'head',
  'broadcast',
  'input',
  'bind',
  'sum',
  'flagSum',
  'carry',
  'tableTag',
  'tableValue',
  'weight0',
  'weight1',
  'weight2',
  'weight3',
] as const;
type FixedName = (typeof FIXED)[number];

class Compiler {
  readonly #plan: Plan;
  readonly #k: number;
  readonly #blocks: readonly number[];
  readonly #usable: number;
  readonly #b = new CircuitBuilder();
  /** Columns without any value are left out: a key cannot hold the commitment of a zero column. */
  readonly #fixed: ReadonlyMap<FixedName, ColumnRef>;
  readonly #values: Column[] = [];
  readonly #cells: Record<Cell, ColumnRef>;
  readonly #multiplicity: ColumnRef;

  constructor(plan: Plan, k: number, blocks: readonly number[]) {
    [this.#plan, this.#k, this.#blocks, this.#usable] = [plan, k, blocks, 2 ** k - UNUSABLE];
    const values = this.#fixedValues();
    const used = FIXED.filter((name) => values[name].some((value) => BigInt(value) !== 0n));
    this.#fixed = new Map(used.map((name) => [name, this.#declare(name, values[name])]));
    this.#cells = Object.fromEntries(CELLS.map((name) => [name, this.#b.advice(name, 0)])) as Record<Cell, ColumnRef>;
    this.#multiplicity = this.#b.advice('multiplicity', 0);
  }

  compile(): Fixed16Circuit {
    const b = this.#b;
    const [rho, kappa, pi, omega, omegaIn] = ['rho', 'kappa', 'pi', 'omega', 'omegaIn'].map((name) => b.advice(name, 1)) as [
      ColumnRef,
      ColumnRef,
      ColumnRef,
      ColumnRef,
      ColumnRef,
    ];
    const challenges = { base: b.challenge('b'), theta: b.challenge('theta'), beta: b.challenge('beta'), epsilon: b.challenge('epsilon') };
    for (const column of [rho, kappa, pi, omega, omegaIn, this.#cells.peak]) b.enableEquality(column);
    this.#powers(rho, challenges.base);
    this.#coefficients({ rho, kappa, pi, omega, omegaIn }, challenges.base);
    this.#broadcasts();
    this.#clamps();
    const helpers = this.#lookups(challenges);
    const linear = this.#linear({ rho, kappa, pi, omegaIn }, challenges.theta);
    addRunningSum(b, { step: this.#column('step'), edge: this.#column('edge') }, b.add(linear, b.mul(challenges.epsilon, helpers)));
    const ir = b.build(this.#k);
    if (usableRows(ir) !== this.#usable) throw new RangeError(`planned for ${this.#usable} usable rows, the circuit has ${usableRows(ir)}`);
    return { ir, fixed: this.#values, plan: this.#plan, usable: this.#usable };
  }

  /** `rho[i] = b^i`. */
  #powers(rho: ColumnRef, base: Expression): void {
    const b = this.#b;
    const [step, edge] = [this.#is('step'), this.#is('edge')];
    b.defineRecurrence(rho, { active: step, mul: base, add: b.constant(0), constants: [[0, 1n]] });
    b.gate('power/first', b.mul(edge, b.sub(2, edge), b.sub(b.query(rho), 1)));
    b.gate('power/step', b.mul(step, b.sub(b.query(rho, 1), b.mul(base, b.query(rho)))));
  }

  /** kappa and pi are copies of powers; omega sums a unit's weights, omegaIn copies the sum to the unit's cells. */
  #coefficients({ rho, kappa, pi, omega, omegaIn }: Record<'rho' | 'kappa' | 'pi' | 'omega' | 'omegaIn', ColumnRef>, base: Expression): void {
    const b = this.#b;
    const { units, sums, head } = this.#plan;
    const start = (u: number) => this.#blocks[u] as number;
    const copiesOnly = (column: ColumnRef, source: ColumnRef, rows: readonly (readonly [row: number, sourceRow: number])[]) =>
      b.defineRecurrence(column, {
        active: b.constant(0),
        mul: b.constant(0),
        add: b.constant(0),
        copies: rows.map(([row, sourceRow]) => [row, source, sourceRow] as const),
      });
    copiesOnly(kappa, rho, [
      ...units.flatMap(({ blocks }, u) => blocks.map(({ kappaRow }, t) => [start(u) + t, kappaRow] as const)),
      ...sums.map(({ row, kappaRow }) => [row, kappaRow] as const),
      ...this.#flags().map(({ row, kappaRow }) => [row, kappaRow] as const),
    ]);
    copiesOnly(pi, rho, [
      ...units.flatMap(({ cells }) => cells.map(({ row, piRow }) => [row, piRow] as const)),
      ...Array.from({ length: head.count }, (_, i) => [head.first + i, head.first + (i % head.pixels)] as const),
    ]);
    const weights = ['weight0', 'weight1', 'weight2', 'weight3'] as const;
    const contraction = b.mul(
      b.query(kappa),
      b.powers(
        base,
        weights.map((name) => this.#is(name)),
      ),
    );
    const [step, carry] = [this.#is('step'), this.#is('carry')];
    b.defineRecurrence(omega, { active: step, mul: carry, add: contraction });
    b.gate('weights/sum', b.mul(step, b.sub(b.query(omega, 1), b.add(b.mul(carry, b.query(omega)), contraction))));
    copiesOnly(
      omegaIn,
      omega,
      units.flatMap(({ blocks, cells }, u) => cells.map(({ row }) => [row, start(u) + blocks.length] as const)),
    );
  }

  /** One value a channel, one largest key a pixel. */
  #broadcasts(): void {
    const { branches } = this.#plan;
    const { peak } = this.#cells;
    for (const [first, ...others] of [...branches, ...headGroups(this.#plan)])
      for (const row of others) this.#b.copy(peak, first as number, peak, row);
  }

  /** A side other than -1, 0 and 1 would need an output of 0 and of the limit at once. */
  #clamps(): void {
    const b = this.#b;
    const [clamp, side, output, excess, limit] = [this.#is('clamp'), this.#cell('side'), this.#output(), this.#excess(), this.#is('limit')];
    b.gate('clamp/below', b.mul(clamp, side, b.sub(side, 1), output));
    b.gate('clamp/above', b.mul(clamp, side, b.add(side, 1), b.sub(output, limit)));
    b.gate('clamp/inside', b.mul(clamp, b.sub(1, b.mul(side, side)), b.sub(b.add(excess, output), limit)));
    if (this.#plan.head.count > 0) b.gate('head/flag', b.mul(this.#is('head'), side, this.#difference()));
  }

  #lookups({ theta, beta }: { readonly theta: Expression; readonly beta: Expression }): Expression {
    const b = this.#b;
    const tuples = [
      ...LIMBS.map((name) => [b.constant(TAG.limb), this.#cell(name)]),
      ...SHORT.map((name) => [b.constant(TAG.short), this.#cell(name)]),
    ];
    const table = [this.#column('tableTag'), this.#column('tableValue')];
    return addLookups(b, { step: this.#column('step'), table, multiplicity: this.#multiplicity, tuples, theta, beta });
  }

  /** What a row adds to the linear identity. */
  #linear({ rho, kappa, pi, omegaIn }: Record<'rho' | 'kappa' | 'pi' | 'omegaIn', ColumnRef>, theta: Expression): Expression {
    const b = this.#b;
    const q = (c: ColumnRef) => b.query(c);
    const [output, side, peak] = [this.#output(), this.#cell('side'), this.#cell('peak')];
    const rescaled = b.add(b.mul(2 ** FRACTION_BITS, b.add(output, b.mul(side, this.#excess()))), this.#remainder());
    const value = b.add(b.mul(this.#is('rescale'), rescaled), b.mul(this.#is('head'), this.#difference()), this.#is('constant'));
    const instance = b.instance('public', this.#plan.latentWords + this.#plan.imageWords);
    return b.add(
      b.mul(q(rho), b.sub(value, b.mul(this.#is('broadcast'), peak))),
      b.mul(this.#is('input'), q(omegaIn), q(pi), output),
      b.mul(q(kappa), b.add(b.mul(this.#is('sum'), output), b.mul(this.#is('flagSum'), side))),
      b.mul(this.#is('bind'), q(rho), q(instance)),
      b.mul(theta, this.#is('head'), q(pi), b.sub(b.mul(this.#plan.head.classes, side), 1)),
    );
  }

  #output(): Expression {
    return this.#joined(['output0', 'output1']);
  }

  #excess(): Expression {
    return this.#joined(['excess0', 'excess1', 'excess2']);
  }

  #remainder(): Expression {
    return this.#joined(['remainder0', 'remainder1']);
  }

  #difference(): Expression {
    return this.#joined(['output0', 'output1', 'excess0', 'excess1', 'excess2']);
  }

  #joined(names: readonly Cell[]): Expression {
    return this.#b.add(...names.map((name, i) => this.#b.mul(2 ** (LIMB_BITS * i), this.#cell(name))));
  }

  #cell(name: Cell): Expression {
    return this.#b.query(this.#cells[name]);
  }

  #is(name: FixedName): Expression {
    return this.#fixed.has(name) ? this.#b.query(this.#column(name)) : this.#b.constant(0);
  }

  #column(name: FixedName): ColumnRef {
    return this.#fixed.get(name) as ColumnRef;
  }

  #declare(name: FixedName, values: Column): ColumnRef {
    this.#values.push(values);
    return this.#b.fixed(name);
  }

  /** A pixel's class number counts for the word of the image that holds the pixel. */
  #flags(): { row: number; kappaRow: number; coefficient: bigint }[] {
    const { head, latentWords } = this.#plan;
    return Array.from({ length: head.count }, (_, i) => {
      const [k, p] = [Math.floor(i / head.pixels), i % head.pixels];
      return {
        row: head.first + i,
        kappaRow: latentWords + Math.floor(p / PIXELS_A_WORD),
        coefficient: -BigInt(k) * 16n ** BigInt(PIXELS_A_WORD - 1 - (p % PIXELS_A_WORD)),
      };
    });
  }

  #fixedValues(): Record<FixedName, Column> {
    const { units, sums, outputs, latent, head, branches, constants, latentWords, imageWords } = this.#plan;
    const usable = this.#usable;
    const ints = (fill: (column: Int32Array) => void): Int32Array => {
      const column = new Int32Array(usable);
      fill(column);
      return column;
    };
    const elements = (values: Iterable<readonly [row: number, value: bigint | number]>): bigint[] => {
      const column = new Array<bigint>(usable).fill(0n);
      for (const [row, value] of values) column[row] = field.fr(value);
      return column;
    };
    const weightColumn = (j: number) =>
      ints((c) => {
        units.forEach(({ blocks }, u) => {
          blocks.forEach(({ weights }, t) => {
            c[(this.#blocks[u] as number) + t] = weights[j] ?? 0;
          });
        });
      });
    const [tableTag, tableValue] = tableColumns(ENTRIES, usable, 2) as [Column, Column];
    return {
      step: ints((c) => c.fill(1, 0, usable - 1)),
      edge: ints((c) => {
        [c[0], c[usable - 1]] = [1, 2];
      }),
      rescale: ints((c) => {
        for (const { first, count } of outputs) c.fill(1, first, first + count);
      }),
      clamp: ints((c) => {
        for (const { first, count } of [latent, ...outputs]) c.fill(1, first, first + count);
      }),
      limit: ints((c) => {
        for (const { first, count } of outputs) c.fill(FIXED_LIMIT, first, first + count);
        c.fill(LATENT_LIMIT, latent.first, latent.first + latent.count);
      }),
      constant: elements(constants),
      head: ints((c) => c.fill(1, head.first, head.first + head.count)),
      broadcast: ints((c) => {
        for (const rows of branches) for (const row of rows) c[row] = 1;
        c.fill(1, head.first, head.first + head.count);
      }),
      input: ints((c) => {
        for (const { cells, factor } of units) for (const { row } of cells) c[row] = factor;
      }),
      bind: ints((c) => c.fill(1, 0, latentWords + imageWords)),
      sum: elements(sums.map(({ row, sum }) => [row, sum] as const)),
      flagSum: elements(this.#flags().map(({ row, coefficient }) => [row, coefficient] as const)),
      carry: ints((c) => {
        units.forEach(({ blocks }, u) => {
          c.fill(1, (this.#blocks[u] as number) + 1, (this.#blocks[u] as number) + blocks.length);
        });
      }),
      tableTag,
      tableValue,
      weight0: weightColumn(0),
      weight1: weightColumn(1),
      weight2: weightColumn(2),
      weight3: weightColumn(3),
    };
  }
}

/** The head's rows, pixel by pixel. */
export function headGroups({ head }: Plan): number[][] {
  return Array.from({ length: head.pixels }, (_, p) => Array.from({ length: head.classes }, (_, k) => head.first + k * head.pixels + p));
}
