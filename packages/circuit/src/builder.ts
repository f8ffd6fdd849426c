/**
 * Describes a Plonkish circuit and serialises it. Expressions are hash-consed, so that a common subexpression is one node of the IR.
 * Words are halo2's: advice, fixed, instance, gate, rotation, phase, challenge.
 */
import { BaseError, field } from '@pentimento/core';
import type { Definition, Ir, Load, Node } from './ir.ts';

/** A node of the expression graph; only the builder makes them. */
export interface Expression {
  readonly node: number;
  /** Degree in the columns; challenges and constants have degree 0. */
  readonly degree: number;
}

export type ColumnKind = 'fixed' | 'advice' | 'instance';

export interface ColumnRef {
  readonly kind: ColumnKind;
  readonly index: number;
  readonly name: string;
}

export type Operand = Expression | number | bigint;

export class CircuitBuilder {
  readonly #nodes: Node[] = [];
  readonly #degrees: number[] = [];
  readonly #interned = new Map<string, number>();
  readonly #fixed: string[] = [];
  readonly #advice: { name: string; phase: 0 | 1 }[] = [];
  readonly #instances: { name: string; rows: number }[] = [];
  readonly #challenges: string[] = [];
  readonly #gates: { id: string; poly: number }[] = [];
  readonly #equality: ColumnRef[] = [];
  readonly #equalityPositions = new Map<string, number>();
  readonly #copies: [number, number, number, number][] = [];
  readonly #definitions: Definition[] = [];

  fixed(name: string): ColumnRef {
    return { kind: 'fixed', index: this.#fixed.push(name) - 1, name };
  }

  /** Phase-0 columns must be declared before the first phase-1 column. */
  advice(name: string, phase: 0 | 1): ColumnRef {
    if (phase === 0 && this.#advice.some((c) => c.phase === 1)) throw new RangeError(`phase-0 column ${name} declared after a phase-1 column`);
    return { kind: 'advice', index: this.#advice.push({ name, phase }) - 1, name };
  }

  instance(name: string, rows: number): ColumnRef {
    return { kind: 'instance', index: this.#instances.push({ name, rows }) - 1, name };
  }

  /** Drawn after phase 0. */
  challenge(name: string): Expression {
    return this.#intern(['challenge', this.#challenges.push(name) - 1], 0);
  }

  constant(value: number | bigint): Expression {
    return this.#intern(['const', field.fr(value).toString()], 0);
  }

  query(column: ColumnRef, rotation = 0): Expression {
    return this.#intern([column.kind, column.index, rotation], 1);
  }

  add(...terms: readonly Operand[]): Expression {
    return terms.map((t) => this.#lift(t)).reduce((a, b) => this.#add(a, b));
  }

  sub(a: Operand, b: Operand): Expression {
    return this.#add(this.#lift(a), this.#neg(this.#lift(b)));
  }

  mul(...factors: readonly Operand[]): Expression {
    return factors.map((f) => this.#lift(f)).reduce((a, b) => this.#mul(a, b));
  }

  /** `sum_i base^(first + i*step) * terms[i]`. */
  powers(base: Expression, terms: readonly Operand[], step = 1): Expression {
    return this.add(...terms.map((term, i) => this.mul(this.pow(base, i * step), term)));
  }

  /** `base^exponent` by repeated squaring, `exponent >= 0`. */
  pow(base: Expression, exponent: number): Expression {
    if (exponent === 0) return this.constant(1);
    const half = this.pow(base, exponent >> 1);
    const square = exponent >> 1 === 0 ? this.constant(1) : this.#mul(half, half);
    return exponent & 1 ? this.#mul(square, base) : square;
  }

  /** The polynomial must vanish on every row, blinding rows included: an advice cell needs a fixed selector beside it. */
  gate(id: string, poly: Expression): void {
    if (this.#gates.some((g) => g.id === id)) throw new RangeError(`gate id ${id} is used twice`);
    this.#gates.push({ id, poly: poly.node });
  }

  enableEquality(column: ColumnRef): void {
    this.#equalityPositions.set(`${column.kind} ${column.index}`, this.#equality.push(column) - 1);
  }

  copy(a: ColumnRef, rowA: number, b: ColumnRef, rowB: number): void {
    this.#copies.push([this.#equalityIndex(a), rowA, this.#equalityIndex(b), rowB]);
  }

  /** Phase-1 witness `c[i] = load or mul(i-1)*c[i-1] + add(i-1) where active(i-1)`; a load from a column is also a copy constraint. */
  defineRecurrence(
    column: ColumnRef,
    parts: {
      readonly active: Expression;
      readonly mul: Expression;
      readonly add: Expression;
      readonly constants?: readonly (readonly [row: number, value: bigint])[];
      readonly copies?: readonly (readonly [row: number, source: ColumnRef, sourceRow: number])[];
    },
  ): void {
    const constants: Load[] = (parts.constants ?? []).map(([row, value]) => [row, 'const', field.fr(value).toString()]);
    const copies: Load[] = (parts.copies ?? []).map(([row, source, sourceRow]) => [row, source.index, sourceRow]);
    for (const [row, source, sourceRow] of parts.copies ?? []) this.copy(source, sourceRow, column, row);
    this.#definitions.push({
      kind: 'recurrence',
      column: column.index,
      active: parts.active.node,
      mul: parts.mul.node,
      add: parts.add.node,
      loads: [...constants, ...copies],
    });
  }

  /** Phase-1 witness `c = sum num_j/den_j`. Returns the polynomial `c*prod(den) - sum(num_j*prod_{i!=j}(den_i))`, which must be gated. */
  defineFraction(column: ColumnRef, terms: readonly { readonly num: Expression; readonly den: Expression }[]): Expression {
    this.#definitions.push({ kind: 'fraction', column: column.index, terms: terms.map(({ num, den }) => [num.node, den.node]) });
    const cleared = terms.map(({ num }, j) => this.mul(num, ...terms.filter((_, i) => i !== j).map(({ den }) => den)));
    return this.sub(this.mul(this.query(column), ...terms.map(({ den }) => den)), this.add(...cleared));
  }

  build(k: number): Ir {
    const gateDegree = Math.max(0, ...this.#gates.map(({ poly }) => this.#degrees[poly] as number));
    return {
      format: 'pentimento-ir',
      version: 1,
      k,
      degree: Math.max(gateDegree, this.#equality.length > 0 ? 3 : 0),
      fixed: this.#fixed,
      advice: this.#advice,
      instances: this.#instances,
      challenges: this.#challenges,
      nodes: this.#nodes,
      gates: this.#gates,
      equality: this.#equality.map(({ kind, index }) => [kind, index] as const),
      copies: this.#copies,
      definitions: this.#definitions,
    };
  }

  #lift(operand: Operand): Expression {
    return typeof operand === 'object' ? operand : this.constant(operand);
  }

  #constantOf(e: Expression): bigint | undefined {
    const node = this.#nodes[e.node] as Node;
    return node[0] === 'const' ? BigInt(node[1]) : undefined;
  }

  #add(a: Expression, b: Expression): Expression {
    const [x, y] = [this.#constantOf(a), this.#constantOf(b)];
    if (x === 0n) return b;
    if (y === 0n) return a;
    if (x !== undefined && y !== undefined) return this.constant(field.add(x, y));
    return this.#intern(['add', a.node, b.node], Math.max(a.degree, b.degree));
  }

  #mul(a: Expression, b: Expression): Expression {
    const [x, y] = [this.#constantOf(a), this.#constantOf(b)];
    if (x === 0n || y === 1n) return a;
    if (y === 0n || x === 1n) return b;
    if (x !== undefined && y !== undefined) return this.constant(field.mul(x, y));
    return this.#intern(['mul', a.node, b.node], a.degree + b.degree);
  }

  #neg(a: Expression): Expression {
    const x = this.#constantOf(a);
    return x === undefined ? this.#intern(['neg', a.node], a.degree) : this.constant(field.neg(x));
  }

  #intern(node: Node, degree: number): Expression {
    const key = node.join(' ');
    let position = this.#interned.get(key);
    if (position === undefined) {
      position = this.#nodes.push(node) - 1;
      this.#degrees.push(degree);
      this.#interned.set(key, position);
    }
    return { node: position, degree: this.#degrees[position] as number };
  }

  #equalityIndex(column: ColumnRef): number {
    const position = this.#equalityPositions.get(`${column.kind} ${column.index}`);
    if (position === undefined)
      throw new BaseError({ code: 'circuit/no-equality', message: `Expected equality to be enabled for column ${column.name} before a copy.` });
    return position;
  }
}
