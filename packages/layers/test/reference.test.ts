import type { BaseError } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import {
  channelBias,
  convolution,
  convolutionAccumulators,
  fullyConnected,
  globalAveragePool,
  paletteHead,
  requantise,
  runDecoder,
} from '../src/reference.ts';
import { smallModel } from './model-fixtures.ts';

describe('requantise', () => {
  it('rounds half up, floors negatives and clamps to 0..127', () => {
    expect([...requantise(Int32Array.of(-1000, -5, -1, 0, 1, 2, 5, 6, 505, 506, 509, 510, 99999), 2)]).toEqual([
      0, 0, 0, 0, 0, 1, 1, 2, 126, 127, 127, 127, 127,
    ]);
  });

  it('shifts the most negative accumulator arithmetically', () => {
    expect([...requantise(Int32Array.of(-(2 ** 31), 2 ** 30 - 1), 30)]).toEqual([0, 1]);
  });
});

describe('fullyConnected', () => {
  it('matches numbers computed by hand', () => {
    const input = Uint8Array.of(1, 2, 3);
    const weight = Int8Array.of(1, 1, 1, -1, 0, 5, 127, 127, 127, -128, -128, -128);
    // acc = 6+0, 14+2, 762+1, -768+1; (acc + 2) >> 2 = 2, 4, 191 -> 127, negative -> 0
    expect([...fullyConnected({ input, weight, bias: Int32Array.of(0, 2, 1, 1), shift: 2 })]).toEqual([2, 4, 127, 0]);
  });
});

describe('convolution', () => {
  it('is a cross-correlation, not a flipped convolution', () => {
    const weight = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const input = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const out = convolutionAccumulators({ input, inputShape: [1, 3, 3], upsample: 1, weight, bias: Int32Array.of(0) });
    expect([...out]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('pads with zeros after upsampling', () => {
    const weight = new Int8Array(9).fill(1);
    const out = convolutionAccumulators({ input: Uint8Array.of(10), inputShape: [1, 1, 1], upsample: 2, weight, bias: Int32Array.of(-1) });
    expect([...out]).toEqual([39, 39, 39, 39]);
  });

  it('repeats each position in both directions', () => {
    const weight = Int8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const input = Uint8Array.of(1, 2, 3, 4);
    const out = convolutionAccumulators({ input, inputShape: [1, 2, 2], upsample: 2, weight, bias: Int32Array.of(0) });
    expect([...out]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it('sums input channels and adds the channel bias before requantisation', () => {
    const weight = Int8Array.from({ length: 36 }, (_, i) => (i % 9 === 4 ? 1 + Math.floor(i / 9) : 0));
    const branch = channelBias(Int32Array.of(2, 3), Int8Array.of(1, 1, -10, -10));
    expect([...branch]).toEqual([5, -50]);
    // channel 0: 1*6 + 2*7 + 5 + bias 1 = 26; channel 1: 3*6 + 4*7 - 50 + bias 8 = 4
    const bias = Int32Array.of(1, 8);
    expect([...convolution({ input: Uint8Array.of(6, 7), inputShape: [2, 1, 1], upsample: 1, weight, bias, channelBias: branch, shift: 3 })]).toEqual(
      [3, 1],
    );
  });
});

describe('globalAveragePool', () => {
  it('rounds half up', () => {
    expect([...globalAveragePool(Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0, 127, 127, 127, 127), [3, 2, 2])]).toEqual([0, 1, 127]);
  });
});

describe('paletteHead', () => {
  it('takes the first of equal maxima, and the first colour when all are equal', () => {
    const head = paletteHead({ input: Uint8Array.of(0, 1, 2), weight: Int8Array.of(0, 1, 1, 2), bias: Int32Array.of(0, 0, 0, -2) });
    expect([...head.logits]).toEqual([0, 0, 0, 0, 1, 2, 0, 1, 2, -2, 0, 2]);
    expect([...head.index]).toEqual([0, 1, 1]);
  });

  it('compares negative logits', () => {
    const head = paletteHead({ input: Uint8Array.of(1), weight: Int8Array.of(-5, -2, -2), bias: Int32Array.of(0, -1, -2) });
    expect([...head.index]).toEqual([1]);
  });
});

describe('runDecoder', () => {
  it('keeps every layer and the image', () => {
    const { layers, index } = runDecoder(smallModel(), Uint8Array.of(0, 1, 64, 126, 127));
    expect([...layers].map(([id, values]) => [id, values.length])).toEqual([
      ['fc', 8],
      ['conv1', 48],
      ['pool', 3],
      ['conv2', 32],
      ['head', 256],
    ]);
    expect(index).toHaveLength(16);
  });

  it.each([
    ['model/latent-length', new Uint8Array(4)],
    ['model/latent-out-of-range', Uint8Array.of(0, 0, 128, 0, 0)],
  ])('rejects a bad latent with %s', (code, latent) => {
    expect(() => runDecoder(smallModel(), latent)).toThrow(expect.objectContaining({ code }) as BaseError);
  });
});
