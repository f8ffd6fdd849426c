/**
 * Finite binary32 values (IEEE 754-2019, 3.4) as three small integers: `(-1)^sign * significand * 2^(exponent - 150)` with
 * `1 <= exponent <= 254`, `0 <= significand <= 2^24`, and `significand >= 2^23` unless `exponent = 1`. Subnormals and both zeros have
 * exponent 1. A significand of 2^24, which rounding up may give, is a second name of `(exponent + 1, 2^23)`: both have the same value and
 * the same bit pattern `sign * 2^31 + (exponent - 1) * 2^23 + significand`. There is no form for infinities and NaN.
 */
import { BaseError } from '@pentimento/core';

export interface Unpacked {
  readonly sign: 0 | 1;
  readonly exponent: number;
  readonly significand: number;
}

export const MAX_EXPONENT = 254;
/** Magnitude bits of infinity: one more than those of the largest finite value. */
export const INFINITY_BITS: number = 255 * 2 ** 23;

const view = new DataView(new ArrayBuffer(4));

/** The bit pattern of a number that is a binary32 value. */
export function bitsOf(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

export function fromBits(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** Throws `float/not-binary32` for what binary32 cannot hold exactly, and `float/not-finite` for infinities and NaN. */
export function unpack(value: number): Unpacked {
  if (!Number.isFinite(value)) throw new BaseError({ code: 'float/not-finite', message: `Expected a finite number, got ${value}.` });
  if (!Object.is(Math.fround(value), value)) {
    throw new BaseError({ code: 'float/not-binary32', message: `Expected a number that binary32 holds exactly, got ${value}.` });
  }
  const bits = bitsOf(value);
  const [sign, biased, fraction] = [bits >= 2 ** 31 ? 1 : 0, Math.floor(bits / 2 ** 23) % 256, bits % 2 ** 23] as const;
  return biased === 0 ? { sign, exponent: 1, significand: fraction } : { sign, exponent: biased, significand: 2 ** 23 + fraction };
}

/** Magnitude bits, `(exponent - 1) * 2^23 + significand`: they grow with the magnitude. */
export function magnitudeBits({ exponent, significand }: Unpacked): number {
  return (exponent - 1) * 2 ** 23 + significand;
}

export function pack(value: Unpacked): number {
  return fromBits(value.sign * 2 ** 31 + magnitudeBits(value));
}
