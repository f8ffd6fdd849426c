/** Bit patterns that rounding goes wrong on, and deterministic random ones. */
import { fromBits } from '../src/binary32/encoding.ts';

const MAGNITUDES = [
  0, 1, 2, 3, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0xffffff, 0x1000000, 0x0c800001, 0x1fffffff, 0x20000000, 0x33000000,
  0x33800000, 0x33800001, 0x34000000, 0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f800002, 0x3fffffff, 0x40490fdb, 0x4b000001,
  0x4b7fffff, 0x4b800000, 0x4c000001, 0x5f000000, 0x5f800001, 0x7e7fffff, 0x7f000000, 0x7f7ffffe, 0x7f7fffff,
];

/** Both signs of zeros, subnormals, powers of two and their neighbours, and the largest values. */
export const EDGES: readonly number[] = MAGNITUDES.flatMap((bits) => [fromBits(bits), fromBits(bits + 2 ** 31)]);

/** Finite binary32 values: every bit random, or close to `near` in the exponent. A linear congruential generator. */
export function randomValues(count: number, seed: number): number[] {
  let state = BigInt(seed) * 2n + 1n;
  const next = (): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 32n);
  };
  const values: number[] = [];
  while (values.length < count) {
    const bits = next();
    const value = fromBits(next() % 2 === 0 ? bits : (bits % 2 ** 23) + (110 + (next() % 34)) * 2 ** 23 + (next() % 2) * 2 ** 31);
    if (Number.isFinite(value)) values.push(value);
  }
  return values;
}
