/** noble-curves as the second implementation of BN254, and its values in the forms of `src/curve`. */
import { bn254 } from '@noble/curves/bn254.js';
import type { G2Hex } from '@pentimento/circuit';
import type { Fp2 } from '../../src/curve/fp2.ts';
import type { Fp12 } from '../../src/curve/fp12.ts';
import type { G1Point } from '../../src/curve/g1.ts';

export const { Fp, Fp2: Fp2Oracle, Fp12: Fp12Oracle, Fr } = bn254.fields;
export const G1 = bn254.G1.Point;
export const G2 = bn254.G2.Point;
export const pairingBatch: typeof bn254.pairingBatch = bn254.pairingBatch;
export type OracleG1 = InstanceType<typeof G1>;
export type OracleG2 = InstanceType<typeof G2>;
export type OracleFp12 = ReturnType<typeof bn254.pairing>;

/** Canonical representative, coefficient by coefficient. */
export function canonicalFp2({ c0, c1 }: Fp2): Fp2 {
  return { c0: Fp.create(c0), c1: Fp.create(c1) };
}

/** `w^2 = v`: the even coefficients are those of the tower's first half, the odd ones of its second. */
export function toTower([a0, b0, a1, b1, a2, b2]: Fp12): OracleFp12 {
  const half = (...parts: readonly (Fp2 | undefined)[]) => {
    const [c0, c1, c2] = parts.map((part) => canonicalFp2(part as Fp2)) as [Fp2, Fp2, Fp2];
    return { c0, c1, c2 };
  };
  return { c0: half(a0, a1, a2), c1: half(b0, b1, b2) };
}

export function fromTower({ c0, c1 }: OracleFp12): Fp12 {
  return [c0.c0, c1.c0, c0.c1, c1.c1, c0.c2, c1.c2];
}

export function fromG1(point: OracleG1): G1Point {
  return point.equals(G1.ZERO) ? { x: 0n, y: 0n } : point.toAffine();
}

export function toG1({ x, y }: G1Point): OracleG1 {
  return x === 0n && y === 0n ? G1.ZERO : G1.fromAffine({ x, y });
}

/** As a key writes it. */
export function hexOfG2(point: OracleG2): G2Hex {
  const { x, y } = point.toAffine();
  return hexOfTwist(x, y);
}

export function hexOfTwist(x: Fp2, y: Fp2): G2Hex {
  const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;
  return [
    [word(x.c0), word(x.c1)],
    [word(y.c0), word(y.c1)],
  ];
}

/** Order of the twist over the group's: `2q - r`. */
export const COFACTOR: bigint = 2n * Fp.ORDER - Fr.ORDER;

/** The point of the twist with the first x from `(start, 0)` upwards that has one; it is in no subgroup but by chance. */
export function twistPoint(start: bigint): OracleG2 {
  const b = Fp2Oracle.div({ c0: 3n, c1: 0n }, { c0: 9n, c1: 1n });
  for (let c0 = start; ; c0++) {
    const x = { c0, c1: 0n };
    try {
      return G2.fromAffine({ x, y: Fp2Oracle.sqrt(Fp2Oracle.add(Fp2Oracle.mul(Fp2Oracle.sqr(x), x), b)) });
    } catch {
      // No square: there is no point with this x.
    }
  }
}

/** `scalar * point` by doubling and adding, for points outside of the subgroup too. */
export function multiple(point: OracleG2, scalar: bigint): OracleG2 {
  let sum = G2.ZERO;
  for (const bit of scalar.toString(2)) {
    sum = sum.double();
    if (bit === '1') sum = sum.add(point);
  }
  return sum;
}
