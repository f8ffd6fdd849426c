/** A small decoder with every layer of preset M: its binary32 program fits in 2^12 rows, so that it can be proven in full. */
import type { Model } from '@pentimento/layers';

/** 8 latent elements, 4x4 pixels, 6 classes, random int8 weights; the same at every call. */
export function sampleModel(): Model {
  let state = 20_261_123;
  const random = (low: number, high: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return low + (state % (high - low + 1));
  };
  const weights = new Map<string, { shape: number[]; data: Int8Array | Int32Array }>();
  const weight = (name: string, shape: number[]) =>
    weights.set(name, { shape, data: Int8Array.from({ length: shape.reduce((a, b) => a * b) }, () => random(-100, 127)) });
  const bias = (name: string, length: number) => weights.set(name, { shape: [length], data: Int32Array.from({ length }, () => random(-2000, 2000)) });
  weight('fc.weight', [12, 8]);
  bias('fc.bias', 12);
  weight('conv.weight', [4, 3, 3, 3]);
  bias('conv.bias', 4);
  weight('conv.branch', [4, 3]);
  weight('head.weight', [6, 4]);
  bias('head.bias', 6);
  const manifest = {
    name: 'sample',
    latent: { length: 8 },
    layers: [
      { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [3, 2, 2], weight: 'fc.weight', bias: 'fc.bias', shift: 7 },
      { id: 'pool', op: 'globalAveragePool', input: 'fc', shape: [3] },
      {
        id: 'conv',
        op: 'conv2d',
        input: 'fc',
        upsample: 2,
        shape: [4, 4, 4],
        weight: 'conv.weight',
        bias: 'conv.bias',
        shift: 8,
        channelBias: { input: 'pool', weight: 'conv.branch' },
      },
      { id: 'head', op: 'paletteArgmax', input: 'conv', shape: [4, 4], weight: 'head.weight', bias: 'head.bias', shift: 0 },
    ],
    image: { height: 4, width: 4, scale: 1 },
  };
  return { manifest, weights } as unknown as Model;
}
