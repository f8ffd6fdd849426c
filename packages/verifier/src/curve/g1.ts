/**
 * G1 of BN254: `y^2 = x^3 + 3` over the base field (EIP-196), of prime order, affine, `(0, 0)` standing for the identity. Sums are made
 * many at a time, so that all of them share one inversion (Montgomery's trick): about six multiplications for an addition.
 */
import { canonical, inverse, inverses, Q } from './fp.ts';

/** Coordinates in `[0, Q)` of a point on the curve, or `(0, 0)`. */
export interface G1Point {
  readonly x: bigint;
  readonly y: bigint;
}

export const IDENTITY: G1Point = { x: 0n, y: 0n };

/** True for canonical coordinates of a point on the curve; `(0, 0)` is not on it. */
export function isOnCurve(x: bigint, y: bigint): boolean {
  return x >= 0n && y >= 0n && x < Q && y < Q && (y * y - x * x * x - 3n) % Q === 0n;
}

/** The point with these coordinates, or undefined when they are not canonical or not on the curve. */
export function decodeG1(x: bigint, y: bigint): G1Point | undefined {
  return isOnCurve(x, y) ? { x, y } : undefined;
}

/** No point has the coordinate 0 but the identity: 3 is no square and -3 no cube. */
export function isIdentity({ y }: G1Point): boolean {
  return y === 0n;
}

export function negate({ x, y }: G1Point): G1Point {
  return { x, y: canonical(-y) };
}

/** `a + b` of each pair; equal, opposite and identity operands are allowed. */
export function addEach(pairs: readonly (readonly [a: G1Point, b: G1Point])[]): G1Point[] {
  const slopes = pairs.map(([a, b]) => slopeParts(a, b));
  const inverted = inverses(slopes.map(({ bottom }) => bottom));
  return pairs.map(([a, b], i) => {
    if (isIdentity(a)) return b;
    if (isIdentity(b)) return a;
    const { top } = slopes[i] as SlopeParts;
    if (top === undefined) return IDENTITY;
    const slope = (top * (inverted[i] as bigint)) % Q;
    const x = canonical(slope * slope - a.x - b.x);
    return { x, y: canonical(slope * (a.x - x) - a.y) };
  });
}

interface SlopeParts {
  /** Undefined for a vertical line. */
  readonly top: bigint | undefined;
  /** Not zero. */
  readonly bottom: bigint;
}

/** The slope of the line through `a` and `b`, of the tangent when they are equal, as a fraction. */
function slopeParts(a: G1Point, b: G1Point): SlopeParts {
  if (a.x !== b.x) return { top: b.y - a.y, bottom: b.x - a.x };
  if (a.y !== b.y || isIdentity(a)) return { top: undefined, bottom: 1n };
  return { top: 3n * a.x * a.x, bottom: 2n * a.y };
}

/** Digits of scalars are odd and below `2^(WIDTH - 1)`. */
const WIDTH = 4;

/**
 * `sum scalars[i] * points[i]`, scalars in `[0, 2^256)`. Every scalar is written in non-adjacent form of width 4 (Moeller 2001), so that
 * about every fifth digit is not zero. What stands at one position is summed, all positions together; the sums are then joined by Horner's rule.
 */
export function multiScalarMul(points: readonly G1Point[], scalars: readonly bigint[]): G1Point {
  const tables = oddMultiples(points);
  const positions: G1Point[][] = [];
  for (const [i, scalar] of scalars.entries()) {
    for (const [position, digit] of nonAdjacentForm(scalar)) {
      const point = (tables[Math.abs(digit) >> 1] as G1Point[])[i] as G1Point;
      positions[position] ??= [];
      positions[position].push(digit < 0 ? negate(point) : point);
    }
  }
  return joinByDoubling(sumEach(Array.from(positions, (list) => list ?? [])));
}

/** Entry `j` holds `(2j + 1) * point` of each point. */
function oddMultiples(points: readonly G1Point[]): G1Point[][] {
  const doubles = addEach(points.map((point) => [point, point]));
  const tables = [[...points]];
  for (let i = 1; i < 2 ** (WIDTH - 2); i++) {
    const last = tables.at(-1) as G1Point[];
    tables.push(addEach(last.map((point, at) => [point, doubles[at] as G1Point])));
  }
  return tables;
}

/** Positions and digits that are not zero, the lowest first: `sum digit * 2^position = scalar`. */
function* nonAdjacentForm(scalar: bigint): Generator<readonly [position: number, digit: number]> {
  for (let [rest, position] = [scalar, 0]; rest; rest >>= 1n, position++) {
    if (rest & 1n) {
      const digit = BigInt.asIntN(WIDTH, rest);
      yield [position, Number(digit)];
      rest -= digit;
    }
  }
}

/** The sum of each list, all lists halved at once until one point is left of each. */
function sumEach(lists: readonly (readonly G1Point[])[]): G1Point[] {
  if (lists.every(({ length }) => length < 2)) return lists.map(([point]) => point ?? IDENTITY);
  const pairs = lists.map((list) => list.filter((_, i) => i % 2 === 0).map((a, i) => [a, list[2 * i + 1] ?? IDENTITY] as const));
  const sums = addEach(pairs.flat());
  let taken = 0;
  return sumEach(
    pairs.map(({ length }) => {
      taken += length;
      return sums.slice(taken - length, taken);
    }),
  );
}

/** `sum 2^i * points[i]` in projective coordinates `(X : Y : Z)`, by the complete formulas of Renes, Costello and Batina 2016. */
function joinByDoubling(points: readonly G1Point[]): G1Point {
  let [x, y, z] = [0n, 1n, 0n];
  for (const point of points.toReversed()) {
    [x, y, z] = double(x, y, z);
    if (!isIdentity(point)) [x, y, z] = addAffine([x, y, z], point);
  }
  if (z === 0n) return IDENTITY;
  const scale = inverse(z);
  return { x: canonical(x * scale), y: canonical(y * scale) };
}

type Projective = readonly [x: bigint, y: bigint, z: bigint];

/** Their algorithm 9, for `b = 3`. */
function double(x: bigint, y: bigint, z: bigint): Projective {
  const [square, nine] = [(y * y) % Q, (9n * z * z) % Q];
  const rest = square - 3n * nine;
  return [(2n * rest * ((x * y) % Q)) % Q, (8n * square * nine + rest * (square + nine)) % Q, (8n * square * ((y * z) % Q)) % Q];
}

/** Their algorithm 8, for `b = 3`; the second point is not the identity. */
function addAffine([x1, y1, z1]: Projective, { x: x2, y: y2 }: G1Point): Projective {
  const [xx, yy] = [(x1 * x2) % Q, (y1 * y2) % Q];
  const [xy, xz, yz] = [(x1 * y2 + x2 * y1) % Q, (x1 + x2 * z1) % Q, (y1 + y2 * z1) % Q];
  const [less, more] = [yy - 9n * z1, yy + 9n * z1];
  return [(xy * less - 9n * yz * xz) % Q, (more * less + 27n * xx * xz) % Q, (yz * more + 3n * xx * xy) % Q];
}
