/** Sizes of a convolution: kernel, stride, padding and what follows from them for one axis. */
import type { Conv2dLayer, Layer } from './manifest.ts';

export interface Geometry {
  /** Taps along an axis. */
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Nearest-neighbour factor applied to the input first. */
  readonly upsample: 1 | 2;
  /** Zeros before and after the upsampled input. */
  readonly before: number;
  readonly after: number;
}

/** Padding `same` keeps the size at stride 1; with an even kernel its odd zero is at the end, as in PyTorch. */
export function geometryOf({ kernel = 3, stride = 1, upsample = 1, padding = 'same' }: Partial<Conv2dLayer>): Geometry {
  if (padding === 'valid') return { kernel, stride, upsample, before: 0, after: 0 };
  if (padding === 'full') return { kernel, stride, upsample, before: kernel - 1, after: kernel - 1 };
  return { kernel, stride, upsample, before: (kernel - 1) >> 1, after: kernel >> 1 };
}

/** Output size along an axis of `size` elements; below 1 when the kernel does not fit. */
export function outputSize({ kernel, stride, upsample, before, after }: Geometry, size: number): number {
  return Math.floor((size * upsample + before + after - kernel) / stride) + 1;
}

/** One shift for each output channel. */
export function shiftsOf({ shift }: { readonly shift: number | readonly number[] }, channels: number): readonly number[] {
  return typeof shift === 'number' ? new Array<number>(channels).fill(shift) : shift;
}

/** Layers that have weights, biases and a shift. */
export type WeightedOp = Extract<Layer, { readonly weight: string }>;

export function isWeighted(layer: Layer): layer is WeightedOp {
  return 'weight' in layer;
}
