/** The quadratic extension `Fp2 = Fp[u]/(u^2 + 1)` (EIP-197). Coefficients stand for their classes; products are reduced, sums are not. */
import { inverse as inverseFp, Q } from './fp.ts';

export interface Fp2 {
  readonly c0: bigint;
  readonly c1: bigint;
}

export const ONE: Fp2 = { c0: 1n, c1: 0n };
/** `9 + u`, neither a square nor a cube: the twist and the tower are built on it. */
export const XI: Fp2 = { c0: 9n, c1: 1n };

export function add(a: Fp2, b: Fp2): Fp2 {
  return { c0: a.c0 + b.c0, c1: a.c1 + b.c1 };
}

export function sub(a: Fp2, b: Fp2): Fp2 {
  return { c0: a.c0 - b.c0, c1: a.c1 - b.c1 };
}

export function mul(a: Fp2, b: Fp2): Fp2 {
  return { c0: (a.c0 * b.c0 - a.c1 * b.c1) % Q, c1: (a.c0 * b.c1 + a.c1 * b.c0) % Q };
}

/** `a * factor` for a factor of Fp. */
export function scale(a: Fp2, factor: bigint): Fp2 {
  return { c0: (a.c0 * factor) % Q, c1: (a.c1 * factor) % Q };
}

/** `a^Q`. */
export function conjugate(a: Fp2): Fp2 {
  return { c0: a.c0, c1: -a.c1 };
}

export function isZero(a: Fp2): boolean {
  return a.c0 % Q === 0n && a.c1 % Q === 0n;
}

export function equals(a: Fp2, b: Fp2): boolean {
  return isZero(sub(a, b));
}

/** RangeError for zero. */
export function inverse(a: Fp2): Fp2 {
  return scale(conjugate(a), inverseFp(a.c0 * a.c0 + a.c1 * a.c1));
}

/** `base^exponent` for `exponent >= 0`. */
export function pow(base: Fp2, exponent: bigint): Fp2 {
  let result = ONE;
  for (const bit of exponent.toString(2)) {
    result = mul(result, result);
    if (bit === '1') result = mul(result, base);
  }
  return result;
}
