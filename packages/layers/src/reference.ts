/**
 * Integer reference of the decoder (book/formats.md, section 1): the numbers that every other implementation must reproduce exactly.
 * Runs in Node and in browsers. Tensors are row-major typed arrays `[C, H, W]`; activations lie in 0..127, accumulators in int32 (a
 * validated model cannot overflow them).
 */
import { BaseError, MAX_ACTIVATION } from '@pentimento/core';
import type { Layer, Manifest, Model } from './manifest.ts';

type Ints = Uint8Array | Int8Array | Int32Array;
/** `[C, H, W]`. */
type Shape3 = readonly [number, number, number];

export interface FullyConnectedInput {
  /** `[I]`, 0..127. */
  readonly input: Ints;
  /** `[O, I]`, int8. */
  readonly weight: Ints;
  /** `[O]`, int32. */
  readonly bias: Ints;
}

export interface ConvolutionInput {
  /** `[I, H, W]`, 0..127. */
  readonly input: Ints;
  /** Shape of `input`, before upsampling. */
  readonly inputShape: Shape3;
  /** Nearest-neighbour factor applied to the input. */
  readonly upsample: 1 | 2;
  /** `[O, I, 3, 3]`, int8. */
  readonly weight: Ints;
  /** `[O]`, int32. */
  readonly bias: Ints;
  /** `[O]`, int32, added to every position of its channel. */
  readonly channelBias?: Ints | undefined;
}

export interface PaletteHeadInput {
  /** `[I, H, W]`, 0..127. */
  readonly input: Ints;
  /** `[K, I]`, int8. */
  readonly weight: Ints;
  /** `[K]`, int32; its length is the number of colours. */
  readonly bias: Ints;
}

export interface DecoderRun {
  /** Output of every layer by id, row-major; for the head its logits `[K, H, W]`. */
  readonly layers: Map<string, Int32Array>;
  /** `[H, W]` palette indices, before the pose. */
  readonly index: Uint8Array;
}

/** `min(127, max(0, (acc + 2^(shift-1)) >> shift))` for every accumulator; `1 <= shift <= 30`. */
export function requantise(accumulators: Int32Array, shift: number): Int32Array {
  const half = 1 << (shift - 1);
  return accumulators.map((acc) => Math.min(MAX_ACTIVATION, Math.max(0, (acc + half) >> shift)));
}

/** `bias[o] + sum_i weight[o,i] * x[i]`: `[O]`. */
export function fullyConnectedAccumulators({ input, weight, bias }: FullyConnectedInput): Int32Array {
  const width = input.length;
  return Int32Array.from(bias, (start, o) => {
    let acc = start;
    for (let i = 0; i < width; i++) acc += (weight[o * width + i] as number) * (input[i] as number);
    return acc;
  });
}

/** Fully connected layer with requantisation: `[O]`, 0..127. */
export function fullyConnected({ shift, ...layer }: FullyConnectedInput & { readonly shift: number }): Int32Array {
  return requantise(fullyConnectedAccumulators(layer), shift);
}

/** `sum_i weight[c,i] * pooled[i]`: the addend of every position of channel `c`, `[C]`; `weight` is `[C, I]`. */
export function channelBias(pooled: Ints, weight: Ints): Int32Array {
  return fullyConnectedAccumulators({ input: pooled, weight, bias: new Int32Array(weight.length / pooled.length) });
}

/** 3x3 cross-correlation with zero padding 1 over the upsampled input: `[O, H*upsample, W*upsample]`. */
export function convolutionAccumulators(layer: ConvolutionInput): Int32Array {
  const { inputShape, upsample, weight, bias } = layer;
  const [channels, height, width] = [inputShape[0], inputShape[1] * upsample, inputShape[2] * upsample];
  const padded = padUpsampled(layer);
  const plane = height * width;
  const out = new Int32Array(bias.length * plane);
  for (let o = 0; o < bias.length; o++) {
    const acc = out.subarray(o * plane, (o + 1) * plane).fill((bias[o] as number) + (layer.channelBias?.[o] ?? 0));
    for (let i = 0; i < channels; i++) {
      const at = 9 * (o * channels + i);
      addCorrelation(acc, padded.subarray(i * (height + 2) * (width + 2)), weight.subarray(at, at + 9), width);
    }
  }
  return out;
}

/** Convolution with requantisation: `[O, H*upsample, W*upsample]`, 0..127. */
export function convolution({ shift, ...layer }: ConvolutionInput & { readonly shift: number }): Int32Array {
  return requantise(convolutionAccumulators(layer), shift);
}

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

/** Logits `[K, H, W]` of the 1x1 convolution, and per pixel the smallest colour whose logit is maximal, `[H, W]`. */
export function paletteHead({ input, weight, bias }: PaletteHeadInput): { logits: Int32Array; index: Uint8Array } {
  const colours = bias.length;
  const channels = weight.length / colours;
  const plane = input.length / channels;
  const logits = new Int32Array(colours * plane);
  for (let k = 0; k < colours; k++) {
    const row = logits.subarray(k * plane, (k + 1) * plane).fill(bias[k] as number);
    for (let c = 0; c < channels; c++) addScaled(row, input.subarray(c * plane), weight[k * channels + c] as number);
  }
  return { logits, index: firstMaximum(logits, plane) };
}

/**
 * Decodes one latent (`[latent.length]`, each 0..127) and keeps every layer's output.
 * Throws `model/latent-length` and `model/latent-out-of-range`; the model must be one that `parseModel` accepted.
 */
export function runDecoder(model: Model, latent: Uint8Array): DecoderRun {
  assertLatent(model.manifest, latent);
  const outputs = new Map<string, Ints>([['latent', latent]]);
  const shapes = new Map<string, readonly number[]>(model.manifest.layers.map((layer) => [layer.id, layer.shape]));
  const layers = new Map<string, Int32Array>();
  let index = new Uint8Array();
  for (const layer of model.manifest.layers) {
    const step = runLayer(model, layer, outputs, shapes);
    outputs.set(layer.id, step.output);
    layers.set(layer.id, step.output);
    if (step.index) index = step.index;
  }
  return { layers, index };
}

interface Step {
  readonly output: Int32Array;
  readonly index?: Uint8Array<ArrayBuffer>;
}

function runLayer(model: Model, layer: Layer, outputs: ReadonlyMap<string, Ints>, shapes: ReadonlyMap<string, readonly number[]>): Step {
  const input = outputs.get(layer.input) as Ints;
  const inputShape = shapes.get(layer.input) as Shape3;
  if (layer.op === 'globalAveragePool') return { output: globalAveragePool(input, inputShape) };
  const weight = dataOf(model, layer.weight);
  const bias = dataOf(model, layer.bias);
  if (layer.op === 'fullyConnected') return { output: fullyConnected({ input, weight, bias, shift: layer.shift }) };
  if (layer.op === 'paletteArgmax') {
    const { logits, index } = paletteHead({ input, weight, bias });
    return { output: logits, index: Uint8Array.from(index) };
  }
  const branch = layer.channelBias && channelBias(outputs.get(layer.channelBias.input) as Ints, dataOf(model, layer.channelBias.weight));
  const upsample = layer.upsample ?? 1;
  return { output: convolution({ input, inputShape, upsample, weight, bias, shift: layer.shift, channelBias: branch }) };
}

function dataOf(model: Model, name: string): Ints {
  const tensor = model.weights.get(name);
  if (!tensor)
    throw new BaseError({ code: 'model/missing-tensor', message: `Expected a tensor ${JSON.stringify(name)} in the weights, found none.` });
  return tensor.data;
}

function assertLatent({ latent: { length } }: Manifest, latent: Uint8Array): void {
  if (latent.length !== length) {
    throw new BaseError({ code: 'model/latent-length', message: `Expected a latent of ${length} elements, got ${latent.length}.` });
  }
  const position = latent.findIndex((value) => value > MAX_ACTIVATION);
  if (position >= 0) {
    const message = `Expected every latent element in 0..${MAX_ACTIVATION}, got ${latent[position]} at position ${position}.`;
    throw new BaseError({ code: 'model/latent-out-of-range', message });
  }
}

/** The upsampled input with a border of one zero: `[I, H*upsample + 2, W*upsample + 2]`. */
function padUpsampled({ input, inputShape: [channels, height, width], upsample }: ConvolutionInput): Int32Array {
  const rows = height * upsample;
  const columns = width * upsample;
  const padded = new Int32Array(channels * (rows + 2) * (columns + 2));
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < rows; y++) {
      const to = (c * (rows + 2) + y + 1) * (columns + 2) + 1;
      const from = (c * height + Math.floor(y / upsample)) * width;
      for (let x = 0; x < columns; x++) padded[to + x] = input[from + (upsample === 2 ? x >> 1 : x)] as number;
    }
  }
  return padded;
}

/** Adds the correlation of one padded plane with one 3x3 kernel to `acc`, `[H, W]`: one pass per kernel element. */
function addCorrelation(acc: Int32Array, padded: Int32Array, kernel: Ints, width: number): void {
  const stride = width + 2;
  kernel.forEach((factor, tap) => {
    let from = Math.floor(tap / 3) * stride + (tap % 3);
    for (let row = 0; row < acc.length; row += width, from += stride) {
      for (let x = 0; x < width; x++) (acc[row + x] as number) += factor * (padded[from + x] as number);
    }
  });
}

function addScaled(acc: Int32Array, values: Ints, factor: number): void {
  for (let i = 0; i < acc.length; i++) (acc[i] as number) += factor * (values[i] as number);
}

/** Per position of `[K, plane]` the smallest `k` whose value is maximal. */
function firstMaximum(logits: Int32Array, plane: number): Uint8Array {
  const best = logits.slice(0, plane);
  const index = new Uint8Array(plane);
  for (let at = plane; at < logits.length; at++) {
    const pixel = at % plane;
    if ((logits[at] as number) > (best[pixel] as number)) {
      best[pixel] = logits[at] as number;
      index[pixel] = Math.floor(at / plane);
    }
  }
  return index;
}
