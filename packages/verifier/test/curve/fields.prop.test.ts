/** The base field and its extensions against noble-curves, on random and on extreme values, canonical or not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, inverse, inverses, Q } from '../../src/curve/fp.ts';
import * as fp2 from '../../src/curve/fp2.ts';
import * as fp12 from '../../src/curve/fp12.ts';
import { canonicalFp2, Fp, Fp2Oracle, Fp12Oracle, fromTower, toTower } from './oracle.ts';

const EDGES = [0n, 1n, 2n, 9n, Q - 1n, Q - 2n, (Q - 1n) / 2n, Q, Q + 1n, 2n * Q, -1n, -Q];
const base = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: -Q, max: 2n * Q }));
const element2 = fc.record({ c0: base, c1: base });
const element12 = fc.array(element2, { minLength: 6, maxLength: 6 });
const sameFp2 = (found: fp2.Fp2, expected: fp2.Fp2) => expect(canonicalFp2(found)).toEqual(expected);
const sameFp12 = (found: fp12.Fp12, expected: ReturnType<typeof toTower>) => expect(toTower(found)).toEqual(expected);
const RUNS = { numRuns: 300 };

test('canonical representatives and inverses', () => {
  fc.assert(
    fc.property(base, fc.array(base, { maxLength: 9 }), (a, others) => {
      expect(canonical(a)).toBe(Fp.create(a));
      const values = [a, ...others].filter((value) => value % Q !== 0n);
      expect(values.map(inverse).map(canonical)).toEqual(values.map((value) => Fp.inv(Fp.create(value))));
      expect(inverses(values).map(canonical)).toEqual(values.map((value) => Fp.inv(Fp.create(value))));
    }),
    RUNS,
  );
  for (const zero of [0n, Q, -Q]) {
    expect(() => inverse(zero)).toThrow(RangeError);
    expect(() => inverses([5n, zero, 7n])).toThrow(RangeError);
  }
  expect(inverses([])).toEqual([]);
});

test('the quadratic extension', () => {
  fc.assert(
    fc.property(element2, element2, base, fc.bigInt({ min: 0n, max: Q }), (a, b, factor, exponent) => {
      const [x, y] = [canonicalFp2(a), canonicalFp2(b)];
      sameFp2(fp2.add(a, b), Fp2Oracle.add(x, y));
      sameFp2(fp2.sub(a, b), Fp2Oracle.sub(x, y));
      sameFp2(fp2.mul(a, b), Fp2Oracle.mul(x, y));
      sameFp2(fp2.scale(a, factor), Fp2Oracle.mul(x, { c0: Fp.create(factor), c1: 0n }));
      sameFp2(fp2.conjugate(a), Fp2Oracle.frobeniusMap(x, 1));
      sameFp2(fp2.pow(a, exponent), Fp2Oracle.pow(x, exponent));
      expect(fp2.isZero(a)).toBe(Fp2Oracle.is0(x));
      expect(fp2.equals(a, b)).toBe(Fp2Oracle.eql(x, y));
      expect(fp2.equals(a, { c0: a.c0 + Q, c1: a.c1 - Q })).toBe(true);
      if (!Fp2Oracle.is0(x)) sameFp2(fp2.inverse(a), Fp2Oracle.inv(x));
    }),
    RUNS,
  );
  expect(() => fp2.inverse({ c0: Q, c1: 0n })).toThrow(RangeError);
});

test('the extension of degree twelve', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(element12, element12, element2, element2, (f, g, a, b) => {
      const [x, y] = [toTower(f), toTower(g)];
      expect(toTower(fromTower(x))).toEqual(x);
      sameFp12(fp12.mul(f, g), Fp12Oracle.mul(x, y));
      sameFp12(fp12.square(f), Fp12Oracle.sqr(x));
      const zero = { c0: 0n, c1: 0n };
      sameFp12(fp12.mulLine(f, a, b), Fp12Oracle.mul(x, toTower([fp2.ONE, a, zero, b, zero, zero])));
      sameFp12(fp12.frobenius(f), Fp12Oracle.frobeniusMap(x, 1));
      sameFp12(fp12.conjugate(f), Fp12Oracle.conjugate(x));
      expect(fp12.isOne(f)).toBe(Fp12Oracle.eql(x, Fp12Oracle.ONE));
      if (!Fp12Oracle.is0(x)) sameFp12(fp12.inverse(f), Fp12Oracle.inv(x));
    }),
    { numRuns: 60 },
  );
  for (let i = 0; i < 6; i++) {
    const shifted = (part: 'c0' | 'c1') => fp12.ONE.with(i, { ...(fp12.ONE[i] as fp2.Fp2), [part]: 5n });
    expect([fp12.isOne(shifted('c0')), fp12.isOne(shifted('c1'))]).toEqual([false, false]);
    expect(fp12.isOne(fp12.ONE.with(i, fp2.add(fp12.ONE[i] as fp2.Fp2, { c0: Q, c1: -Q })))).toBe(true);
  }
});
