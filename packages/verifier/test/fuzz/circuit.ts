/**
 * Random satisfiable circuits with their witness: up to two phases and three challenges, rotations -3..3, permutations of 0..10 columns of
 * all kinds, 0..3 instance columns with 0..40 rows each, degrees 3..9, and columns defined by maps, recurrences and fractions.
 *
 * Every gate says that one *result* column equals a random expression of the *free* columns on the active rows. Copies join free cells
 * only; each class of joined cells gets one random value before the results are computed.
 */
import { type Circuit, CircuitBuilder, type ColumnRef, type Definition, type Expression, usableRows, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { Random } from './random.ts';

/** Rows at each end on which no gate holds, so that no rotation leaves the usable rows. */
const MARGIN = 3;
/** At least `blindingFactors + 1` of the circuits made here: seven rotations and the two that halo2 adds, and one row more. */
const BLINDED = 10;

export interface Sample {
  readonly seed: number;
  readonly circuit: Circuit;
  readonly witness: Witness;
}

/** An expression and its value on a row; the value of an expression with challenges is not known and never asked for. */
interface Term {
  readonly e: Expression;
  readonly at: (row: number) => bigint;
}

export function randomSample(seed: number): Sample {
  return new Generator(seed).run();
}

class Generator {
  private readonly seed: number;
  private readonly random: Random;
  private readonly b = new CircuitBuilder();
  private readonly k: number;
  private readonly degree: number;
  private readonly values = new Map<ColumnRef, bigint[]>();
  private readonly gates: [id: string, poly: Expression][] = [];
  private readonly maps: Definition[] = [];
  private readonly fixed: ColumnRef[];
  private readonly free: ColumnRef[];
  private readonly instances: ColumnRef[];
  private challenges: readonly Expression[] = [];
  private equality: readonly ColumnRef[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.random = new Random(seed);
    const { random, b } = this;
    this.k = random.integer(6, 8);
    this.degree = random.integer(3, 9);
    this.fixed = columns(random.integer(2, 4), (i) => b.fixed(`f${i}`));
    this.free = columns(random.integer(1, 5), (i) => b.advice(`a${i}`, 0));
    this.instances = columns(random.integer(0, 3), (i) => b.instance(`i${i}`, random.integer(0, 40)));
  }

  run(): Sample {
    const { random, b } = this;
    const results = columns(random.integer(0, 2), (i) => b.advice(`r${i}`, 0));
    const phase1 = columns(random.integer(results.length === 0 ? 1 : 0, 3), (i) => b.advice(`p${i}`, 1));
    const challenges = columns(random.integer(0, 3), (i) => b.challenge(`c${i}`));
    this.fill();
    const candidates = [...this.instances, ...this.free, ...this.fixed.slice(1), ...results, ...phase1];
    this.equality = random.sample(candidates, random.chance(20) ? 0 : random.integer(1, 10));
    for (const column of this.equality) b.enableEquality(column);
    this.join();
    for (const [i, column] of results.entries()) this.result(column, i === 0 && phase1.length === 0);
    this.challenges = challenges;
    for (const [i, column] of phase1.entries()) this.define(column, i === 0);
    for (const [id, poly] of random.sample(this.gates, this.gates.length)) b.gate(id, poly);
    const built = b.build(this.k);
    const ir = { ...built, definitions: [...this.maps, ...built.definitions] };
    if (usableRows(ir) < this.rows()) throw new RangeError(`seed ${this.seed}: more rows are used than usable`);
    return {
      seed: this.seed,
      circuit: { ir, fixed: this.fixed.map((column) => this.of(column)) },
      witness: { advice: [...this.free, ...results].map((column) => this.of(column)), instances: this.instances.map((column) => this.of(column)) },
    };
  }

  private rows(): number {
    return 2 ** this.k - BLINDED;
  }

  private of(column: ColumnRef): bigint[] {
    return this.values.get(column) as bigint[];
  }

  /** Random values of fixed, free and instance columns; fixed column 0 is the selector of the active rows. */
  private fill(): void {
    const { random } = this;
    const value = () => (random.chance(30) ? random.scalar() : field.fr(random.integer(-200, 200)));
    const rows = this.rows();
    for (const column of [...this.fixed, ...this.free]) this.values.set(column, columns(rows, value));
    for (const [i, column] of this.instances.entries()) this.values.set(column, columns(this.b.build(this.k).instances[i]?.rows ?? 0, value));
    const active = (row: number) => BigInt(row >= MARGIN && row < rows - MARGIN);
    this.values.set(
      this.fixed[0] as ColumnRef,
      columns(rows, (row) => active(row)),
    );
  }

  /** Copies between random cells of the free columns with equality; joined cells share one value. */
  private join(): void {
    const { random, b } = this;
    const known = this.equality.filter((column) => this.values.has(column) && this.of(column).length > 0);
    if (known.length === 0) return;
    const cell = (): readonly [ColumnRef, number] => {
      const column = random.pick(known);
      return [column, random.integer(0, this.of(column).length - 1)];
    };
    const classOf = new Map<string, (readonly [ColumnRef, number])[]>();
    const key = ([column, row]: readonly [ColumnRef, number]) => `${column.name} ${row}`;
    for (let i = random.integer(0, 30); i > 0; i--) {
      const [x, y] = [cell(), cell()];
      b.copy(x[0], x[1], y[0], y[1]);
      const joined = [...new Set([...(classOf.get(key(x)) ?? [x]), ...(classOf.get(key(y)) ?? [y])])];
      for (const member of joined) classOf.set(key(member), joined);
    }
    for (const members of new Set(classOf.values())) {
      const shared = random.scalar();
      for (const [column, row] of members) this.of(column)[row] = shared;
    }
  }

  /** A phase-0 column whose values are computed here. */
  private result(column: ColumnRef, exact: boolean): void {
    const { b } = this;
    const expression = this.expression(exact);
    const values = columns(this.rows(), (row) => {
      const active = row >= MARGIN && row < this.rows() - MARGIN;
      return active ? expression.at(row) : this.random.scalar();
    });
    this.values.set(column, values);
    this.gate(column.name, b.sub(b.query(column), expression.e));
  }

  /** A phase-1 column whose values the engine computes. */
  private define(column: ColumnRef, exact: boolean): void {
    const { b, random } = this;
    const kind = exact ? 0 : random.integer(0, 2);
    const [challenge] = this.challenges;
    if (kind === 1) this.recurrence(column);
    else if (kind === 2 && challenge !== undefined && this.degree >= 4) {
      const terms = columns(random.integer(1, Math.min(3, this.degree - 3)), (i) => ({
        num: this.leaf().e,
        den: b.add(challenge, b.query(random.pick(this.free)), b.constant(i)),
      }));
      this.gate(column.name, b.defineFraction(column, terms));
    } else {
      const { e } = this.expression(exact);
      this.maps.push({ kind: 'map', column: column.index, expr: e.node });
      this.gate(column.name, b.sub(b.query(column), e));
    }
  }

  private recurrence(column: ColumnRef): void {
    const { b, random } = this;
    const active = b.query(this.fixed[0] as ColumnRef);
    const mul = this.challenges.length > 0 && random.chance(60) ? random.pick(this.challenges) : b.constant(random.integer(2, 9));
    const add = this.leaf().e;
    const sources = this.equality.includes(column) ? this.equality.filter((c) => this.free.includes(c)) : [];
    const copies = sources.length > 0 ? [[MARGIN, random.pick(sources), random.integer(0, this.rows() - 1)] as const] : [];
    b.defineRecurrence(column, { active, mul, add, copies });
    this.gate(column.name, b.sub(b.query(column, 1), b.add(b.mul(mul, b.query(column)), add)));
  }

  private gate(id: string, poly: Expression): void {
    const { b, random } = this;
    const scaled = this.challenges.length > 0 && random.chance(30) ? b.mul(random.pick(this.challenges), poly) : poly;
    this.gates.push([`random/${id}`, b.mul(b.query(this.fixed[0] as ColumnRef), scaled)]);
  }

  /** Of degree at most `degree - 1`; exactly that when it decides the circuit's degree. Every free column is read by the deciding one. */
  private expression(exact: boolean): Term {
    const tree = this.tree(this.random.integer(1, 4));
    if (!exact) return tree;
    const power = columns(this.degree - 1, () => this.query(this.random.pick(this.free), this.random.integer(-MARGIN, MARGIN)));
    const all = [tree, power.reduce((x, y) => this.mul(x, y)), ...this.free.map((column) => this.mul(this.query(column, 0), this.constant()))];
    return all.reduce((x, y) => this.add(x, y));
  }

  private tree(depth: number): Term {
    if (depth === 0) return this.leaf();
    const [x, y] = [this.tree(depth - 1), this.tree(depth - 1)];
    const fits = x.e.degree + y.e.degree <= this.degree - 1;
    return fits && this.random.chance(60) ? this.mul(x, y) : this.add(x, y);
  }

  private leaf(): Term {
    const { random } = this;
    const kind = random.integer(0, 9);
    if (kind === 0) return this.constant();
    if (kind === 1) return this.query(random.pick(this.fixed.slice(1)), random.integer(-1, 1));
    if (kind === 2 && this.instances.length > 0) return this.query(random.pick(this.instances), random.integer(-2, 2));
    if (kind <= 4 && this.challenges.length > 0) return { e: random.pick(this.challenges), at: unknown };
    return this.query(random.pick(this.free), random.pick([0, 0, 0, 1, -1, 2, -3]));
  }

  private constant(): Term {
    const value = this.random.chance(50) ? this.random.scalar() : BigInt(this.random.integer(1, 99));
    return { e: this.b.constant(value), at: () => value };
  }

  private query(column: ColumnRef, rotation: number): Term {
    return { e: this.b.query(column, rotation), at: (row) => this.of(column)[row + rotation] ?? 0n };
  }

  private add(x: Term, y: Term): Term {
    const difference = this.random.chance(50);
    const e = difference ? this.b.sub(x.e, y.e) : this.b.add(x.e, y.e);
    return { e, at: (row) => (difference ? field.sub : field.add)(x.at(row), y.at(row)) };
  }

  private mul(x: Term, y: Term): Term {
    return { e: this.b.mul(x.e, y.e), at: (row) => field.mul(x.at(row), y.at(row)) };
  }
}

function unknown(): never {
  throw new RangeError('the value of a challenge is not known');
}

function columns<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
