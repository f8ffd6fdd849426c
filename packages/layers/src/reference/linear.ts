/** Linear layers: fully connected, convolution, channel bias, and what divides and clamps their sums. */
import { type Activation, activate } from '../activation.ts';
import type { Geometry } from '../geometry.ts';
import { outputSize } from '../geometry.ts';

export type Ints = Uint8Array | Int8Array | Int32Array;
/** `[C, H, W]`. */
export type Shape3 = readonly [number, number, number];

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
  readonly geometry: Geometry;
  /** `[O, I, K, K]`, int8. */
  readonly weight: Ints;
  /** `[O]`, int32. */
  readonly bias: Ints;
  /** `[O]`, int32, added to every position of its channel. */
  readonly channelBias?: Ints | undefined;
}

export interface Rescaling {
  /** One for each channel, 1..30. */
  readonly shifts: readonly number[];
  /** `clamp` when absent. */
  readonly activation?: Activation | undefined;
}

/** `activation((acc + 2^(shift-1)) >> shift)`, channel after channel; `accumulators` is `[C, ...]` with as many channels as shifts. */
export function requantise(accumulators: Int32Array, { shifts, activation = 'clamp' }: Rescaling): Int32Array {
  const out = new Int32Array(accumulators.length);
  const perChannel = accumulators.length / shifts.length;
  shifts.forEach((shift, c) => {
    const half = 1 << (shift - 1);
    for (let i = c * perChannel; i < (c + 1) * perChannel; i++) out[i] = activate(activation, ((accumulators[i] as number) + half) >> shift);
  });
  return out;
}

/** `bias[o] + sum_i weight[o,i] * x[i]`: `[O]`. */
function fullyConnectedAccumulators({ input, weight, bias }: FullyConnectedInput): Int32Array {
  const width = input.length;
  return Int32Array.from(bias, (start, o) => {
    let acc = start;
    for (let i = 0; i < width; i++) acc += (weight[o * width + i] as number) * (input[i] as number);
    return acc;
  });
}

/** Fully connected layer with requantisation: `[O]`, 0..127. */
export function fullyConnected(layer: FullyConnectedInput & Rescaling): Int32Array {
  return requantise(fullyConnectedAccumulators(layer), layer);
}

/** `sum_i weight[c,i] * pooled[i]`: the addend of every position of channel `c`, `[C]`; `weight` is `[C, I]`. */
export function channelBias(pooled: Ints, weight: Ints): Int32Array {
  return fullyConnectedAccumulators({ input: pooled, weight, bias: new Int32Array(weight.length / pooled.length) });
}

/** Cross-correlation of the upsampled, zero-padded input at every `stride`-th position: `[O, H', W']`. */
export function convolutionAccumulators(layer: ConvolutionInput): Int32Array {
  const { inputShape, geometry, weight, bias } = layer;
  const [channels, ...sizes] = inputShape;
  const [height, width] = sizes.map((size) => outputSize(geometry, size)) as [number, number];
  const padded = padUpsampled(layer);
  const taps = geometry.kernel ** 2;
  const plane = height * width;
  const out = new Int32Array(bias.length * plane);
  for (let o = 0; o < bias.length; o++) {
    const acc = out.subarray(o * plane, (o + 1) * plane).fill((bias[o] as number) + (layer.channelBias?.[o] ?? 0));
    for (let i = 0; i < channels; i++) {
      const at = taps * (o * channels + i);
      addCorrelation({ acc, width, geometry, source: padded.plane(i), sourceWidth: padded.width, kernel: weight.subarray(at, at + taps) });
    }
  }
  return out;
}

/** Convolution with requantisation: `[O, H', W']`, 0..127. */
export function convolution(layer: ConvolutionInput & Rescaling): Int32Array {
  return requantise(convolutionAccumulators(layer), layer);
}

/** The upsampled input with its zeros around, plane by plane. */
function padUpsampled({ input, inputShape: [channels, height, width], geometry }: ConvolutionInput) {
  const { upsample, before, after } = geometry;
  const [rows, columns] = [height * upsample + before + after, width * upsample + before + after];
  const padded = new Int32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height * upsample; y++) {
      const to = (c * rows + y + before) * columns + before;
      const from = (c * height + Math.floor(y / upsample)) * width;
      for (let x = 0; x < width * upsample; x++) padded[to + x] = input[from + (upsample === 2 ? x >> 1 : x)] as number;
    }
  }
  return { width: columns, plane: (c: number) => padded.subarray(c * rows * columns, (c + 1) * rows * columns) };
}

interface Correlation {
  /** `[H', W']`, changed in place. */
  readonly acc: Int32Array;
  readonly width: number;
  readonly geometry: Geometry;
  readonly source: Int32Array;
  readonly sourceWidth: number;
  readonly kernel: Ints;
}

/** Adds the correlation of one padded plane with one kernel to `acc`: one pass per kernel element. */
function addCorrelation({ acc, width, geometry: { kernel: size, stride }, source, sourceWidth, kernel }: Correlation): void {
  kernel.forEach((factor, tap) => {
    let from = Math.floor(tap / size) * sourceWidth + (tap % size);
    for (let row = 0; row < acc.length; row += width, from += stride * sourceWidth) {
      for (let x = 0; x < width; x++) (acc[row + x] as number) += factor * (source[from + stride * x] as number);
    }
  });
}
