/** Pooling and the residual sum. */
import { type Activation, activate } from '../activation.ts';
import type { Ints, Shape3 } from './linear.ts';

/** `(sum + 2^(s-1)) >> s` over the `H*W = 2^s` positions of each channel: `[C]`, 0..127. */
export function globalAveragePool(input: Ints, [channels, height, width]: Shape3): Int32Array {
  const plane = height * width;
  const half = plane >> 1;
  const shift = Math.log2(plane);
  return Int32Array.from({ length: channels }, (_, c) => {
    let sum = half;
    for (let i = c * plane; i < (c + 1) * plane; i++) sum += input[i] as number;
    return sum >> shift;
  });
}

/** `(a + b + c + d + 2) >> 2` over each 2x2 block: `[C, H/2, W/2]`. */
export function averagePool(input: Ints, shape: Shape3): Int32Array {
  return blocks(input, shape, (a, b, c, d) => (a + b + c + d + 2) >> 2);
}

/** Maximum of each 2x2 block: `[C, H/2, W/2]`. */
export function maxPool(input: Ints, shape: Shape3): Int32Array {
  return blocks(input, shape, Math.max);
}

/** `activation(a + b)` elementwise. */
export function add(a: Ints, b: Ints, activation: Activation = 'clamp'): Int32Array {
  return Int32Array.from(a, (value, i) => activate(activation, value + (b[i] as number)));
}

function blocks(input: Ints, [channels, height, width]: Shape3, combine: (a: number, b: number, c: number, d: number) => number): Int32Array {
  const plane = (height * width) / 4;
  return Int32Array.from({ length: channels * plane }, (_, i) => {
    const [c, y, x] = [Math.floor(i / plane), Math.floor((i % plane) / (width / 2)), i % (width / 2)];
    const at = (dy: number, dx: number) => input[(c * height + 2 * y + dy) * width + 2 * x + dx] as number;
    return combine(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
  });
}
