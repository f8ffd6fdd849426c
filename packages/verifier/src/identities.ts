/**
 * The identities that the quotient argument folds, as one hash-consed list of terms: every gate of the IR in order, then the
 * permutation argument. The TypeScript verifier evaluates this list and the Solidity generator prints it, so that they cannot differ.
 *
 * A `value` term is named: `a3@1`, `f0@0`, `i0@0`, `s2@0`, `z0@-6` (column or product, rotation), `c0` (challenge of the circuit),
 * `beta`, `gamma`, `x`, `l0`, `lLast`, `lActive`.
 */
import type { Ir } from '@pentimento/circuit';
import { field } from '@pentimento/core';

export type Term = readonly ['const', bigint] | readonly ['value', string] | readonly ['neg', number] | readonly ['add' | 'mul', number, number];

interface Identity {
  readonly id: string;
  readonly term: number;
}

export interface Identities {
  /** Operands precede the terms that use them. */
  readonly terms: readonly Term[];
  /** In folding order: `accumulator = accumulator * y + identity`. */
  readonly list: readonly Identity[];
}

/** `7^(2^28)`: separates the cosets of the permutation's columns. */
const DELTA: bigint = field.pow(7n, 1n << 28n);

class Builder {
  readonly terms: Term[] = [];
  private readonly positions = new Map<string, number>();

  put(term: Term): number {
    const key = term.join();
    const known = this.positions.get(key);
    if (known !== undefined) return known;
    this.positions.set(key, this.terms.length);
    return this.terms.push(term) - 1;
  }

  value = (name: string): number => this.put(['value', name]);
  constant = (value: bigint): number => this.put(['const', value]);
  neg = (a: number): number => this.put(['neg', a]);
  add = (a: number, b: number): number => this.put(['add', a, b]);
  mul = (a: number, b: number): number => this.put(['mul', a, b]);
  sub = (a: number, b: number): number => this.add(a, this.neg(b));
}

/** Shape of the permutation argument: `products` grand products of at most `chunk` columns, `last` the rotation of the last usable row. */
export interface PermutationShape {
  readonly chunk: number;
  readonly products: number;
  readonly last: number;
}

export function buildIdentities(ir: Ir, permutation: PermutationShape): Identities {
  const builder = new Builder();
  const list = gateIdentities(ir, builder);
  if (permutation.products > 0) list.push(...permutationIdentities(ir, permutation, builder));
  return { terms: builder.terms, list };
}

function gateIdentities(ir: Ir, b: Builder): Identity[] {
  const known = new Map<number, number>();
  const copy = (position: number): number => {
    const found = known.get(position);
    if (found !== undefined) return found;
    const term = copyNode(position);
    known.set(position, term);
    return term;
  };
  const copyNode = (position: number): number => {
    const node = ir.nodes[position];
    if (node === undefined) throw new RangeError(`the circuit has no node ${position}`);
    if (node[0] === 'const') return b.constant(BigInt(node[1]));
    if (node[0] === 'challenge') return b.value(`c${node[1]}`);
    if (node[0] === 'neg') return b.neg(copy(node[1]));
    if (node[0] === 'add' || node[0] === 'mul') return b[node[0]](copy(node[1]), copy(node[2]));
    return b.value(`${node[0][0]}${node[1]}@${node[2]}`);
  };
  return ir.gates.map(({ id, poly }) => ({ id, term: copy(poly) }));
}

/**
 * `l0*(1 - Z_0)`; `lLast*(Z_m^2 - Z_m)`; `l0*(Z_i - Z_{i-1}(w^last x))`; and for each product
 * `lActive*(Z_i(wx)*prod(c + beta*sigma + gamma) - Z_i(x)*prod(c + delta^j*beta*x + gamma))`.
 */
function permutationIdentities(ir: Ir, { chunk, products, last }: PermutationShape, b: Builder): Identity[] {
  const [l0, beta, gamma] = [b.value('l0'), b.value('beta'), b.value('gamma')];
  const z = (i: number, rotation: number) => b.value(`z${i}@${rotation}`);
  const end = z(products - 1, 0);
  const list: Identity[] = [
    { id: 'permutation/first', term: b.mul(l0, b.sub(b.constant(1n), z(0, 0))) },
    { id: 'permutation/last', term: b.mul(b.value('lLast'), b.sub(b.mul(end, end), end)) },
  ];
  for (let i = 1; i < products; i++) list.push({ id: `permutation/link-${i}`, term: b.mul(l0, b.sub(z(i, 0), z(i - 1, last))) });
  let coset = b.mul(beta, b.value('x'));
  for (let i = 0; i < products; i++) {
    let [left, right] = [z(i, 1), z(i, 0)];
    ir.equality.slice(i * chunk, (i + 1) * chunk).forEach(([kind, column], offset) => {
      const j = i * chunk + offset;
      if (j > 0) coset = b.mul(coset, b.constant(DELTA));
      const shifted = b.add(b.value(`${kind[0]}${column}@0`), gamma);
      left = b.mul(left, b.add(shifted, b.mul(beta, b.value(`s${j}@0`))));
      right = b.mul(right, b.add(shifted, coset));
    });
    list.push({ id: `permutation/product-${i}`, term: b.mul(b.value('lActive'), b.sub(left, right)) });
  }
  return list;
}

/** Values of all terms, each computed once. */
export function evaluateTerms(terms: readonly Term[], value: (name: string) => bigint): bigint[] {
  const out: bigint[] = [];
  const at = (i: number) => out[i] as bigint;
  for (const term of terms) {
    if (term[0] === 'const') out.push(term[1]);
    else if (term[0] === 'value') out.push(value(term[1]));
    else if (term[0] === 'neg') out.push(field.neg(at(term[1])));
    else out.push(field[term[0]](at(term[1]), at(term[2])));
  }
  return out;
}
