/**
 * From an int8 model to the rows of the fixed-point circuit: placements and the terms of its linear identity. Row `i` stands for the power
 * `b^i` of a challenge; the equation of the output on row `i` is the coefficient of `b^i` in one polynomial identity, as in the int8
 * circuit (book/circuit.md) with one element a row. So the two differ in the number format and in nothing else.
 */
import { BaseError, MAX_ACTIVATION, WORD_BYTES } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { FIXED_LIMIT, FRACTION_BITS } from '../arithmetics.ts';
import { plainLayers, type Shape3, type Weighted } from '../layers.ts';

/** Adds `sum_j b^(kappaRow + j) * weights[j]` to its unit's coefficient. */
export interface WeightRow {
  readonly kappaRow: number;
  /** At most four integers. */
  readonly weights: readonly number[];
}

/** A channel or one element of a vector: cells that meet the same weights, each multiplied with `b^piRow`. */
export interface InputUnit {
  readonly blocks: readonly WeightRow[];
  readonly cells: readonly { readonly row: number; readonly piRow: number }[];
  /** Factor of every cell: `2^16` for the latent, whose cells are integers, else 1. */
  readonly factor: number;
}

export interface Plan {
  readonly rows: number;
  /** Public words: latent, then image. */
  readonly latentWords: number;
  readonly imageWords: number;
  readonly latent: Range;
  /** Rows of outputs that are rescaled and clamped. */
  readonly outputs: readonly Range[];
  /** The last rows, with a palette head; else empty. */
  readonly head: Range & { readonly classes: number; readonly pixels: number };
  /** Outputs of an RGB head, row-major `[3, H, W]`; else empty. */
  readonly image: Range;
  readonly units: readonly InputUnit[];
  /** `sum * output` counts for the equation of row `kappaRow`. */
  readonly sums: readonly { readonly row: number; readonly kappaRow: number; readonly sum: bigint }[];
  /** Rows that share one broadcast value; for a branch the first row defines it. */
  readonly branches: readonly (readonly number[])[];
  /** Constant of an equation, by row, below 2^53 in absolute value. */
  readonly constants: ReadonlyMap<number, number>;
}

export interface Range {
  readonly first: number;
  readonly count: number;
}

interface Convolution {
  readonly shape: Shape3;
  readonly branch: { readonly input: string; readonly weight: string } | undefined;
}

interface Grid {
  readonly first: number;
  readonly shape: Shape3;
  readonly ring: 0 | 1;
  readonly stride: number;
  readonly channelStride: number;
}

const WEIGHTS_A_ROW = 4;
export const PIXELS_A_WORD: number = 2 * WORD_BYTES;
/** Values of an RGB image in one word, three bytes each. */
export const VALUES_A_WORD = 10;
const HALF = 2 ** (FRACTION_BITS - 1);
/** Bound of accumulators: with it a rescaled value fits the limbs of the excess, and binary64 is exact. */
const MAX_ACCUMULATOR = 2 ** 51;

/** Throws `float/unsupported-layer` and `float/accumulator-overflow`. */
export function planFixed16(model: Model): Plan {
  return new Planner(model).plan();
}

class Planner {
  readonly #model: Model;
  readonly #grids = new Map<string, Grid>();
  readonly #outputs: Range[] = [];
  readonly #units: InputUnit[] = [];
  readonly #sums: { row: number; kappaRow: number; sum: bigint }[] = [];
  readonly #branches: number[][] = [];
  readonly #constants = new Map<number, number>();
  #next: number;
  readonly #latentWords: number;
  readonly #imageWords: number;

  constructor(model: Model) {
    const { latent, image } = model.manifest;
    this.#model = model;
    this.#latentWords = Math.ceil(latent.length / WORD_BYTES);
    const pixels = image.height * image.width;
    this.#imageWords = Math.ceil(model.manifest.layers.at(-1)?.op === 'rgb' ? (3 * pixels) / VALUES_A_WORD : pixels / PIXELS_A_WORD);
    this.#next = this.#latentWords + this.#imageWords;
  }

  plan(): Plan {
    const description = this.#model.manifest.latent;
    const latent = { first: this.#take(description.length), count: description.length };
    this.#grids.set('latent', { first: latent.first, shape: [latent.count, 1, 1], ring: 0, stride: 1, channelStride: 1 });
    for (let i = 0; i < latent.count; i++) {
      const place = 256n ** BigInt(WORD_BYTES - 1 - (i % WORD_BYTES));
      this.#sums.push({ row: latent.first + i, kappaRow: Math.floor(i / WORD_BYTES), sum: -place });
    }
    let head: Plan['head'] = { first: 0, count: 0, classes: 0, pixels: 0 };
    let image: Range = { first: 0, count: 0 };
    for (const layer of plainLayers(this.#model)) {
      const input = this.#grids.get(layer.input) as Grid;
      if (layer.op === 'fullyConnected') this.#fullyConnected(input, layer, layer.shape);
      else if (layer.op === 'pool') this.#pool(layer.id, input);
      else if (layer.op === 'paletteArgmax') head = this.#palette(input, layer);
      else if (layer.op === 'rgb') image = this.#rgb(input, layer);
      else this.#convolution(input, layer, layer);
    }
    return {
      rows: this.#next,
      latentWords: this.#latentWords,
      imageWords: this.#imageWords,
      latent,
      outputs: this.#outputs,
      head,
      image,
      units: this.#units,
      sums: this.#sums,
      branches: this.#branches,
      constants: this.#constants,
    };
  }

  #fullyConnected(input: Grid, layer: Weighted, shape: Shape3): void {
    const grid = this.#place(layer.id, shape, 0);
    const [inputs, outputs] = [input.shape[0], shape[0] * shape[1] * shape[2]];
    const [weights, biases] = [this.#weights(layer.weight, layer.shift), this.#biases(layer.bias, layer.shift)];
    assertBounds(layer.id, weights, biases);
    for (let o = 0; o < outputs; o++) this.#constants.set(grid.first + o, -((biases[o] as number) + HALF));
    for (let i = 0; i < inputs; i++) {
      const blocks: WeightRow[] = [];
      for (let o = 0; o < outputs; o += WEIGHTS_A_ROW) {
        const count = Math.min(WEIGHTS_A_ROW, outputs - o);
        blocks.push({ kappaRow: grid.first + o, weights: Array.from({ length: count }, (_, j) => -(weights[(o + j) * inputs + i] as number)) });
      }
      this.#units.push({ blocks, cells: [{ row: input.first + i * input.channelStride, piRow: 0 }], factor: 2 ** FRACTION_BITS });
    }
  }

  #convolution(input: Grid, layer: Weighted, { shape, branch: side }: Convolution): void {
    const sideWeights = side && this.#weights(side.weight, layer.shift);
    const branch = side && this.#branch(shape[0], this.#grids.get(side.input) as Grid, sideWeights ?? []);
    const grid = this.#place(layer.id, shape, 1);
    const [weights, biases] = [this.#weights(layer.weight, layer.shift), this.#biases(layer.bias, layer.shift)];
    assertBounds(layer.id, weights, biases, sideWeights);
    const [inputs, height, width] = input.shape;
    for (let c = 0; c < shape[0]; c++) {
      const rows = Array.from({ length: grid.channelStride }, (_, i) => grid.first + c * grid.channelStride + i);
      for (const row of rows) this.#constants.set(row, -((biases[c] as number) + HALF));
      if (branch !== undefined) this.#branches.push([branch + c, ...rows]);
    }
    for (let i = 0; i < inputs; i++) {
      const blocks = Array.from({ length: shape[0] }, (_, c) => {
        const kernel = weights.slice((c * inputs + i) * 9, (c * inputs + i + 1) * 9);
        return foldUpsampling(kernel).map((line, a) => ({
          kappaRow: grid.first + c * grid.channelStride + a * grid.stride,
          weights: line.map((w) => -w),
        }));
      }).flat();
      const cells: { row: number; piRow: number }[] = [];
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) cells.push({ row: cellRow(input, i, y, x), piRow: 2 * y * grid.stride + 2 * x });
      this.#units.push({ blocks, cells, factor: 1 });
    }
  }

  /** First row of the branch's values, one a channel: each is a broadcast cell. */
  #branch(channels: number, pooled: Grid, weights: readonly number[]): number {
    const first = this.#take(channels);
    const inputs = pooled.shape[0];
    for (let i = 0; i < inputs; i++) {
      const blocks = Array.from({ length: channels }, (_, c) => ({ kappaRow: first + c, weights: [weights[c * inputs + i] as number] }));
      this.#units.push({ blocks, cells: [{ row: pooled.first + i, piRow: 0 }], factor: 1 });
    }
    return first;
  }

  /** The sum of `2^s` cells, times `2^(16-s)`, is rescaled like every other sum. */
  #pool(id: string, input: Grid): void {
    const [channels, height, width] = input.shape;
    const grid = this.#place(id, [channels, 1, 1], 0);
    const factor = BigInt(2 ** FRACTION_BITS / (height * width));
    for (let c = 0; c < channels; c++) {
      this.#constants.set(grid.first + c, -HALF);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) this.#sums.push({ row: cellRow(input, c, y, x), kappaRow: grid.first + c, sum: -factor });
    }
  }

  /** Rows class by class. The key `K*logit + K-1-k` is largest for the first of the largest logits. */
  #palette(input: Grid, layer: Weighted): Plan['head'] {
    const pixels = input.shape[1] * input.shape[2];
    const [weights, biases] = [this.#weights(layer.weight, 0), this.#biases(layer.bias, 0)];
    const classes = biases.length;
    assertBounds(layer.id, weights, biases);
    const first = this.#take(classes * pixels);
    const constants = biases.map((bias, k) => classes * bias + classes - 1 - k);
    this.#pointwise(input, { first, weights: weights.map((w) => classes * w), constants });
    return { first, count: classes * pixels, classes, pixels };
  }

  /** Elements as of any layer, and digits of the image's words. */
  #rgb(input: Grid, layer: Weighted): Range {
    const [, height, width] = input.shape;
    const [weights, biases] = [this.#weights(layer.weight, layer.shift), this.#biases(layer.bias, layer.shift)];
    assertBounds(layer.id, weights, biases);
    const { first } = this.#place(layer.id, [biases.length, height, width], 0);
    this.#pointwise(input, { first, weights: weights.map((w) => -w), constants: biases.map((bias) => -(bias + HALF)) });
    const count = biases.length * height * width;
    for (let i = 0; i < count; i++)
      this.#sums.push({ row: first + i, kappaRow: this.#latentWords + Math.floor(i / VALUES_A_WORD), sum: -valuePlace(i) });
    return { first, count };
  }

  /** A 1x1 convolution; `weights` is `[O, I]`, `constants` has one for each output channel. */
  #pointwise(input: Grid, { first, weights, constants }: { first: number; weights: readonly number[]; constants: readonly number[] }): void {
    const [channels, height, width] = input.shape;
    const pixels = height * width;
    for (let i = 0; i < channels; i++) {
      const blocks = constants.map((_, o) => ({ kappaRow: first + o * pixels, weights: [weights[o * channels + i] as number] }));
      const cells = Array.from({ length: pixels }, (_, p) => ({ row: cellRow(input, i, Math.floor(p / width), p % width), piRow: p }));
      this.#units.push({ blocks, cells, factor: 1 });
    }
    constants.forEach((constant, o) => {
      for (let p = 0; p < pixels; p++) this.#constants.set(first + o * pixels + p, constant);
    });
  }

  #place(id: string, shape: Shape3, ring: 0 | 1): Grid {
    const stride = shape[2] + 2 * ring;
    const channelStride = (shape[1] + 2 * ring) * stride;
    const count = shape[0] * channelStride;
    const grid = { first: this.#take(count), shape, ring, stride, channelStride };
    this.#outputs.push({ first: grid.first, count });
    this.#grids.set(id, grid);
    return grid;
  }

  #take(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  #weights(name: string, shift: number): number[] {
    return Array.from(this.#model.weights.get(name)?.data ?? [], (v) => Math.round((v / 2 ** shift) * 2 ** FRACTION_BITS));
  }

  #biases(name: string, shift: number): number[] {
    return Array.from(this.#model.weights.get(name)?.data ?? [], (v) => Math.round((v / 2 ** shift) * 2 ** (2 * FRACTION_BITS)));
  }
}

/** Factor of the `i`-th value of an RGB image in its word, the first one highest. */
export function valuePlace(i: number): bigint {
  return 256n ** BigInt(3 * (VALUES_A_WORD - 1 - (i % VALUES_A_WORD)));
}

function cellRow({ first, ring, stride, channelStride }: Grid, c: number, y: number, x: number): number {
  return first + c * channelStride + (y + ring) * stride + x + ring;
}

/** Every latent has a witness: accumulators, sixteen of which make a key, stay in the range of the limbs. */
function assertBounds(id: string, weights: readonly number[], biases: readonly number[], branch: readonly number[] = []): void {
  biases.forEach((bias, o) => {
    let bound = Math.abs(bias);
    for (const matrix of [weights, branch]) {
      const width = matrix.length / biases.length;
      for (const w of matrix.slice(o * width, (o + 1) * width)) bound += Math.abs(w) * FIXED_LIMIT;
    }
    if (bound >= MAX_ACCUMULATOR) {
      const message = `Expected the accumulators of layer ${id} below 2^51 in units of 2^-32, but they can reach ${bound}.`;
      throw new BaseError({ code: 'float/accumulator-overflow', message });
    }
  });
}

/** A 3x3 kernel over the x2 upsampled input as 4x4 scattered terms: input `(y, x)` adds `fold[a][c]` at `(2y - 1 + a, 2x - 1 + c)`. */
function foldUpsampling(kernel: readonly number[]): number[][] {
  const fold = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
  kernel.forEach((value, tap) => {
    for (const dy of [0, 1]) for (const dx of [0, 1]) ((fold[2 - Math.floor(tap / 3) + dy] as number[])[2 - (tap % 3) + dx] as number) += value;
  });
  return fold;
}

/** The largest latent element. */
export const LATENT_LIMIT: number = MAX_ACTIVATION;
