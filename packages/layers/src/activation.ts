/**
 * Activations as functions of one integer `q`, the accumulator after its shift (book/formats.md, section 1). Results lie in 0..127. The
 * two transcendental ones are rounded from values that no tie comes near, so any correct `exp` and `tanh` in doubles gives the same table.
 */
import { MAX_ACTIVATION } from '@pentimento/core';

/** `clamp` is also the rectifier: negative values become 0, and the range ends at 127. */
export type Activation = 'clamp' | 'leakyRelu' | 'sigmoid' | 'tanh';

export const ACTIVATIONS: readonly Activation[] = ['clamp', 'leakyRelu', 'sigmoid', 'tanh'];

const clamp = (value: number): number => Math.min(MAX_ACTIVATION, Math.max(0, value));

/** Codes: `leakyRelu` has its zero at 32 and slope 1/8 below it, `sigmoid` has 127 for one, `tanh` its zero at 64. */
const FUNCTIONS: Readonly<Record<Activation, (q: number) => number>> = {
  clamp,
  leakyRelu: (q) => clamp(32 + (q < 0 ? Math.floor(q / 8) : q)),
  sigmoid: (q) => Math.floor(127 / (1 + Math.exp(-q / 16)) + 0.5),
  tanh: (q) => Math.floor(64.5 + 63 * Math.tanh(q / 32)),
};

/** The activation's value at the integer `q`, in 0..127. */
export function activate(activation: Activation, q: number): number {
  return FUNCTIONS[activation](q);
}
