/** The reference against a second implementation that follows the formulas literally, with bigint and without tricks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometryOf, shiftsOf } from '../src/geometry.ts';
import type { Conv2dLayer, Layer } from '../src/manifest.ts';
import type { Model } from '../src/model.ts';
import { paletteHead } from '../src/reference/head.ts';
import { convolution, fullyConnected } from '../src/reference/linear.ts';
import { averagePool, globalAveragePool, maxPool } from '../src/reference/pool.ts';
import { runDecoder } from '../src/reference.ts';
import { smallModel } from './model-fixtures.ts';

const RUNS = { numRuns: 200 };
const activation = fc.integer({ min: 0, max: 127 });
const int8 = fc.integer({ min: -128, max: 127 });
const bias = fc.integer({ min: -(2 ** 20), max: 2 ** 20 });
const shift = fc.integer({ min: 1, max: 20 });
const list = (element: fc.Arbitrary<number>, length: number) => fc.array(element, { minLength: length, maxLength: length });

const naiveClamp = (acc: bigint, bits: number) => {
  const shifted = (acc + 2n ** BigInt(bits - 1)) >> BigInt(bits);
  return Number(shifted < 0n ? 0n : shifted > 127n ? 127n : shifted);
};

const naiveDot = (a: ArrayLike<number>, b: ArrayLike<number>, start: number) =>
  Array.from(a).reduce((acc, value, i) => acc + BigInt(value) * BigInt(b[i] as number), BigInt(start));

interface NaiveConvolution {
  readonly input: ArrayLike<number>;
  readonly inputShape: readonly [number, number, number];
  readonly options: Partial<Conv2dLayer>;
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly shifts: readonly number[];
  readonly addend: (o: number) => bigint;
}

/** Straight from the sentence of the format: pad what was repeated, correlate, keep every stride-th position. */
function naiveConvolution({ input, inputShape: [channels, h, w], options, weight, bias: biases, shifts, addend }: NaiveConvolution): number[] {
  const { kernel: k = 3, stride = 1, upsample = 1, padding = 'same' } = options;
  const [before, after] = { same: [Math.floor((k - 1) / 2), k - 1 - Math.floor((k - 1) / 2)], valid: [0, 0], full: [k - 1, k - 1] }[padding] as [
    number,
    number,
  ];
  const [height, width] = [h * upsample, w * upsample];
  const at = (c: number, y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0n : BigInt(input[(c * h + Math.floor(y / upsample)) * w + Math.floor(x / upsample)] as number);
  const out: number[] = [];
  for (let o = 0; o < biases.length; o++) {
    for (let y = -before; y + k <= height + after; y += stride) {
      for (let x = -before; x + k <= width + after; x += stride) {
        let acc = BigInt(biases[o] as number) + addend(o);
        for (let t = 0; t < channels * k * k; t++) {
          const [c, ky, kx] = [Math.floor(t / (k * k)), Math.floor((t % (k * k)) / k), t % k];
          acc += BigInt(weight[o * channels * k * k + t] as number) * at(c, y + ky, x + kx);
        }
        out.push(naiveClamp(acc, shifts[o] as number));
      }
    }
  }
  return out;
}

const naiveFullyConnected = (input: ArrayLike<number>, weight: ArrayLike<number>, biases: ArrayLike<number>, bits: number) =>
  Array.from(biases, (b, o) => naiveClamp(naiveDot(input, Array.from(weight).slice(o * input.length, (o + 1) * input.length), b), bits));

const naivePool = (input: ArrayLike<number>, [channels, h, w]: readonly [number, number, number]) =>
  Array.from({ length: channels }, (_, c) =>
    Math.floor(
      Array.from(input)
        .slice(c * h * w, (c + 1) * h * w)
        .reduce((a, b) => a + b, 0) /
        (h * w) +
        0.5,
    ),
  );

describe('layers equal the literal formulas', () => {
  it('fullyConnected', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    const problem = sizes.chain(([o, i]) => fc.tuple(list(activation, i), list(int8, o * i), list(bias, o), shift));
    fc.assert(
      fc.property(problem, ([input, weight, biases, bits]) => {
        const found = fullyConnected({
          input: Uint8Array.from(input),
          weight: Int8Array.from(weight),
          bias: Int32Array.from(biases),
          shifts: [bits],
        });
        expect([...found]).toEqual(naiveFullyConnected(input, weight, biases, bits));
      }),
      RUNS,
    );
  });

  it('convolution, with every kernel, stride, padding and upsampling', () => {
    const small = fc.integer({ min: 1, max: 3 });
    const size = fc.integer({ min: 1, max: 6 });
    const options = fc.record({
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.constantFrom(1 as const, 2 as const),
      upsample: fc.constantFrom(1 as const, 2 as const),
      padding: fc.constantFrom('same' as const, 'valid' as const, 'full' as const),
    });
    const problem = fc
      .tuple(small, small, size, size, options)
      .filter(([, , h, w, { kernel, upsample, padding }]) => padding !== 'valid' || Math.min(h, w) * upsample >= kernel)
      .chain(([o, i, h, w, chosen]) =>
        fc.record({
          input: list(activation, i * h * w),
          inputShape: fc.constant([i, h, w] as const),
          options: fc.constant(chosen),
          weight: list(int8, o * i * chosen.kernel ** 2),
          bias: list(bias, o),
          branch: list(bias, o),
          shifts: list(shift, o),
        }),
      );
    fc.assert(
      fc.property(problem, ({ input, inputShape, options: chosen, weight, bias: biases, branch, shifts }) => {
        const ints = { input: Uint8Array.from(input), weight: Int8Array.from(weight), bias: Int32Array.from(biases) };
        const found = convolution({ inputShape, geometry: geometryOf(chosen), shifts, ...ints, channelBias: Int32Array.from(branch) });
        const addend = (o: number) => BigInt(branch[o] as number);
        expect([...found]).toEqual(naiveConvolution({ input, inputShape, options: chosen, weight, bias: biases, shifts, addend }));
      }),
      RUNS,
    );
  });

  it('averagePool and maxPool', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
    const problem = sizes.chain(([c, h, w]) => fc.tuple(fc.constant([c, 2 * h, 2 * w] as const), list(activation, c * 4 * h * w)));
    fc.assert(
      fc.property(problem, ([shape, input]) => {
        const [, height, width] = shape;
        const blocks: number[][] = Array.from({ length: input.length / 4 }, () => []);
        input.forEach((value, i) => {
          const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
          blocks[((c * height) / 2 + (y >> 1)) * (width / 2) + (x >> 1)]?.push(value);
        });
        expect([...averagePool(Uint8Array.from(input), shape)]).toEqual(blocks.map((b) => Math.floor(b.reduce((s, v) => s + v) / 4 + 0.5)));
        expect([...maxPool(Uint8Array.from(input), shape)]).toEqual(blocks.map((b) => Math.max(...b)));
      }),
      RUNS,
    );
  });

  it('globalAveragePool', () => {
    const shape = fc.constantFrom([1, 1, 1] as const, [2, 1, 2] as const, [3, 2, 2] as const, [2, 4, 8] as const);
    const problem = shape.chain((s) => fc.tuple(fc.constant(s), list(activation, s[0] * s[1] * s[2])));
    fc.assert(
      fc.property(problem, ([s, input]) => {
        expect([...globalAveragePool(Uint8Array.from(input), s)]).toEqual(naivePool(input, s));
      }),
      RUNS,
    );
  });

  it('paletteHead, with many ties', () => {
    const few = fc.integer({ min: -1, max: 1 });
    const sizes = fc.tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }));
    const problem = sizes.chain(([k, i, p]) => fc.tuple(list(fc.integer({ min: 0, max: 2 }), i * p), list(few, k * i), list(few, k)));
    fc.assert(
      fc.property(problem, ([input, weight, biases]) => {
        const channels = weight.length / biases.length;
        const pixels = input.length / channels;
        const head = paletteHead({ input: Uint8Array.from(input), weight: Int8Array.from(weight), bias: Int32Array.from(biases) });
        for (let p = 0; p < pixels; p++) {
          const column = Array.from({ length: channels }, (_, c) => input[c * pixels + p] as number);
          const logits = biases.map((b, k) => Number(naiveDot(column, weight.slice(k * channels, (k + 1) * channels), b)));
          expect(biases.map((_, k) => head.logits[k * pixels + p])).toEqual(logits);
          expect(head.index[p]).toBe(logits.indexOf(Math.max(...logits)));
        }
      }),
      RUNS,
    );
  });
});

/** Layer by layer with the naive functions, from the manifest alone. */
function naiveLayer(model: Model, layer: Layer, outputs: Map<string, ArrayLike<number>>): number[] {
  const { layers } = model.manifest;
  const input = outputs.get(layer.input) as ArrayLike<number>;
  const data = (name: string) => model.weights.get(name)?.data as ArrayLike<number>;
  const inputShape = layers.find(({ id }) => id === layer.input)?.shape as unknown as readonly [number, number, number];
  if (layer.op === 'globalAveragePool') return naivePool(input, inputShape);
  if (layer.op === 'fullyConnected') return naiveFullyConnected(input, data(layer.weight), data(layer.bias), layer.shift as number);
  if (layer.op !== 'conv2d') throw new Error('the other layers have their own properties');
  const { channelBias: branch } = layer;
  const addend = (o: number) => {
    if (!branch) return 0n;
    const pooled = outputs.get(branch.input) as ArrayLike<number>;
    return naiveDot(pooled, Array.from(data(branch.weight)).slice(o * pooled.length), 0);
  };
  return naiveConvolution({
    input,
    inputShape,
    options: layer,
    weight: data(layer.weight),
    bias: data(layer.bias),
    shifts: shiftsOf(layer, layer.shape[0]),
    addend,
  });
}

describe('runDecoder', () => {
  it('composes the layers as the manifest says, for any weights and latent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), list(activation, 5), (seed, latent) => {
        const model = smallModel(seed);
        const run = runDecoder(model, Uint8Array.from(latent));
        const outputs = new Map<string, ArrayLike<number>>([['latent', latent]]);
        for (const layer of model.manifest.layers.slice(0, -1)) {
          outputs.set(layer.id, naiveLayer(model, layer, outputs));
          expect([...(run.layers.get(layer.id) as Int32Array)]).toEqual(outputs.get(layer.id));
        }
      }),
      RUNS,
    );
  });
});
