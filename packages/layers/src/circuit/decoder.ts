/**
 * From the plan to a circuit: columns, gates, copies. All coefficients of the one linear identity are powers of the challenge b, held in
 * the column rho and copied to where they are needed, so the gates are the same for every model (book/circuit.md).
 */

import { type Circuit, CircuitBuilder, type Column, type ColumnRef, type Expression, type Ir, usableRows } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import type { Model } from '../manifest.ts';
import { type Plan, planDecoder } from './plan.ts';
import { REMAINDER_TAG } from './tables.ts';

export interface DecoderCircuit extends Circuit {
  readonly plan: Plan;
  readonly usable: number;
}

export interface LayoutOptions {
  /** Cells triples a row: 2 proves faster, 1 gives a smaller proof. */
  readonly slots?: 1 | 2;
}

const MAX_K = 20;
/** Lookups of one helper column; its gate has two more degrees. */
const LOOKUPS_PER_HELPER = 3;

/** Compiles at the smallest k that holds rows, weights and table. Throws `circuit/*` errors for what it cannot prove. */
export function compileDecoder(model: Model, { slots = 2 }: LayoutOptions = {}): DecoderCircuit {
  const plan = planDecoder(model, { slots, weightColumns: 4 * slots });
  const needed = Math.max(plan.rows, plan.tables.entries.length) + 2;
  for (let k = Math.max(4, Math.ceil(Math.log2(needed))); k <= MAX_K; k++) {
    const blocks = 2 ** k - 6 > needed ? placeBlocks(plan, 2 ** k - 6) : undefined;
    if (blocks) return new DecoderCompiler(plan, k, blocks).compile();
  }
  throw new BaseError({
    code: 'circuit/too-large',
    message: `Expected the decoder to fit in 2^${MAX_K} rows, but it needs ${needed} rows and more for its weights.`,
  });
}

/** First row of each unit's weight block; undefined when they do not fit. Rows whose kappa is taken by a sum are left out. */
function placeBlocks(plan: Plan, usable: number): number[] | undefined {
  const taken = new Set(plan.sums.map(({ row }) => row));
  const starts: number[] = [];
  let row = 0;
  for (const { blocks } of plan.units) {
    let free = 0;
    while (free < blocks.length) {
      if (row >= usable - 2) return undefined;
      free = taken.has(row++) ? 0 : free + 1;
    }
    starts.push(row - blocks.length);
  }
  return starts;
}

interface FixedColumns {
  readonly step: ColumnRef;
  readonly edge: ColumnRef;
  readonly scale: ColumnRef;
  readonly constant: ColumnRef;
  readonly constantOdd: ColumnRef | undefined;
  /** Value, output and tag of the table's entries. */
  readonly table: readonly ColumnRef[];
  readonly head: ColumnRef;
  readonly broadcast: ColumnRef;
  readonly input: ColumnRef;
  readonly bind: ColumnRef;
  readonly sum: ColumnRef;
  readonly sumOdd: ColumnRef | undefined;
  readonly carry: ColumnRef;
  readonly latent: ColumnRef | undefined;
  readonly weights: readonly ColumnRef[];
}

type Coefficients = Record<'rho' | 'kappa' | 'pi' | 'omega' | 'omegaIn', ColumnRef>;

class DecoderCompiler {
  readonly #plan: Plan;
  readonly #k: number;
  readonly #blocks: readonly number[];
  readonly #usable: number;
  readonly #builder = new CircuitBuilder();
  readonly #values: Column[] = [];

  constructor(plan: Plan, k: number, blocks: readonly number[]) {
    this.#plan = plan;
    this.#k = k;
    this.#blocks = blocks;
    this.#usable = 2 ** k - 6;
  }

  compile(): DecoderCircuit {
    const ir = this.#build();
    if (usableRows(ir) !== this.#usable) throw new RangeError(`planned for ${this.#usable} usable rows, the circuit has ${usableRows(ir)}`);
    return { ir, fixed: this.#values, plan: this.#plan, usable: this.#usable };
  }

  #build(): Ir {
    const b = this.#builder;
    const { slots, instanceCount } = this.#plan;
    const fixed = this.#fixedColumns();
    const perSlot = (name: string) => Array.from({ length: slots }, (_, j) => b.advice(`${name}${j}`, 0));
    const cells = { h: perSlot('h'), r: perSlot('r'), o: perSlot('o'), peak: b.advice('peak', 0), multiplicity: b.advice('multiplicity', 0) };
    const column = (name: string) => b.advice(name, 1);
    const coefficients = { rho: column('rho'), kappa: column('kappa'), pi: column('pi'), omega: column('omega'), omegaIn: column('omegaIn') };
    const challenges = { base: b.challenge('b'), theta: b.challenge('theta'), beta: b.challenge('beta'), epsilon: b.challenge('epsilon') };
    for (const c of [...Object.values(coefficients), cells.peak]) b.enableEquality(c);

    this.#powers(fixed, coefficients, challenges.base);
    this.#coefficients(fixed, coefficients, challenges.base);
    for (const [first, ...others] of this.#plan.broadcasts) for (const row of others) b.copy(cells.peak, first as number, cells.peak, row);
    const helpers = this.#lookups(fixed, cells, challenges);
    const linear = this.#linear(fixed, cells, coefficients, b.instance('public', instanceCount), challenges);
    this.#sum(fixed, b.add(linear, b.mul(challenges.epsilon, b.add(...helpers.map((c) => b.query(c))))));
    this.#restrictions(fixed, cells);
    return b.build(this.#k);
  }

  /** `rho[i] = b^(slots*i)`. The edge column is 1 on the first row and 2 on the last usable one. */
  #powers(fixed: FixedColumns, { rho }: Coefficients, base: Expression): void {
    const b = this.#builder;
    const [step, edge] = [b.query(fixed.step), b.query(fixed.edge)];
    const factor = b.pow(base, this.#plan.slots);
    b.defineRecurrence(rho, { active: step, mul: factor, add: b.constant(0), constants: [[0, 1n]] });
    b.gate('power/first', b.mul(edge, b.sub(2, edge), b.sub(b.query(rho), 1)));
    b.gate('power/step', b.mul(step, b.sub(b.query(rho, 1), b.mul(factor, b.query(rho)))));
  }

  /**
   * kappa and pi are copies of rho. omega sums each unit's weight rows, so that its value after the block's last row is the unit's
   * coefficient, which omegaIn copies to the unit's cells.
   */
  #coefficients(fixed: FixedColumns, { rho, kappa, pi, omega, omegaIn }: Coefficients, base: Expression): void {
    const b = this.#builder;
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
    ]);
    copiesOnly(pi, rho, [
      ...units.flatMap(({ cells }) => cells.map(({ row, piRow }) => [row, piRow] as const)),
      ...Array.from({ length: head.rows }, (_, i) => [head.baseRow + i, head.baseRow + this.#pixelRow(i)] as const),
    ]);
    const contraction = b.mul(
      b.query(kappa),
      b.powers(
        base,
        fixed.weights.map((w) => b.query(w)),
      ),
    );
    const [step, carry] = [b.query(fixed.step), b.query(fixed.carry)];
    b.defineRecurrence(omega, { active: step, mul: carry, add: contraction });
    b.gate('weights/sum', b.mul(step, b.sub(b.query(omega, 1), b.add(b.mul(carry, b.query(omega)), contraction))));
    copiesOnly(
      omegaIn,
      omega,
      units.flatMap(({ blocks, cells }, u) => cells.map(({ row }) => [row, start(u) + blocks.length] as const)),
    );
  }

  /** Row, counted from the head's first, whose power stands for the pixel of head row `i`. */
  #pixelRow(i: number): number {
    const { head, slots } = this.#plan;
    const inPlane = i % ((2 * head.pixels) / slots);
    return slots === 1 ? inPlane - (inPlane % 2) : inPlane;
  }

  /**
   * Lookups as sums of fractions (logUp): `sum 1/(beta + code) = sum multiplicity/(beta + entry)`, where a code is a triple compressed as
   * `value + theta*output + theta^2*tag`.
   */
  #lookups(fixed: FixedColumns, cells: Cells, { theta, beta }: { readonly theta: Expression; readonly beta: Expression }): ColumnRef[] {
    const b = this.#builder;
    const q = (c: ColumnRef) => b.query(c);
    const code = (value: Expression, output: Expression, tag: Expression) => b.add(beta, b.powers(theta, [value, output, tag]));
    const remainderTag = b.add(q(fixed.scale), REMAINDER_TAG);
    const activations = cells.h.map((h, j) => code(q(h), q(cells.o[j] as ColumnRef), q(fixed.head)));
    const remainders = cells.r.map((r) => code(q(r), b.constant(0), remainderTag));
    const [value, output, tag] = fixed.table.map(q) as [Expression, Expression, Expression];
    const terms = [
      ...[...activations, ...remainders].map((den) => ({ num: b.constant(1), den })),
      { num: b.mul(-1, q(cells.multiplicity)), den: code(value, output, tag) },
    ];
    const helpers: ColumnRef[] = [];
    for (let i = 0; i < terms.length; i += LOOKUPS_PER_HELPER) {
      const helper = b.advice(`helper${helpers.length}`, 1);
      b.gate(`lookup/${helper.name}`, b.mul(q(fixed.step), b.defineFraction(helper, terms.slice(i, i + LOOKUPS_PER_HELPER))));
      helpers.push(helper);
    }
    return helpers;
  }

  /** What one row adds to the linear identity; over all rows the terms cancel exactly when every layer was computed rightly. */
  #linear(
    fixed: FixedColumns,
    { h, r, o, peak }: Cells,
    { rho, kappa, pi, omegaIn }: Coefficients,
    instance: ColumnRef,
    { base, theta }: { readonly base: Expression; readonly theta: Expression },
  ): Expression {
    const b = this.#builder;
    const q = (c: ColumnRef) => b.query(c);
    const odd = (j: number) => (j === 1 && fixed.constantOdd ? q(fixed.constantOdd) : b.constant(0));
    const values = h.map((c, j) => b.add(b.mul(q(fixed.scale), q(c)), q(r[j] as ColumnRef), q(fixed.constant), odd(j)));
    const outputs = o.map(q);
    const oddSum = fixed.sumOdd ? b.mul(q(fixed.sumOdd), outputs[1] as Expression) : b.constant(0);
    const rowsPerPixel = this.#plan.head.classes / this.#plan.slots;
    return b.add(
      b.mul(q(rho), b.powers(base, values)),
      b.mul(
        -1,
        q(fixed.broadcast),
        q(rho),
        b.powers(
          base,
          h.map(() => 1),
        ),
        q(peak),
      ),
      b.mul(q(fixed.input), q(omegaIn), q(pi), b.powers(base, outputs, 2)),
      b.mul(q(kappa), b.add(b.mul(q(fixed.sum), b.add(...outputs)), oddSum)),
      b.mul(q(fixed.bind), q(rho), q(instance)),
      b.mul(theta, q(fixed.head), q(pi), b.sub(b.add(...outputs), field.inv(BigInt(rowsPerPixel)))),
    );
  }

  /** One running sum for the linear identity and for the lookups: it begins and ends at zero. */
  #sum(fixed: FixedColumns, increment: Expression): void {
    const b = this.#builder;
    const [sum, step] = [b.advice('sum', 1), b.query(fixed.step)];
    b.defineRecurrence(sum, { active: step, mul: b.constant(1), add: increment });
    b.gate('sum/step', b.mul(step, b.sub(b.sub(b.query(sum, 1), b.query(sum)), increment)));
    b.gate('sum/edge', b.mul(b.query(fixed.edge), b.query(sum)));
  }

  #restrictions(fixed: FixedColumns, { o, r }: Cells): void {
    const b = this.#builder;
    o.forEach((c, j) => {
      b.gate(`head/flag-remainder-${j}`, b.mul(b.query(fixed.head), b.query(c), b.query(r[j] as ColumnRef)));
    });
    if (fixed.latent) b.gate('latent/single', b.mul(b.query(fixed.latent), b.add(...o.slice(1).map((c) => b.query(c)))));
  }

  #fixedColumns(): FixedColumns {
    const { slots, tables, constants, scale, head, broadcasts, units, sums, boundWords, latent, weightColumns } = this.#plan;
    const usable = this.#usable;
    const two = slots === 2;
    const declare = (name: string, fill: (column: Int32Array) => void): ColumnRef => {
      const column = new Int32Array(usable);
      fill(column);
      this.#values.push(column);
      return this.#builder.fixed(name);
    };
    const constantAt = (row: number, slot: number) => constants.get(slots * row + slot) ?? 0;
    const rowsWithConstants = new Set([...constants.keys()].map((e) => Math.floor(e / slots)));
    return {
      step: declare('step', (c) => c.fill(1, 0, usable - 1)),
      edge: declare('edge', (c) => {
        c[0] = 1;
        c[usable - 1] = 2;
      }),
      scale: declare('scale', (c) => {
        for (const [row, value] of scale) c[row] = value;
      }),
      constant: declare('constant', (c) => {
        for (const row of rowsWithConstants) c[row] = constantAt(row, 0);
      }),
      constantOdd: two
        ? declare('constantOdd', (c) => {
            for (const row of rowsWithConstants) c[row] = constantAt(row, 1) - constantAt(row, 0);
          })
        : undefined,
      table: ['tableValue', 'tableOutput', 'tableTag'].map((name, part) =>
        declare(name, (c) => {
          c.fill(tables.entries[0]?.[part] as number);
          tables.entries.forEach((entry, row) => {
            c[row] = entry[part] as number;
          });
        }),
      ),
      head: declare('head', (c) => c.fill(1, head.baseRow, head.baseRow + head.rows)),
      broadcast: declare('broadcast', (c) => {
        for (const rows of broadcasts) for (const row of rows) c[row] = 1;
      }),
      input: declare('input', (c) => {
        for (const { cells } of units) for (const { row } of cells) c[row] = 1;
      }),
      bind: declare('bind', (c) => c.fill(1, 0, boundWords)),
      sum: this.#fixedField('sum', new Map(sums.map((s) => [s.row, s.sum]))),
      sumOdd: two ? this.#fixedField('sumOdd', new Map(sums.map((s) => [s.row, s.odd]))) : undefined,
      carry: declare('carry', (c) => {
        units.forEach(({ blocks }, u) => {
          const start = this.#blocks[u] as number;
          c.fill(1, start + 1, start + blocks.length);
        });
      }),
      latent: two ? declare('latent', (c) => c.fill(1, latent.baseRow, latent.baseRow + latent.rows)) : undefined,
      weights: Array.from({ length: weightColumns }, (_, j) =>
        declare(`weight${j}`, (c) => {
          units.forEach(({ blocks }, u) => {
            blocks.forEach(({ weights }, t) => {
              c[(this.#blocks[u] as number) + t] = weights[j] ?? 0;
            });
          });
        }),
      ),
    };
  }

  #fixedField(name: string, values: ReadonlyMap<number, bigint>): ColumnRef {
    const column = new Array<bigint>(this.#usable).fill(0n);
    for (const [row, value] of values) column[row] = field.fr(value);
    this.#values.push(column);
    return this.#builder.fixed(name);
  }
}

interface Cells {
  readonly h: readonly ColumnRef[];
  readonly r: readonly ColumnRef[];
  readonly o: readonly ColumnRef[];
  readonly peak: ColumnRef;
  readonly multiplicity: ColumnRef;
}
