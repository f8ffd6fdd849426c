/**
 * Cell values of one row: what an honest prover writes for an operation on two binary32 values. All integers are exact; the gates that hold
 * them to IEEE 754 are in `circuit.ts`, which explains the method.
 */
import { BaseError, field } from '@pentimento/core';
import { INFINITY_BITS, MAX_EXPONENT, magnitudeBits, type Unpacked } from './encoding.ts';

export const LIMB_BITS = 11;
/** Limbs of a rounding error, of its distance to a tie, and of a difference of two values. */
export const WIDE_LIMBS = 5;
/** Limbs of the 22 bits of a significand above its lowest one and below its highest one. */
export const HALF_LIMBS = 2;
/** Distances of exponents beyond this one give the same rounded sum. */
export const MAX_ALIGNMENT = 27;
/** Shifts to the right beyond this one give the rounded product zero. */
const MAX_RIGHT = 50;
/** A shift to the left that no nonzero result can have: it leads out of the significand's range. */
const MAX_LEFT = 25;

/** Cells that a row may use, as canonical field elements; the others of a row are zero (`e` is one). */
export type RowCells = Record<string, bigint>;

/** The two sides of `exact * multiplier = significand * divisor + error` for a result whose unit is `2^shift` units of the exact value. */
export function shiftFactors(shift: number): { readonly multiplier: bigint; readonly divisor: bigint } {
  return { multiplier: 2n ** BigInt(Math.min(Math.max(-shift, 0), MAX_LEFT)), divisor: 2n ** BigInt(Math.min(Math.max(shift, 0), MAX_RIGHT)) };
}

export function multiplyRow(a: Unpacked, b: Unpacked): RowCells {
  const exact = BigInt(a.significand) * BigInt(b.significand);
  return { exact, ...roundedCells(exact, a.exponent + b.exponent - 150), s: BigInt(a.sign ^ b.sign) };
}

export function addRow(a: Unpacked, b: Unpacked): RowCells {
  const differ = a.sign ^ b.sign;
  const swap = b.exponent > a.exponent || (b.exponent === a.exponent && b.significand > a.significand);
  const [large, small] = swap ? [b, a] : [a, b];
  const distance = large.exponent - small.exponent;
  const alignment = Math.min(distance, MAX_ALIGNMENT);
  const power = 2n ** BigInt(alignment);
  const exact = BigInt(large.significand) * power + (differ ? -1n : 1n) * BigInt(small.significand);
  const sign = exact === 0n && differ ? 0 : large.sign;
  const own = { differ: BigInt(differ), second: BigInt(swap), distance: BigInt(distance), power, alignment: BigInt(alignment), exact };
  return { ...own, s: BigInt(sign), ...roundedCells(exact, large.exponent - alignment) };
}

/** Cells of a new value that comes from outside: an input. */
export function inputRow(value: Unpacked): RowCells {
  return { s: BigInt(value.sign), ...newValueCells(value.exponent, BigInt(value.significand), 0n) };
}

/** The larger (`maximum`) or smaller of two values; `a` when they are equal. The label comes with the value. */
export function selectRow(a: Labelled, b: Labelled, maximum: boolean): RowCells {
  const key = (v: Unpacked) => (v.sign ? -1 : 1) * magnitudeBits(v);
  const difference = maximum ? key(a) - key(b) : key(b) - key(a);
  const second = difference < 0;
  const chosen = second ? b : a;
  return {
    second: BigInt(second),
    ...limbs('error', BigInt(second ? -difference - 1 : difference), WIDE_LIMBS),
    s: BigInt(chosen.sign),
    e: BigInt(chosen.exponent),
    m: BigInt(chosen.significand),
    label: BigInt(chosen.label),
  };
}

export type Labelled = Unpacked & { readonly label: number };

/** Rounds `exact * 2^(unit - 150)` to nearest, ties to even. Throws `float/overflow` when the result is not finite. */
function roundedCells(exact: bigint, unit: number): RowCells {
  const length = exact === 0n ? 0 : exact.toString(2).length;
  const exponent = exact === 0n ? 1 : Math.max(1, unit + length - 24);
  const shift = exponent - unit;
  const { multiplier, divisor } = shiftFactors(shift);
  const scaled = exact * multiplier;
  const floor = scaled / divisor;
  const twice = 2n * (scaled - floor * divisor);
  const up = twice > divisor || (twice === divisor && floor % 2n === 1n) ? 1n : 0n;
  const significand = floor + up;
  const error = up ? significand * divisor - scaled : scaled - significand * divisor;
  return {
    shift: field.fr(shift),
    multiplier,
    divisor,
    ...limbs('error', error, WIDE_LIMBS),
    ...limbs('slack', divisor - 2n * error - (significand % 2n), WIDE_LIMBS),
    ...newValueCells(exponent, significand, up),
  };
}

function newValueCells(exponent: number, significand: bigint, up: bigint): RowCells {
  const floor = significand - up;
  const normal = floor >> 23n;
  const fraction = floor - (normal << 23n);
  const magnitude = BigInt(exponent - 1) * 2n ** 23n + significand;
  if (exponent > MAX_EXPONENT || magnitude >= BigInt(INFINITY_BITS)) {
    throw new BaseError({ code: 'float/overflow', message: 'Expected every result to be finite in binary32, got one beyond its largest value.' });
  }
  const bits = { up, normal, odd: fraction % 2n, zero: magnitude === 0n ? 1n : 0n };
  return { e: BigInt(exponent), m: significand, ...bits, ...limbs('half', fraction >> 1n, HALF_LIMBS) };
}

function limbs(name: string, value: bigint, count: number): RowCells {
  const cells: RowCells = {};
  for (let i = 0; i < count; i++) cells[`${name}${i}`] = (value >> BigInt(LIMB_BITS * i)) % 2n ** BigInt(LIMB_BITS);
  return cells;
}
