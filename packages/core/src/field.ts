/**
 * The scalar field of BN254 (EIP-196's group order) on bigint. Canonical values only: every function takes and returns `0 <= x < R`
 * unless it says otherwise.
 */

/** Order of the scalar field. */
export const R: bigint = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Canonical representative of any integer. */
export function fr(x: bigint | number): bigint {
  const m = BigInt(x) % R;
  return m < 0n ? m + R : m;
}

export function add(a: bigint, b: bigint): bigint {
  const s = a + b;
  return s >= R ? s - R : s;
}

export function sub(a: bigint, b: bigint): bigint {
  return a >= b ? a - b : a - b + R;
}

export function neg(a: bigint): bigint {
  return a === 0n ? 0n : R - a;
}

export function mul(a: bigint, b: bigint): bigint {
  return (a * b) % R;
}

/** `base^exponent` for `exponent >= 0`. */
export function pow(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mul(result, square);
    square = mul(square, square);
  }
  return result;
}

/** Inverse by the extended Euclidean algorithm; the inverse of zero is a RangeError. */
export function inv(a: bigint): bigint {
  if (a === 0n) throw new RangeError('zero has no inverse in the scalar field');
  let [x, y, u, v] = [a, R, 1n, 0n];
  while (x !== 1n) {
    const q = y / x;
    [x, y, u, v] = [y - q * x, x, v - q * u, u];
  }
  return fr(u);
}

/** Inverts every element with one inversion (Montgomery's trick); a zero among them is a RangeError. */
export function batchInv(values: readonly bigint[]): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    product = mul(product, value);
  }
  let inverse = inv(product);
  const out = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    out[i] = mul(inverse, prefix[i] as bigint);
    inverse = mul(inverse, values[i] as bigint);
  }
  return out;
}
