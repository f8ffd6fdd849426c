/** Principal directions of a decoder that is linear, so that they are known beforehand. */
import { describe, expect, it } from 'vitest';
import { type DecoderView, jacobianOf, principalDirections } from '../src/worker/directions.ts';

/** Three latent elements with the gains 1, 5 and 2 on one output each; a pixel differs from a change of 100 on. */
const GAINS = [1, 5, 2];
const VIEW: DecoderView = {
  pixels: 3,
  decode: (latent) => Int32Array.from(GAINS, (gain, i) => gain * (latent[i] as number)),
  difference: (a, b) => a.filter((value, i) => Math.abs(value - (b[i] as number)) >= 100).length / 3,
};
const LATENT = Uint8Array.of(60, 60, 120);

describe('jacobianOf', () => {
  it('is exact for a linear decoder, also where a step up would leave 0..127', () => {
    expect(jacobianOf(VIEW, LATENT).map((row) => Array.from(row, (x) => x + 0))).toEqual([
      [1, 0, 0],
      [0, 5, 0],
      [0, 0, 2],
    ]);
  });
});

describe('principalDirections', () => {
  it('finds the strongest first, orthogonal and of length 1', () => {
    const directions = principalDirections(VIEW, LATENT, jacobianOf(VIEW, LATENT), 2);
    expect(directions.map(({ vector }) => vector.map((x) => Math.round(1000 * x) / 1000 + 0))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  it('reaches as far as is seen, and says where', () => {
    const [first] = principalDirections(VIEW, LATENT, jacobianOf(VIEW, LATENT), 1);
    // A gain of 5 shows a change of 100 from 20 latent units on.
    expect(first?.reach).toBe(20);
    expect(first?.heat.map((x) => Math.round(x))).toEqual([0, 1, 0]);
  });
});
