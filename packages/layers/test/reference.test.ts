import type { BaseError } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { activate } from '../src/activation.ts';
import { geometryOf } from '../src/geometry.ts';
import { paletteHead, rgbHead } from '../src/reference/head.ts';
import { channelBias, convolution, convolutionAccumulators, fullyConnected, requantise } from '../src/reference/linear.ts';
import { add, averagePool, globalAveragePool, maxPool } from '../src/reference/pool.ts';
import { runDecoder } from '../src/reference.ts';
import { smallModel } from './model-fixtures.ts';

describe('requantise', () => {
  it('rounds half up, floors negatives and clamps to 0..127', () => {
    expect([...requantise(Int32Array.of(-1000, -5, -1, 0, 1, 2, 5, 6, 505, 506, 509, 510, 99999), { shifts: [2] })]).toEqual([
      0, 0, 0, 0, 0, 1, 1, 2, 126, 127, 127, 127, 127,
    ]);
  });

  it('shifts the most negative accumulator arithmetically', () => {
    expect([...requantise(Int32Array.of(-(2 ** 31), 2 ** 30 - 1), { shifts: [30] })]).toEqual([0, 1]);
  });

  it('takes one shift for each channel', () => {
    expect([...requantise(Int32Array.of(8, 9, 8, 9), { shifts: [1, 3] })]).toEqual([4, 5, 1, 1]);
  });
});

describe('fullyConnected', () => {
  it('matches numbers computed by hand', () => {
    const input = Uint8Array.of(1, 2, 3);
    const weight = Int8Array.of(1, 1, 1, -1, 0, 5, 127, 127, 127, -128, -128, -128);
    // acc = 6+0, 14+2, 762+1, -768+1; (acc + 2) >> 2 = 2, 4, 191 -> 127, negative -> 0
    expect([...fullyConnected({ input, weight, bias: Int32Array.of(0, 2, 1, 1), shifts: [2] })]).toEqual([2, 4, 127, 0]);
  });
});

describe('convolution', () => {
  it('is a cross-correlation, not a flipped convolution', () => {
    const weight = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const input = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const out = convolutionAccumulators({ input, inputShape: [1, 3, 3], geometry: geometryOf({}), weight, bias: Int32Array.of(0) });
    expect([...out]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('pads with zeros after upsampling', () => {
    const weight = new Int8Array(9).fill(1);
    const out = convolutionAccumulators({
      input: Uint8Array.of(10),
      inputShape: [1, 1, 1],
      geometry: geometryOf({ upsample: 2 }),
      weight,
      bias: Int32Array.of(-1),
    });
    expect([...out]).toEqual([39, 39, 39, 39]);
  });

  it('repeats each position in both directions', () => {
    const weight = Int8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const input = Uint8Array.of(1, 2, 3, 4);
    const out = convolutionAccumulators({ input, inputShape: [1, 2, 2], geometry: geometryOf({ upsample: 2 }), weight, bias: Int32Array.of(0) });
    expect([...out]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it('sums input channels and adds the channel bias before requantisation', () => {
    const weight = Int8Array.from({ length: 36 }, (_, i) => (i % 9 === 4 ? 1 + Math.floor(i / 9) : 0));
    const branch = channelBias(Int32Array.of(2, 3), Int8Array.of(1, 1, -10, -10));
    expect([...branch]).toEqual([5, -50]);
    // channel 0: 1*6 + 2*7 + 5 + bias 1 = 26; channel 1: 3*6 + 4*7 - 50 + bias 8 = 4
    const bias = Int32Array.of(1, 8);
    expect([
      ...convolution({
        input: Uint8Array.of(6, 7),
        inputShape: [2, 1, 1],
        geometry: geometryOf({}),
        weight,
        bias,
        channelBias: branch,
        shifts: [3, 3],
      }),
    ]).toEqual([3, 1]);
  });
});

describe('convolution with other sizes', () => {
  const input = Uint8Array.from({ length: 16 }, (_, i) => i);
  const run = (options: Parameters<typeof geometryOf>[0], taps: readonly number[]) => [
    ...convolutionAccumulators({ input, inputShape: [1, 4, 4], geometry: geometryOf(options), weight: Int8Array.from(taps), bias: Int32Array.of(0) }),
  ];

  it('valid keeps what the kernel covers whole', () => {
    expect(run({ kernel: 3, padding: 'valid' }, [1, 0, 0, 0, 0, 0, 0, 0, 10])).toEqual([100, 111, 144, 155]);
  });

  it('full keeps every position that the kernel touches', () => {
    const out = run({ kernel: 2, padding: 'full' }, [1, 2, 3, 4]);
    expect(out).toHaveLength(25);
    expect([out[0], out[1], out[6], out[24]]).toEqual([0, 4, 0 * 1 + 1 * 2 + 4 * 3 + 5 * 4, 15]);
  });

  it('a stride of 2 keeps every second position, from the first', () => {
    expect(run({ kernel: 1, stride: 2 }, [1])).toEqual([0, 2, 8, 10]);
    expect(run({ kernel: 3, stride: 2 }, [0, 0, 0, 0, 0, 1, 0, 0, 0])).toEqual([1, 3, 9, 11]);
  });

  it('an even kernel has its odd zero at the end', () => {
    expect(run({ kernel: 2 }, [0, 0, 0, 1]).slice(0, 4)).toEqual([5, 6, 7, 0]);
  });
});

describe('blocks of 2x2', () => {
  const input = Uint8Array.of(1, 2, 9, 0, 3, 5, 0, 0);

  it('average rounds half up', () => {
    expect([...averagePool(input, [1, 2, 4])]).toEqual([3, 2]);
    expect([...averagePool(Uint8Array.of(0, 1, 0, 1), [1, 2, 2])]).toEqual([1]);
  });

  it('maximum', () => {
    expect([...maxPool(input, [1, 2, 4])]).toEqual([5, 9]);
  });
});

describe('add', () => {
  it('saturates at 127, or takes the activation', () => {
    expect([...add(Uint8Array.of(1, 100), Uint8Array.of(2, 100))]).toEqual([3, 127]);
    expect([...add(Uint8Array.of(0, 60), Uint8Array.of(0, 60), 'leakyRelu')]).toEqual([32, 127]);
  });
});

describe('activate', () => {
  it('has its documented values', () => {
    const at = (name: Parameters<typeof activate>[0]) => [-1000, -9, -1, 0, 1, 16, 1000].map((q) => activate(name, q));
    expect(at('clamp')).toEqual([0, 0, 0, 0, 1, 16, 127]);
    expect(at('leakyRelu')).toEqual([0, 30, 31, 32, 33, 48, 127]);
    // 127/(1+e^(9/16)) = 46.10, 127/(1+e^(1/16)) = 61.52, 63.5, 65.48, 127/(1+1/e) = 92.84
    expect(at('sigmoid')).toEqual([0, 46, 62, 64, 65, 93, 127]);
    // 63*tanh(9/32) = 17.27, 63*tanh(1/32) = 1.97, 63*tanh(1/2) = 29.11
    expect(at('tanh')).toEqual([1, 47, 62, 64, 66, 93, 127]);
  });

  it.each(['sigmoid', 'tanh'] as const)('%s has no value near a tie but sigmoid(0), which is exact', (name) => {
    for (let q = -2000; q <= 2000; q++) {
      const value = name === 'sigmoid' ? 127 / (1 + Math.exp(-q / 16)) : 63 * Math.tanh(q / 32);
      const distance = Math.abs(value - Math.floor(value) - 0.5);
      expect(distance > 1e-6 || (name === 'sigmoid' && q === 0), `${q}`).toBe(true);
    }
  });
});

describe('rgbHead', () => {
  it('rounds and clamps like any layer', () => {
    const out = rgbHead({ input: Uint8Array.of(1, 100), weight: Int8Array.of(1, 3, -1), bias: Int32Array.of(0, 1, 0), shift: 1 });
    expect([...out]).toEqual([1, 50, 2, 127, 0, 0]);
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
