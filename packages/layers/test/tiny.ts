/** A random decoder with every layer of preset M, small enough for exhaustive tests: 8 latent elements, 8x8 pixels or wider. */
import { field } from '@pentimento/core';
import { modelCommitment } from '../src/commitment.ts';
import type { Layer, Manifest } from '../src/manifest.ts';
import type { Model, Tensor } from '../src/model.ts';

export interface TinyOptions {
  readonly seed?: number;
  readonly latent?: number;
  readonly channels?: readonly [number, number, number];
  /** Of the fully connected layer's output; the image is four times as wide. */
  readonly width?: number;
}

/** Deterministic for a seed (a multiplicative congruential generator). */
export function tinyModel({ seed = 1, latent = 8, channels = [2, 3, 2], width = 2 }: TinyOptions = {}): Model {
  let state = seed * 48271 + 11;
  const random = (low: number, high: number) => {
    state = (state * 48271) % 2147483647;
    return low + (state % (high - low + 1));
  };
  const weights = new Map<string, Tensor>();
  const weight = (name: string, shape: number[]) =>
    weights.set(name, { shape, data: Int8Array.from({ length: shape.reduce((a, b) => a * b) }, () => random(-20, 20)) });
  const bias = (name: string, length: number) => weights.set(name, { shape: [length], data: Int32Array.from({ length }, () => random(-300, 600)) });
  const [c0, c1, c2] = channels;
  weight('fc.weight', [c0 * 2 * width, latent]);
  bias('fc.bias', c0 * 2 * width);
  weight('conv1.weight', [c1, c0, 3, 3]);
  bias('conv1.bias', c1);
  weight('conv2.weight', [c2, c1, 3, 3]);
  bias('conv2.bias', c2);
  weight('conv2.branch.weight', [c2, c1]);
  weight('head.weight', [16, c2]);
  bias('head.bias', 16);
  const layers: Layer[] = [
    { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [c0, 2, width], weight: 'fc.weight', bias: 'fc.bias', shift: 4 },
    { id: 'conv1', op: 'conv2d', input: 'fc', upsample: 2, shape: [c1, 4, 2 * width], weight: 'conv1.weight', bias: 'conv1.bias', shift: 5 },
    { id: 'pool', op: 'globalAveragePool', input: 'conv1', shape: [c1] },
    {
      id: 'conv2',
      op: 'conv2d',
      input: 'conv1',
      upsample: 2,
      shape: [c2, 8, 4 * width],
      weight: 'conv2.weight',
      bias: 'conv2.bias',
      shift: 5,
      channelBias: { input: 'pool', weight: 'conv2.branch.weight' },
    },
    { id: 'head', op: 'paletteArgmax', input: 'conv2', shape: [8, 4 * width], weight: 'head.weight', bias: 'head.bias', shift: 0 },
  ];
  const manifest: Manifest = {
    format: 'pentimento-model',
    version: 1,
    arithmetic: 1,
    name: 'tiny',
    preset: 'test',
    license: 'CC0-1.0',
    latent: { length: latent },
    layers,
    image: { height: 8, width: 4 * width, scale: 2 },
    palette: Array.from({ length: 16 }, (_, i) => `#${(i * 1118481).toString(16).padStart(6, '0')}`),
    weights: { file: 'weights.safetensors', sha256: '' },
    commitment: '0x',
  };
  return { manifest: { ...manifest, commitment: modelCommitment(manifest, weights) }, weights };
}

/** Latent elements in 0..127. */
export function tinyLatent(seed: number, length = 8): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number(field.pow(BigInt(seed + 3), BigInt(5 * i + 7)) % 128n));
}
