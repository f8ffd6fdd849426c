/** A decoder that can be computed by hand: two latent elements, a fully connected layer of 2x2, an RGB head. */
import { type Layer, type Model, modelCommitment } from '../../packages/layers/src/index.ts';

const layers: readonly Layer[] = [
  { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [1, 2, 2], weight: 'fc.weight', bias: 'fc.bias', shift: 2 },
  { id: 'head', op: 'rgb', input: 'fc', shape: [3, 2, 2], weight: 'head.weight', bias: 'head.bias', shift: 2 },
];

const weights: Model['weights'] = new Map([
  ['fc.weight', { shape: [4, 2], data: Int8Array.of(2, 1, 1, -3, -1, 4, 3, -2) }],
  ['fc.bias', { shape: [4], data: Int32Array.of(3, 2, -1, 1) }],
  ['head.weight', { shape: [3, 1], data: Int8Array.of(3, -1, 2) }],
  ['head.bias', { shape: [3], data: Int32Array.of(2, 20, -4) }],
]);

export const LATENT: Uint8Array = Uint8Array.of(20, 9);

export const MODEL: Model = {
  manifest: {
    format: 'pentimento-model',
    version: 1,
    arithmetic: 1,
    name: 'miniature',
    preset: 'example',
    license: 'CC0-1.0',
    latent: { length: LATENT.length },
    layers,
    image: { height: 2, width: 2, scale: 1 },
    palette: [],
    weights: { file: 'weights.safetensors', sha256: '0'.repeat(64) },
    commitment: modelCommitment({ layers, palette: [] }, weights),
  },
  weights,
};
