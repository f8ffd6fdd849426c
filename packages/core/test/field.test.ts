import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { field } from '../src/index.ts';

const { R, fr, add, sub, neg, mul, pow, inv, batchInv } = field;
const element = fc.oneof(fc.constantFrom(0n, 1n, R - 1n), fc.bigInt({ min: 0n, max: R - 1n }));
const unit = fc.oneof(fc.constantFrom(1n, 2n, R - 1n), fc.bigInt({ min: 1n, max: R - 1n }));

describe('scalar field', () => {
  it('has canonical results that agree with integer arithmetic', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect([add(a, b), sub(a, b), mul(a, b), neg(a)]).toEqual([fr(a + b), fr(a - b), fr(a * b), fr(-a)]);
      }),
    );
  });

  it('takes negative numbers to their canonical representative', () => {
    expect([fr(-1), fr(R), fr(-R - 2n), fr(5)]).toEqual([R - 1n, 0n, R - 2n, 5n]);
  });

  it('inverts every unit, one at a time and in batches', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), (values) => {
        const inverses = batchInv(values);
        expect(inverses).toEqual(values.map(inv));
        expect(inverses.map((inverse, i) => mul(inverse, values[i] as bigint))).toEqual(values.map(() => 1n));
      }),
    );
  });

  it('has no inverse of zero', () => {
    expect(() => inv(0n)).toThrow(RangeError);
    expect(() => batchInv([1n, 0n])).toThrow(RangeError);
  });

  it('raises to powers; R - 1 is the order of the group', () => {
    expect([pow(3n, 0n), pow(3n, 5n), pow(5n, R - 1n)]).toEqual([1n, 243n, 1n]);
  });
});
