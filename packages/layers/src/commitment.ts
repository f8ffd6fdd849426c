/**
 * The model commitment of book/formats.md, section 2: keccak256 over canonical integers, never over a file's bytes, so that two files
 * with the same arithmetic have the same commitment.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, type Hex } from '@pentimento/core';
import { isWeighted } from './geometry.ts';
import type { Layer, Manifest } from './manifest.ts';
import type { Tensor } from './safetensors.ts';

const DOMAIN = 'pentimento-model-v1';

/** keccak256 of layers, weights and palette; every tensor that the manifest names must be in `weights`. */
export function modelCommitment(manifest: Pick<Manifest, 'layers' | 'palette'>, weights: ReadonlyMap<string, Tensor>): Hex {
  const hash = keccak_256.create().update(ascii(DOMAIN));
  manifest.layers.forEach((layer, position) => {
    hash.update(describe(layer, manifest.layers.slice(0, position)));
    for (const name of tensorNames(layer)) hash.update(bigEndian(weights.get(name)));
  });
  for (const colour of manifest.palette) hash.update(Uint8Array.from([1, 3, 5], (i) => Number.parseInt(colour.slice(i, i + 2), 16)));
  return bytesToHex(hash.digest());
}

/** Tensors of a layer in the order of the commitment: weight, bias, branch weight. */
function tensorNames(layer: Layer): string[] {
  if (!isWeighted(layer)) return [];
  const branch = layer.op === 'conv2d' && layer.channelBias ? [layer.channelBias.weight] : [];
  return [layer.weight, layer.bias, ...branch];
}

/** Operation and its further fields, zero byte, output shape, upsampling factor (1 when absent), shift (0 when absent or per channel). */
function describe(layer: Layer, earlier: readonly Layer[]): Uint8Array {
  const upsample = layer.op === 'conv2d' ? (layer.upsample ?? 1) : 1;
  const shift = isWeighted(layer) && typeof layer.shift === 'number' ? layer.shift : 0;
  const words = Int32Array.from([...layer.shape, upsample, shift]);
  const fields = Object.entries(furtherFields(layer, earlier)).map(([name, value]) => `;${name}=${value}`);
  return Uint8Array.from([...ascii(layer.op + fields.join('')), 0, ...bigEndian({ shape: [words.length], data: words })]);
}

/** What differs from the plainest chain, in this order; an input is its position in the manifest, counted from 1, and 0 for the latent. */
function furtherFields(layer: Layer, earlier: readonly Layer[]): Record<string, string | number> {
  const fields: Record<string, string | number> = {};
  const add = (name: string, value: string | number | undefined, usual: string | number | undefined) => {
    if (value !== undefined && value !== usual) fields[name] = value;
  };
  const positionOf = (id: string) => 1 + earlier.findIndex((other) => other.id === id);
  add('input', positionOf(layer.input), 1 + earlier.findLastIndex(({ op }) => op !== 'globalAveragePool'));
  if (layer.op === 'add') add('other', positionOf(layer.other), undefined);
  if (layer.op === 'conv2d') {
    add('kernel', layer.kernel, 3);
    add('stride', layer.stride, 1);
    add('padding', layer.padding, 'same');
    if (layer.channelBias) add('pool', positionOf(layer.channelBias.input), 1 + earlier.findLastIndex(({ op }) => op === 'globalAveragePool'));
  }
  if (isWeighted(layer) && typeof layer.shift !== 'number') add('shift', layer.shift.join(','), undefined);
  if ('activation' in layer) add('activation', layer.activation, 'clamp');
  return fields;
}

/** One two's-complement byte per int8, four big-endian bytes per int32. */
function bigEndian(tensor: Tensor | undefined): Uint8Array {
  if (!tensor) throw new RangeError('every tensor that the manifest names must be present');
  const { data } = tensor;
  if (data instanceof Int8Array) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const view = new DataView(new ArrayBuffer(4 * data.length));
  for (const [i, value] of data.entries()) view.setInt32(4 * i, value);
  return new Uint8Array(view.buffer);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
