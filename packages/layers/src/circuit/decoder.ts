/**
 * From the plan to a circuit: columns, gates, copies. All coefficients of the one linear identity are powers of the challenge b, held in
 * the column rho and copied to where they are needed, so the gates are the same for every model (book/circuit.md).
 */

import { type Circuit, CircuitBuilder, type Column, type ColumnRef, type Expression, type Ir, usableRows } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { PALETTE_SIZE } from '../manifest.ts';
import type { Model } from '../model.ts';
import { type Block, type Layout, placeBlocks, smallestLayout, usableRowsAt } from './layout.ts';
import { type Plan, planDecoder, type Reader, type Slots } from './plan.ts';
import { REMAINDER_TAG } from './tables.ts';

export interface DecoderCircuit extends Circuit {
  readonly plan: Plan;
  readonly layout: Layout;
  readonly blocks: readonly Block[];
  readonly usable: number;
}

export interface LayoutOptions {
  /** Triples of cells a row, 2 when absent. */
  readonly slots?: Slots;
  /** A multiple of the slots, four times as many when absent. */
  readonly weightColumns?: number;
}

/** Lookups of one helper column; its gate has two more degrees. */
const LOOKUPS_PER_HELPER = 3;

/** Compiles at the smallest k that holds rows, weights and table. Throws `circuit/*` errors for what it cannot prove. */
export function compileDecoder(model: Model, { slots = 2, weightColumns = 4 * slots }: LayoutOptions = {}): DecoderCircuit {
  const plan = planDecoder(model, slots);
  return compilePlan(plan, smallestLayout(plan, weightColumns));
}

/** The circuit of a plan in a layout that `placeBlocks` accepts. */
export function compilePlan(plan: Plan, layout: Layout): DecoderCircuit {
  const blocks = placeBlocks(plan, layout);
  if (!blocks) throw new RangeError(`the plan does not fit in 2^${layout.k} rows with ${layout.weightColumns} weight columns`);
  return new DecoderCompiler(plan, layout, blocks).compile();
}

/** The constraint system alone, without fixed values, copies and witness programs: what verification cost depends on. */
export function shapeOf(plan: Plan, layout: Layout): Ir {
  return new DecoderCompiler(plan, layout, undefined).compile().ir;
}

interface FixedColumns {
  readonly step: ColumnRef;
  readonly scale: ColumnRef;
  readonly constant: ColumnRef;
  /** Value, output and tag of the table's entries. */
  readonly table: readonly ColumnRef[];
  readonly head: ColumnRef | undefined;
  readonly activation: ColumnRef | undefined;
  readonly bind: ColumnRef;
  /** One for each of the plan's readers. */
  readonly inputs: readonly ColumnRef[];
  readonly sum: ColumnRef;
  readonly odd: ColumnRef | undefined;
  readonly pool: ColumnRef | undefined;
  readonly carry: ColumnRef;
  readonly weights: readonly ColumnRef[];
}

type Coefficients = Record<'rho' | 'kappa' | 'pi' | 'omega' | 'omegaIn', ColumnRef>;

interface Cells {
  readonly h: readonly ColumnRef[];
  readonly r: readonly ColumnRef[];
  readonly o: readonly ColumnRef[];
  readonly peak: ColumnRef;
  readonly multiplicity: ColumnRef;
}

class DecoderCompiler {
  readonly #plan: Plan;
  readonly #layout: Layout;
  /** Undefined for the constraint system alone. */
  readonly #blocks: readonly Block[] | undefined;
  readonly #usable: number;
  readonly #builder = new CircuitBuilder();
  readonly #values: Column[] = [];

  constructor(plan: Plan, layout: Layout, blocks: readonly Block[] | undefined) {
    this.#plan = plan;
    this.#layout = layout;
    this.#blocks = blocks;
    this.#usable = usableRowsAt(layout.k);
  }

  compile(): DecoderCircuit {
    const ir = this.#build();
    if (usableRows(ir) !== this.#usable) throw new RangeError(`planned for ${this.#usable} usable rows, the circuit has ${usableRows(ir)}`);
    return { ir, fixed: this.#values, plan: this.#plan, layout: this.#layout, blocks: this.#blocks ?? [], usable: this.#usable };
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
    if (this.#blocks) this.#broadcasts(cells.peak);
    const helpers = this.#lookups(fixed, cells, challenges);
    const linear = this.#linear(fixed, cells, coefficients, b.instance('public', instanceCount), challenges);
    this.#sum(fixed, b.add(linear, b.mul(challenges.epsilon, b.add(...helpers.map((c) => b.query(c))))));
    this.#flags(fixed, cells);
    return b.build(this.#layout.k);
  }

  /** `rho[i] = b^(slots*i)`. The next row of the last one of all, where `step` is 0, is the first, where it is 1. */
  #powers(fixed: FixedColumns, { rho }: Coefficients, base: Expression): void {
    const b = this.#builder;
    const [step, next] = [b.query(fixed.step), b.query(fixed.step, 1)];
    const factor = b.pow(base, this.#plan.slots);
    b.defineRecurrence(rho, { active: step, mul: factor, add: b.constant(0), constants: [[0, 1n]] });
    b.gate('power/first', b.mul(next, b.sub(1, step), b.sub(b.query(rho, 1), 1)));
    b.gate('power/step', b.mul(step, b.sub(b.query(rho, 1), b.mul(factor, b.query(rho)))));
  }

  /**
   * kappa and pi are copies of rho. omega sums each unit's weight rows, so that its value after the block's last row is the unit's
   * coefficient, which omegaIn copies to the unit's cells. Where carry is 2 the sum is multiplied by `1 + kappa`.
   */
  #coefficients(fixed: FixedColumns, { rho, kappa, pi, omega, omegaIn }: Coefficients, base: Expression): void {
    const b = this.#builder;
    const { words, pools, slots, readers } = this.#plan;
    const blocks = this.#blocks ?? [];
    const dense = slots > 1;
    const kappas = blocks.flatMap(({ first, rows }) => rows.map(({ kappaRow }, t) => [first + t, kappaRow] as const));
    const positions = blocks.flatMap(({ unit }) => (readers[unit.reader]?.position ? unit.cells.map(({ row, piRow }) => [row, piRow] as const) : []));
    const wordRows = words.map(({ row, wordRow }) => [row, wordRow] as const);
    this.#copies(kappa, rho, [...kappas, ...pools.map(({ row, kappaRow }) => [row, kappaRow] as const), ...(dense ? [] : wordRows)]);
    this.#copies(pi, rho, [...positions, ...(dense ? wordRows : [])]);
    const contraction = b.mul(b.query(kappa), b.powers(base, fixed.weights.map(this.#query)));
    const [step, carry] = [b.query(fixed.step), b.query(fixed.carry)];
    // carry is 0, 1 or 2, so carry*(carry - 1)/2 is 1 where it is 2.
    const fold = b.mul(field.inv(2n), carry, b.sub(carry, 1), b.sub(b.query(kappa), 1));
    const factor = b.add(carry, this.#folds() ? fold : b.constant(0));
    b.defineRecurrence(omega, { active: step, mul: factor, add: contraction });
    b.gate('weights/sum', b.mul(step, b.sub(b.query(omega, 1), b.add(b.mul(factor, b.query(omega)), contraction))));
    const coefficients = blocks.flatMap(({ unit, first, rows }) => unit.cells.map(({ row }) => [row, omega, first + rows.length] as const));
    const pixels = this.#pixelRows().map(([row, pixel]) => [row, rho, pixel] as const);
    this.#copiesFrom(omegaIn, [...coefficients, ...pixels]);
  }

  #folds(): boolean {
    return this.#plan.units.some(({ fold }) => fold !== undefined);
  }

  /** Rows of the head, and for each the row whose power stands for its pixel. */
  #pixelRows(): (readonly [row: number, pixel: number])[] {
    const { head, slots } = this.#plan;
    if (!head || !this.#blocks) return [];
    const perClass = head.grid.channelStride / slots;
    return Array.from({ length: head.grid.rows }, (_, i) => [head.baseRow + i, head.baseRow + (i % perClass)] as const);
  }

  #copies(column: ColumnRef, source: ColumnRef, rows: readonly (readonly [row: number, sourceRow: number])[]): void {
    this.#copiesFrom(
      column,
      rows.map(([row, sourceRow]) => [row, source, sourceRow] as const),
    );
  }

  /** A column that is nothing but copies. */
  #copiesFrom(column: ColumnRef, copies: readonly (readonly [row: number, source: ColumnRef, sourceRow: number])[]): void {
    const zero = this.#builder.constant(0);
    this.#builder.defineRecurrence(column, { active: zero, mul: zero, add: zero, copies });
  }

  /** All cells of `peak` outside the groups are one value, and the equations of the empty rows make it zero. */
  #broadcasts(peak: ColumnRef): void {
    const grouped = new Set(this.#plan.broadcasts.flat());
    const others = Array.from({ length: this.#usable - 1 }, (_, row) => row).filter((row) => !grouped.has(row));
    for (const [first, ...rest] of [...this.#plan.broadcasts, others]) for (const row of rest) this.#builder.copy(peak, first as number, peak, row);
  }

  /**
   * Lookups as sums of fractions (logUp): `sum 1/(beta + code) = sum multiplicity/(beta + entry)`, where a code is a triple compressed as
   * `value + theta*output + theta^2*tag`.
   */
  #lookups(fixed: FixedColumns, cells: Cells, { theta, beta }: { readonly theta: Expression; readonly beta: Expression }): ColumnRef[] {
    const b = this.#builder;
    const q = this.#query;
    const code = (value: Expression, output: Expression, tag: Expression) => b.add(beta, b.powers(theta, [value, output, tag]));
    const tags = [fixed.head, fixed.activation].flatMap((column) => (column ? [q(column)] : []));
    const activationTag = b.add(0, ...tags);
    const remainderTag = b.add(q(fixed.scale), REMAINDER_TAG);
    const activations = cells.h.map((h, j) => code(q(h), q(cells.o[j] as ColumnRef), activationTag));
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
    const q = this.#query;
    const { readers, slots } = this.#plan;
    const outputs = o.map(q);
    const values = h.map((c, j) => b.add(b.mul(q(fixed.scale), q(c)), q(r[j] as ColumnRef), q(fixed.constant), b.mul(-1, q(peak))));
    const inputs = readers.map((reader, i) =>
      b.mul(q(fixed.inputs[i] as ColumnRef), q(omegaIn), reader.position ? q(pi) : 1, this.#read(reader, outputs, base)),
    );
    const pooled = fixed.pool ? [b.mul(q(fixed.pool), q(kappa), b.add(...outputs))] : [];
    const pixelFlags = b.sub(b.add(...outputs), field.inv(BigInt(PALETTE_SIZE / slots)));
    const flags = fixed.head ? [b.mul(theta, q(fixed.head), q(omegaIn), pixelFlags)] : [];
    return b.add(
      b.mul(q(rho), b.powers(base, values)),
      b.mul(q(fixed.bind), q(rho), q(instance)),
      ...inputs,
      b.mul(q(slots === 1 ? kappa : pi), this.#word(fixed, outputs)),
      ...pooled,
      ...flags,
    );
  }

  #read({ terms }: Reader, outputs: readonly Expression[], base: Expression): Expression {
    const b = this.#builder;
    return b.add(...terms.map(({ slot, exponent }) => b.mul(b.pow(base, exponent), outputs[slot] as Expression)));
  }

  /** A latent's or channel's byte is in slot 0; the classes of a head's row are `first + slot`. */
  #word(fixed: FixedColumns, outputs: readonly Expression[]): Expression {
    const b = this.#builder;
    const [first, ...others] = outputs as [Expression, ...Expression[]];
    const row = fixed.head && others.length > 0 ? b.add(first, b.mul(b.query(fixed.head), b.add(...others))) : first;
    const odd = fixed.odd ? b.mul(b.query(fixed.odd), b.add(...others.map((c, i) => b.mul(i + 1, c)))) : b.constant(0);
    return b.add(b.mul(b.query(fixed.sum), row), odd);
  }

  /** One running sum for the linear identity and for the lookups: it begins and ends at zero. */
  #sum(fixed: FixedColumns, increment: Expression): void {
    const b = this.#builder;
    const [sum, step, next] = [b.advice('sum', 1), b.query(fixed.step), b.query(fixed.step, 1)];
    b.defineRecurrence(sum, { active: step, mul: b.constant(1), add: increment });
    b.gate('sum/step', b.mul(step, b.sub(b.sub(b.query(sum, 1), b.query(sum)), increment)));
    b.gate('sum/edge', b.mul(b.sub(step, next), b.query(sum, 1)));
  }

  #flags(fixed: FixedColumns, { o, r }: Cells): void {
    const b = this.#builder;
    const { head } = fixed;
    if (!head) return;
    o.forEach((c, j) => {
      b.gate(`head/flag-remainder-${j}`, b.mul(b.query(head), b.query(c), b.query(r[j] as ColumnRef)));
    });
  }

  readonly #query = (column: ColumnRef): Expression => this.#builder.query(column);

  #fixedColumns(): FixedColumns {
    const { slots, tables, constant, activation, scale, head, readers, words, pools, boundWords } = this.#plan;
    const blocks = this.#blocks ?? [];
    const usable = this.#usable;
    const when = <T>(condition: boolean, make: () => T) => (condition ? make() : undefined);
    const cellsOf = (reader: number) => blocks.filter(({ unit }) => unit.reader === reader).flatMap(({ unit }) => unit.cells);
    const fold = (rows: Block['rows']) => rows.map(({ weights }, t) => (weights ? Math.min(t, 1) : 2));
    return {
      step: this.#declare('step', (c) => c.fill(1, 0, usable - 1)),
      scale: this.#declare('scale', (c) => c.set(scale)),
      constant: this.#declare('constant', (c) => c.set(constant)),
      table: ['tableValue', 'tableOutput', 'tableTag'].map((name, part) =>
        this.#declare(name, (c) => {
          c.fill(tables.entries[0]?.[part] as number);
          tables.entries.forEach((entry, row) => {
            c[row] = entry[part] as number;
          });
        }),
      ),
      head: head && this.#declare('head', (c) => c.fill(1, head.baseRow, head.baseRow + head.grid.rows)),
      activation: when(tables.ranges.size > 1, () => this.#declare('activation', (c) => c.set(activation))),
      bind: this.#declare('bind', (c) => c.fill(1, 0, boundWords)),
      inputs: readers.map(({ name }, reader) =>
        this.#declare(name, (c) => {
          for (const { row } of cellsOf(reader)) c[row] = 1;
        }),
      ),
      sum: this.#declareField('sum', [
        ...words.map(({ row, sum }) => [row, sum] as const),
        ...(slots === 1 ? pools.map(({ row }) => [row, -1n] as const) : []),
      ]),
      odd: when(slots > 1 && head !== undefined, () =>
        this.#declareField(
          'odd',
          words.map(({ row, odd }) => [row, odd] as const),
        ),
      ),
      pool: when(slots > 1 && pools.length > 0, () =>
        this.#declare('pool', (c) => {
          for (const { row } of pools) c[row] = -1;
        }),
      ),
      carry: this.#declare('carry', (c) => {
        for (const { first, rows } of blocks) c.set(fold(rows), first);
      }),
      weights: Array.from({ length: this.#layout.weightColumns }, (_, j) =>
        this.#declare(`weight${j}`, (c) => {
          for (const { first, rows } of blocks) {
            rows.forEach(({ weights }, t) => {
              c[first + t] = weights?.[j] ?? 0;
            });
          }
        }),
      ),
    };
  }

  #declare(name: string, fill: (column: Int32Array) => void): ColumnRef {
    if (this.#blocks) {
      const column = new Int32Array(this.#usable);
      fill(column);
      this.#values.push(column);
    }
    return this.#builder.fixed(name);
  }

  #declareField(name: string, values: readonly (readonly [row: number, value: bigint])[]): ColumnRef {
    if (this.#blocks) {
      const column = new Array<bigint>(this.#usable).fill(0n);
      for (const [row, value] of values) column[row] = field.fr(value);
      this.#values.push(column);
    }
    return this.#builder.fixed(name);
  }
}
