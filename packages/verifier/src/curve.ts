/**
 * BN254 points for the verifier: `y^2 = x^3 + 3` over the base field of order Q (EIP-196), pairing as in EIP-197. A thin layer over
 * noble-curves, which neither checks the curve equation in `fromAffine` nor pairs the identity; both are guarded here.
 */
import { pippenger } from '@noble/curves/abstract/curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { BaseError } from '@pentimento/core';

/** Order of the base field. */
export const Q: bigint = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
export type G1Point = InstanceType<typeof G1>;
export type G2Point = InstanceType<typeof G2>;

/** True for canonical coordinates of a point on the curve; `(0, 0)` is not on it. */
export function isOnCurve(x: bigint, y: bigint): boolean {
  return x >= 0n && y >= 0n && x < Q && y < Q && (y * y - x * x * x - 3n) % Q === 0n;
}

/** The point with these coordinates, or undefined when they are not canonical or not on the curve. */
export function decodeG1(x: bigint, y: bigint): G1Point | undefined {
  return isOnCurve(x, y) ? G1.fromAffine({ x, y }) : undefined;
}

/** `[c0, c1]` coordinates; BaseError `verifier/vk-point` unless the point is on the twist and in the subgroup. */
export function decodeG2([x, y]: readonly [readonly [string, string], readonly [string, string]], what: string): G2Point {
  const fp2 = (c: readonly [string, string]) => ({ c0: BigInt(c[0]), c1: BigInt(c[1]) });
  try {
    const point = G2.fromAffine({ x: fp2(x), y: fp2(y) });
    point.assertValidity();
    return point;
  } catch (cause) {
    throw new BaseError({ code: 'verifier/vk-point', message: `Expected ${what} in the subgroup of G2.`, cause });
  }
}

/** `sum scalars[i] * points[i]`, scalars canonical. */
export function multiScalarMul(points: readonly G1Point[], scalars: readonly bigint[]): G1Point {
  return pippenger(G1, [...points], [...scalars]);
}

/** `e(a, g) * e(b, h) = 1`; false when `a` or `b` is the identity. */
export function pairingIsOne(a: G1Point, g: G2Point, b: G1Point, h: G2Point): boolean {
  if (a.equals(G1.ZERO) || b.equals(G1.ZERO)) return false;
  const product = bn254.pairingBatch([
    { g1: a, g2: g },
    { g1: b, g2: h },
  ]);
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}
