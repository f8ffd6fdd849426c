/**
 * The base field of BN254 (EIP-196) on bigint. Inside this folder a value stands for its class modulo Q and may be negative or, where a
 * function says so, unreduced: a product is reduced once, at the end of a sum. `%` keeps the sign, and is zero exactly for multiples of Q.
 */

/** Order of the base field. */
export const Q: bigint = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** The representative in `[0, Q)`. */
export function canonical(a: bigint): bigint {
  const rest = a % Q;
  return rest < 0n ? rest + Q : rest;
}

/** Inverse by the extended Euclidean algorithm; the inverse of zero is a RangeError, as the division by zero that it comes to. */
export function inverse(a: bigint): bigint {
  let [x, y, u, v] = [canonical(a), Q, 1n, 0n];
  while (x !== 1n) {
    const quotient = y / x;
    [x, y, u, v] = [y - quotient * x, x, v - quotient * u, u];
  }
  return u;
}

/** Inverts every element with one inversion (Montgomery's trick); a zero among them is a RangeError. */
export function inverses(values: readonly bigint[]): bigint[] {
  const before: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    before.push(product);
    product = (product * value) % Q;
  }
  let rest = inverse(product);
  const out = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    out[i] = (rest * (before[i] as bigint)) % Q;
    rest = (rest * (values[i] as bigint)) % Q;
  }
  return out;
}
