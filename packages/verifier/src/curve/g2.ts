/**
 * G2 of BN254: the points of order R on the twist `y^2 = x^3 + 3/XI` over Fp2 (EIP-197). A verifier knows its two points beforehand, so a
 * point is kept as the lines that the pairing multiplies (Costello, Stebila 2010), and decoding it checks the subgroup on the way.
 */
import { BaseError } from '@pentimento/core';
import { add, conjugate, equals, type Fp2, inverse, mul, scale, sub, XI } from './fp2.ts';
import { FROBENIUS } from './fp12.ts';

/** `6x + 2` for the curve's parameter `x`: the length of the optimal ate loop (Vercauteren 2010), below its highest bit. */
export const LOOP: string = (6n * 4965661367192848881n + 2n).toString(2).slice(1);

/** A line through two multiples of a point: on a point `(x, y)` of G1, divided by `y`, it is `1 - slope*(x/y)*w + offset*(1/y)*w^3`. */
export interface Line {
  readonly slope: Fp2;
  readonly offset: Fp2;
}

/** In the order of the loop: for each bit a tangent and, where it is set, a chord; then two chords to images under Frobenius. */
export type G2Point = readonly Line[];

/** `[c0, c1]` coordinates in hexadecimal; BaseError `verifier/vk-point` unless the point is on the twist and in the subgroup. */
export function decodeG2([x, y]: readonly [readonly [string, string], readonly [string, string]], what: string): G2Point {
  const fp2 = (c: readonly [string, string]) => ({ c0: BigInt(c[0]), c1: BigInt(c[1]) });
  const lines = linesOf({ x: fp2(x), y: fp2(y) });
  if (lines === undefined) throw new BaseError({ code: 'verifier/vk-point', message: `Expected ${what} in the subgroup of G2.` });
  return lines;
}

/** The lines of the opposite point. */
export function negateG2(lines: G2Point): G2Point {
  return lines.map(({ slope, offset }) => ({ slope: scale(slope, -1n), offset: scale(offset, -1n) }));
}

interface TwistPoint {
  readonly x: Fp2;
  readonly y: Fp2;
}

const B: Fp2 = scale(inverse(XI), 3n);

/**
 * Undefined for a point off the twist or outside the subgroup. With `psi` the Frobenius endomorphism, which multiplies points of the
 * subgroup by Q, the loop ends in `T = (6x + 2)P + psi(P) - psi^2(P)`, and P is in the subgroup exactly when `T = -psi^3(P)`: the norm of
 * `6x + 2 + psi - psi^2 + psi^3` and the twist's order have only R in common. `T = psi^3(P)` holds for no point, the same norm with the
 * other sign is prime to the order, so that one coordinate decides (pairing.prop.test.ts computes both). The line of a step is never
 * vertical for a point of order R; where it is, the point is another.
 */
function linesOf(point: TwistPoint): G2Point | undefined {
  if (!isOnTwist(point)) return undefined;
  const lines: Line[] = [];
  let at = point;
  const step = (other: TwistPoint) => {
    const line = lineThrough(at, other);
    lines.push(line);
    at = third(at, other, line.slope);
  };
  const psi = psiOf(point);
  const psi2 = psiOf(psi);
  try {
    for (const bit of LOOP) {
      step(at);
      if (bit === '1') step(point);
    }
    step(psi);
    step(negate(psi2));
  } catch {
    return undefined;
  }
  return equals(at.x, psiOf(psi2).x) ? lines : undefined;
}

function isOnTwist({ x, y }: TwistPoint): boolean {
  return equals(mul(y, y), add(mul(mul(x, x), x), B));
}

function negate({ x, y }: TwistPoint): TwistPoint {
  return { x, y: scale(y, -1n) };
}

/** The Frobenius endomorphism of the curve, seen from the twist. */
function psiOf({ x, y }: TwistPoint): TwistPoint {
  return { x: mul(conjugate(x), FROBENIUS[2] as Fp2), y: mul(conjugate(y), FROBENIUS[3] as Fp2) };
}

/** The chord, or the tangent at one point; RangeError where it is vertical. */
function lineThrough(a: TwistPoint, b: TwistPoint): Line {
  const slope = a === b ? mul(scale(mul(a.x, a.x), 3n), inverse(add(a.y, a.y))) : mul(sub(b.y, a.y), inverse(sub(b.x, a.x)));
  return { slope, offset: sub(mul(slope, a.x), a.y) };
}

/** `a + b` by the slope of their line. */
function third(a: TwistPoint, b: TwistPoint, slope: Fp2): TwistPoint {
  const x = sub(sub(mul(slope, slope), a.x), b.x);
  return { x, y: sub(mul(slope, sub(a.x, x)), a.y) };
}
