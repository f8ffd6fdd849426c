/** G1 against noble-curves: membership, sums of all special pairs, and sums of multiples. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Q } from '../../src/curve/fp.ts';
import { addEach, decodeG1, type G1Point, IDENTITY, isIdentity, isOnCurve, multiScalarMul, negate } from '../../src/curve/g1.ts';
import { Fr, fromG1, G1, toG1 } from './oracle.ts';

const EDGES = [0n, 1n, 2n, 3n, Fr.ORDER - 1n, Fr.ORDER - 2n, (Fr.ORDER - 1n) / 2n, 2n ** 128n, 2n ** 253n];
const scalar = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: Fr.ORDER - 1n }));
/** Few different ones, so that equal and opposite points meet. */
const point = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((i) => fromG1(G1.BASE.multiplyUnsafe(Fr.create(BigInt(i))))),
  scalar.map((s) => fromG1(G1.BASE.multiplyUnsafe(s))),
);

test('a sum of each pair, special ones included', () => {
  const special = [IDENTITY, ...[1n, 2n, 3n, Fr.ORDER - 1n, Fr.ORDER - 2n].map((s) => fromG1(G1.BASE.multiply(s)))];
  const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
  const expected = (a: G1Point, b: G1Point) => fromG1(toG1(a).add(toG1(b)));
  expect(addEach(pairs)).toEqual(pairs.map(([a, b]) => expected(a, b)));
  expect(addEach([])).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.tuple(point, point), { maxLength: 6 }), (random) => {
      expect(addEach(random)).toEqual(random.map(([a, b]) => expected(a, b)));
      expect(random.map(([a]) => negate(a))).toEqual(random.map(([a]) => fromG1(toG1(a).negate())));
      expect(random.map(([a]) => isIdentity(a))).toEqual(random.map(([a]) => toG1(a).equals(G1.ZERO)));
    }),
  );
});

test('sums of multiples', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(point, scalar), { maxLength: 12 }), (terms) => {
      const expected = terms.reduce((sum, [p, s]) => sum.add(toG1(p).multiplyUnsafe(s)), G1.ZERO);
      const [points, scalars] = [terms.map(([p]) => p), terms.map(([, s]) => s)];
      expect(multiScalarMul(points, scalars)).toEqual(fromG1(expected));
    }),
    { numRuns: 60 },
  );
});

test('sums that end in the identity, and terms that are none', () => {
  const g = fromG1(G1.BASE);
  expect(multiScalarMul([], [])).toEqual(IDENTITY);
  expect(multiScalarMul([g], [0n])).toEqual(IDENTITY);
  expect(multiScalarMul([IDENTITY], [5n])).toEqual(IDENTITY);
  expect(multiScalarMul([g, negate(g)], [7n, 7n])).toEqual(IDENTITY);
  expect(multiScalarMul([g], [Fr.ORDER])).toEqual(IDENTITY);
  expect(multiScalarMul([g, g], [Fr.ORDER - 1n, 2n])).toEqual(g);
  expect(multiScalarMul([g], [2n ** 256n - 1n])).toEqual(fromG1(G1.BASE.multiply(Fr.create(2n ** 256n - 1n))));
});

test('a point is canonical and on the curve', () => {
  fc.assert(
    fc.property(point, fc.bigInt({ min: 1n, max: Q - 1n }), ({ x, y }, shift) => {
      const on = !(x === 0n && y === 0n);
      expect([isOnCurve(x, y), decodeG1(x, y)]).toEqual([on, on ? { x, y } : undefined]);
      for (const [u, v] of [
        [x + Q, y],
        [x, y + Q],
        [x - Q, y],
        [x, y - Q],
      ] as const) {
        expect([isOnCurve(u, v), decodeG1(u, v)]).toEqual([false, undefined]);
      }
      const other = (y + shift) % Q;
      if (on && other !== Q - y) expect(isOnCurve(x, other)).toBe(false);
    }),
  );
});
