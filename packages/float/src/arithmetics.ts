/**
 * Arithmetics for `decodeWith`: real numbers (binary64 stands for them), binary32 on the host's own floating point unit, fixed point with
 * 16 fractional bits, and binary32 as a program for the circuit.
 */
import { MAX_ACTIVATION } from '@pentimento/core';
import type { Recorder, Value } from './binary32/program.ts';
import type { Arithmetic } from './decoder.ts';

export const FRACTION_BITS = 16;
/** The largest activation in units of `2^-16`. */
export const FIXED_LIMIT: number = MAX_ACTIVATION * 2 ** FRACTION_BITS;

/** binary64: the reference that errors are measured against. Its own rounding is 2^29 times finer than binary32's. */
export const BINARY64: Arithmetic<number> = {
  weight: (v) => v,
  bias: (v) => v,
  multiply: (x, w) => x * w,
  add: (x, y) => x + y,
  clamp: (x) => Math.min(Math.max(x, 0), MAX_ACTIVATION),
  mean: (values) => values.reduce((x, y) => x + y) / values.length,
  firstMaximum,
};

/** Rounded to binary32 after each operation. Rounding a binary64 result again is exact: it has more than twice the bits, and two more. The sign of a zero may differ from the program's; no value depends on it. */
export const BINARY32: Arithmetic<number> = {
  weight: (v) => Math.fround(v),
  bias: (v) => Math.fround(v),
  multiply: (x, w) => Math.fround(x * w),
  add: (x, y) => Math.fround(x + y),
  clamp: (x) => Math.min(Math.max(x, 0), MAX_ACTIVATION),
  mean: (values) => Math.fround(values.reduce((x, y) => Math.fround(x + y)) / values.length),
  firstMaximum,
};

/**
 * Integers: weights and activations in units of `2^-16`, sums of products and biases in units of `2^-32`, exact; a sum is rounded when it
 * becomes an activation (half up). Exact while sums stay below 2^53.
 */
export const FIXED16: Arithmetic<number> = {
  weight: (v) => Math.round(v * 2 ** FRACTION_BITS),
  bias: (v) => Math.round(v * 2 ** (2 * FRACTION_BITS)),
  multiply: (x, w) => x * w,
  add: (x, y) => x + y,
  clamp: (x) => Math.min(Math.max(Math.floor((x + 2 ** (FRACTION_BITS - 1)) / 2 ** FRACTION_BITS), 0), FIXED_LIMIT),
  mean: (values) => Math.floor(values.reduce((x, y) => x + y) / values.length + 0.5),
  firstMaximum,
};

function firstMaximum(values: readonly number[]): number {
  return values.reduce((best, value, k) => (value > (values[best] as number) ? k : best), 0);
}

/** Records the operations; the index of `firstMaximum` is the label of its value. */
export function programArithmetic(program: Recorder): Arithmetic<Value> {
  const [zero, limit] = [program.constant(0), program.constant(MAX_ACTIVATION)];
  return {
    weight: (v) => program.constant(Math.fround(v)),
    bias: (v) => program.constant(Math.fround(v)),
    multiply: (x, w) => program.multiply(x, w),
    add: (x, y) => program.add(x, y),
    clamp: (x) => program.minimum(program.maximum(x, zero), limit),
    mean: (values) =>
      program.multiply(
        values.reduce((x, y) => program.add(x, y)),
        program.constant(1 / values.length),
      ),
    firstMaximum: (values) => values.reduce((best, value, k) => program.maximum(best, value, k)),
  };
}
