/**
 * One decoder, any arithmetic: the float decoder that an int8 model stands for, written once over an interface of operations. Weights and
 * biases are the model's integers divided by `2^shift` of their layer, so an activation has the unit of the int8 decoder's, is clamped to
 * 0..127 and not rounded. The order of operations is fixed, because rounding makes it part of the result: the bias first, then input
 * channels in order, in each the kernel's taps row by row; taps on the zero padding are left out.
 */
import type { Model } from '@pentimento/layers';
import { plainLayers, type Shape3, type Weighted } from './layers.ts';

export interface Arithmetic<T> {
  weight(value: number): T;
  /** Start of a sum of products. */
  bias(value: number): T;
  multiply(activation: T, weight: T): T;
  add(sum: T, term: T): T;
  /** From a sum of products to an activation in 0..127. */
  clamp(sum: T): T;
  /** Mean of a power of two activations. */
  mean(activations: readonly T[]): T;
  /** Smallest position of a largest value. */
  firstMaximum(values: readonly T[]): T;
}

export interface Decoded<T> {
  /** `[H*W][K]`; empty with an RGB head, as is `index`. */
  readonly logits: T[][];
  /** `[H*W]`. */
  readonly index: T[];
  /** `[3*H*W]`, activations; empty with a palette head. */
  readonly image: T[];
}

interface Tensor<T> {
  readonly shape: Shape3;
  /** Row-major. */
  readonly values: readonly T[];
}

interface Branch<T> {
  readonly pooled: readonly T[];
  readonly weight: string;
}

/** `latent` has one value for each element. Throws `float/unsupported-layer` for layers beyond those of the presets. */
export function decodeWith<T>(model: Model, arithmetic: Arithmetic<T>, latent: readonly T[]): Decoded<T> {
  const tensors = new Map<string, Tensor<T>>([['latent', { shape: [latent.length, 1, 1], values: latent }]]);
  const at = (id: string) => tensors.get(id) as Tensor<T>;
  const layers = new Layers(model, arithmetic);
  let decoded: Decoded<T> = { logits: [], index: [], image: [] };
  for (const layer of plainLayers(model)) {
    const input = at(layer.input);
    if (layer.op === 'paletteArgmax') decoded = layers.palette(input, layer);
    else if (layer.op === 'rgb') decoded = layers.rgb(input, layer);
    else if (layer.op === 'pool') tensors.set(layer.id, layers.pool(input));
    else if (layer.op === 'fullyConnected') tensors.set(layer.id, { shape: layer.shape, values: layers.fullyConnected(input.values, layer) });
    else {
      const branch = layer.branch && { pooled: at(layer.branch.input).values, weight: layer.branch.weight };
      tensors.set(layer.id, { shape: layer.shape, values: layers.convolution(input, layer, branch) });
    }
  }
  return decoded;
}

class Layers<T> {
  readonly #model: Model;
  readonly #arithmetic: Arithmetic<T>;

  constructor(model: Model, arithmetic: Arithmetic<T>) {
    [this.#model, this.#arithmetic] = [model, arithmetic];
  }

  fullyConnected(x: readonly T[], { weight, bias, shift }: Weighted): T[] {
    const { add, multiply, clamp } = bound(this.#arithmetic);
    const [w, start] = [this.#weights(weight, shift), this.#biases(bias, shift)];
    return start.map((first, o) => clamp(x.reduce((acc, value, i) => add(acc, multiply(value, w[o * x.length + i] as T)), first)));
  }

  convolution(input: Tensor<T>, layer: Weighted & { readonly shape: Shape3 }, branch: Branch<T> | undefined): T[] {
    const { add, multiply, clamp } = bound(this.#arithmetic);
    const [channels, height, width] = layer.shape;
    const [inputs, , inputWidth] = input.shape;
    const w = this.#weights(layer.weight, layer.shift);
    const start = this.#starts(layer, branch);
    const values: T[] = [];
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          let acc = start[c] as T;
          for (let i = 0; i < inputs; i++) {
            for (const { tap, row, column } of TAPS) {
              const [sy, sx] = [y + row, x + column];
              if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
              const source = input.values[(i * (height >> 1) + (sy >> 1)) * inputWidth + (sx >> 1)] as T;
              acc = add(acc, multiply(source, w[(c * inputs + i) * 9 + tap] as T));
            }
          }
          values.push(clamp(acc));
        }
      }
    }
    return values;
  }

  pool({ shape: [channels, height, width], values }: Tensor<T>): Tensor<T> {
    const plane = height * width;
    const means = Array.from({ length: channels }, (_, c) => this.#arithmetic.mean(values.slice(c * plane, (c + 1) * plane)));
    return { shape: [channels, 1, 1], values: means };
  }

  palette(input: Tensor<T>, layer: Weighted): Decoded<T> {
    const logits = this.#pointwise(input, layer);
    return { logits, index: logits.map(bound(this.#arithmetic).firstMaximum), image: [] };
  }

  rgb(input: Tensor<T>, layer: Weighted): Decoded<T> {
    const { clamp } = bound(this.#arithmetic);
    const sums = this.#pointwise(input, layer);
    return { logits: [], index: [], image: [0, 1, 2].flatMap((c) => sums.map((channels) => clamp(channels[c] as T))) };
  }

  /** Sums of a 1x1 convolution, pixel by pixel. */
  #pointwise({ shape: [channels, height, width], values }: Tensor<T>, { weight, bias, shift }: Weighted): T[][] {
    const { add, multiply } = bound(this.#arithmetic);
    const [w, start] = [this.#weights(weight, shift), this.#biases(bias, shift)];
    const pixels = height * width;
    return Array.from({ length: pixels }, (_, p) =>
      start.map((first, k) => {
        let acc = first;
        for (let c = 0; c < channels; c++) acc = add(acc, multiply(values[c * pixels + p] as T, w[k * channels + c] as T));
        return acc;
      }),
    );
  }

  /** Bias of every channel, with the branch's value added. */
  #starts({ bias, shift }: Weighted, branch: Branch<T> | undefined): T[] {
    const { add, multiply } = bound(this.#arithmetic);
    const start = this.#biases(bias, shift);
    if (!branch) return start;
    const w = this.#weights(branch.weight, shift);
    const { pooled } = branch;
    return start.map((first, c) => pooled.reduce((acc, value, i) => add(acc, multiply(value, w[c * pooled.length + i] as T)), first));
  }

  #weights(name: string, shift: number): T[] {
    return this.#data(name).map((v) => this.#arithmetic.weight(v / 2 ** shift));
  }

  #biases(name: string, shift: number): T[] {
    return this.#data(name).map((v) => this.#arithmetic.bias(v / 2 ** shift));
  }

  #data(name: string): number[] {
    return [...(this.#model.weights.get(name)?.data ?? [])];
  }
}

const TAPS = Array.from({ length: 9 }, (_, tap) => ({ tap, row: Math.floor(tap / 3) - 1, column: (tap % 3) - 1 }));

/** The operations as plain functions, for the inner loops. */
function bound<T>(arithmetic: Arithmetic<T>): Pick<Arithmetic<T>, 'add' | 'multiply' | 'clamp' | 'firstMaximum'> {
  return {
    add: (x, y) => arithmetic.add(x, y),
    multiply: (x, y) => arithmetic.multiply(x, y),
    clamp: (x) => arithmetic.clamp(x),
    firstMaximum: (x) => arithmetic.firstMaximum(x),
  };
}
