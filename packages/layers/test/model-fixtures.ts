/** A small valid model with every layer op, and a writer of safetensors files. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@pentimento/core';
import { modelCommitment } from '../src/commitment.ts';
import type { Layer, Manifest } from '../src/manifest.ts';
import type { Model } from '../src/model.ts';
import type { Tensor } from '../src/safetensors.ts';

/** latent 5 -> fc [2,2,2] -> conv [3,4,4] -> pool [3] and conv with branch [2,4,4] -> head [4,4]. */
export const LAYERS: readonly Layer[] = [
  { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [2, 2, 2], weight: 'fc.weight', bias: 'fc.bias', shift: 4 },
  { id: 'conv1', op: 'conv2d', input: 'fc', upsample: 2, shape: [3, 4, 4], weight: 'conv1.weight', bias: 'conv1.bias', shift: 5 },
  { id: 'pool', op: 'globalAveragePool', input: 'conv1', shape: [3] },
  {
    id: 'conv2',
    op: 'conv2d',
    input: 'conv1',
    shape: [2, 4, 4],
    weight: 'conv2.weight',
    bias: 'conv2.bias',
    shift: 6,
    channelBias: { input: 'pool', weight: 'conv2.branch.weight' },
  },
  { id: 'head', op: 'paletteArgmax', input: 'conv2', shape: [4, 4], weight: 'head.weight', bias: 'head.bias', shift: 0 },
];

const SHAPES: Record<string, number[]> = {
  'fc.weight': [8, 5],
  'fc.bias': [8],
  'conv1.weight': [3, 2, 3, 3],
  'conv1.bias': [3],
  'conv2.weight': [2, 3, 3, 3],
  'conv2.bias': [2],
  'conv2.branch.weight': [2, 3],
  'head.weight': [16, 2],
  'head.bias': [16],
};

/** The small model with pseudo-random weights; its commitment and file hash are right. */
export function smallModel(seed = 1): Model {
  const next = pseudoRandom(seed);
  const weights = new Map(Object.entries(SHAPES).map(([name, shape]) => [name, randomTensor(shape, name.endsWith('bias'), next)]));
  return sealModel({ layers: LAYERS, weights });
}

/** A manifest with the right hash and commitment around layers and weights. */
export function sealModel({ layers, weights }: { readonly layers: readonly Layer[]; readonly weights: Map<string, Tensor> }): Model {
  const palette = Array.from({ length: 16 }, (_, i) => `#0000${i.toString(16).padStart(2, '0')}`);
  const file = writeSafetensors(weights);
  const manifest: Manifest = {
    format: 'pentimento-model',
    version: 1,
    arithmetic: 1,
    name: 'small',
    preset: 'test',
    license: 'CC0-1.0',
    latent: { length: 5 },
    layers,
    image: { height: 4, width: 4, scale: 2 },
    palette,
    weights: { file: 'weights.safetensors', sha256: bytesToHex(sha256(file)).slice(2) },
    commitment: modelCommitment({ layers, palette }, weights),
  };
  return { manifest, weights };
}

export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const [name, { shape, data }] of tensors) {
    const dtype = data instanceof Int8Array ? 'I8' : 'I32';
    header[name] = { dtype, shape, data_offsets: [position, position + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    position += data.byteLength;
  }
  return frameSafetensors(JSON.stringify(header), concatBytes(...parts));
}

/** A safetensors file from a header text and the tensors' bytes, sound or not. */
export function frameSafetensors(header: string, body: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return concatBytes(length, text, body);
}

function randomTensor(shape: number[], bias: boolean, next: () => number): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length }, () => (bias ? (next() % 2001) - 1000 : (next() % 256) - 128));
  return { shape, data: bias ? Int32Array.from(values) : Int8Array.from(values) };
}

/** A linear congruential generator (Numerical Recipes): 24-bit integers. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
