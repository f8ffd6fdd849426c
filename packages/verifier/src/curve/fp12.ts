/**
 * `Fp12 = Fp2[w]/(w^6 - XI)`, an element as its six coefficients of `1, w, ..., w^5`: the same field as the usual tower over Fp6, without
 * its levels. A product is the schoolbook's, each coefficient reduced once.
 */
import { Q } from './fp.ts';
import { conjugate as conjugateFp2, equals, type Fp2, inverse as inverseFp2, mul as mulFp2, ONE as ONE_FP2, pow as powFp2, XI } from './fp2.ts';

/** Six coefficients. */
export type Fp12 = readonly Fp2[];

const ZERO_FP2: Fp2 = { c0: 0n, c1: 0n };
export const ONE: Fp12 = [ONE_FP2, ZERO_FP2, ZERO_FP2, ZERO_FP2, ZERO_FP2, ZERO_FP2];

/** `w^(Q - 1)`. */
const W_POWER: Fp2 = powFp2(XI, (Q - 1n) / 6n);

/** `W_POWER^i`, by which Frobenius multiplies `w^i`. */
export const FROBENIUS: readonly Fp2[] = Array.from(ONE, (_, i) => powFp2(W_POWER, BigInt(i)));

export function isOne(f: Fp12): boolean {
  return f.every((c, i) => equals(c, ONE[i] as Fp2));
}

export function mul(f: Fp12, g: Fp12): Fp12 {
  const sum = new Product();
  for (const [i, a] of f.entries()) for (const [j, b] of g.entries()) sum.add(i + j, a, b);
  return sum.reduce();
}

export function square(f: Fp12): Fp12 {
  const sum = new Product();
  for (const [i, a] of f.entries()) {
    sum.add(2 * i, a, a);
    const twice = { c0: 2n * a.c0, c1: 2n * a.c1 };
    for (let j = 0; j < i; j++) sum.add(i + j, twice, f[j] as Fp2);
  }
  return sum.reduce();
}

/** `f * (1 + a*w + b*w^3)`, the shape of a line. */
export function mulLine(f: Fp12, a: Fp2, b: Fp2): Fp12 {
  const sum = new Product();
  for (const [i, c] of f.entries()) {
    sum.add(i, c, ONE_FP2);
    sum.add(i + 1, c, a);
    sum.add(i + 3, c, b);
  }
  return sum.reduce();
}

/** `f^Q`. */
export function frobenius(f: Fp12): Fp12 {
  return f.map((c, i) => mulFp2(conjugateFp2(c), FROBENIUS[i] as Fp2));
}

/** `f^(Q^6)`; the inverse of an element of the cyclotomic subgroup. */
export function conjugate(f: Fp12): Fp12 {
  return f.map(({ c0, c1 }, i) => (i % 2 === 0 ? { c0, c1 } : { c0: -c0, c1: -c1 }));
}

/**
 * RangeError for zero. With `n = f * f^(Q^6)` in Fp6 and its conjugates over Fp2 the norm `n * n^(Q^2) * n^(Q^4)` lies in Fp2, so that one
 * inversion there suffices.
 */
export function inverse(f: Fp12): Fp12 {
  const n = mul(f, conjugate(f));
  const n2 = frobenius(frobenius(n));
  const others = mul(n2, frobenius(frobenius(n2)));
  const norm = inverseFp2(mul(n, others)[0] as Fp2);
  return mul(conjugate(f), others).map((c) => mulFp2(c, norm));
}

/** The unreduced coefficients of a product, `w^0` to `w^10`. */
class Product {
  private readonly re: bigint[] = new Array<bigint>(11).fill(0n);
  private readonly im: bigint[] = new Array<bigint>(11).fill(0n);

  /** Adds `a * b * w^k`. */
  add(k: number, a: Fp2, b: Fp2): void {
    this.re[k] = (this.re[k] as bigint) + a.c0 * b.c0 - a.c1 * b.c1;
    this.im[k] = (this.im[k] as bigint) + a.c0 * b.c1 + a.c1 * b.c0;
  }

  /** `w^6 = 9 + u`. */
  reduce(): Fp12 {
    const at = (parts: readonly bigint[], k: number) => parts[k] ?? 0n;
    return ONE.map((_, k) => ({
      c0: (at(this.re, k) + 9n * at(this.re, k + 6) - at(this.im, k + 6)) % Q,
      c1: (at(this.im, k) + at(this.re, k + 6) + 9n * at(this.im, k + 6)) % Q,
    }));
  }
}
