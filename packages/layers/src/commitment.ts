/**
 * The model commitment of book/formats.md, section 2: keccak256 over canonical integers, never over a file's bytes, so that two files
 * with the same arithmetic have the same commitment.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, type Hex } from '@pentimento/core';
import type { Layer, Manifest } from './manifest.ts';
import type { Tensor } from './safetensors.ts';

const DOMAIN = 'pentimento-model-v1';

/** keccak256 of layers, weights and palette; every tensor that the manifest names must be in `weights`. */
export function modelCommitment(manifest: Pick<Manifest, 'layers' | 'palette'>, weights: ReadonlyMap<string, Tensor>): Hex {
  const hash = keccak_256.create().update(ascii(DOMAIN));
  for (const layer of manifest.layers) {
    hash.update(describe(layer));
    for (const name of tensorNames(layer)) hash.update(bigEndian(weights.get(name)));
  }
  for (const colour of manifest.palette) hash.update(Uint8Array.from([1, 3, 5], (i) => Number.parseInt(colour.slice(i, i + 2), 16)));
  return bytesToHex(hash.digest());
}

/** Tensors of a layer in the order of the commitment: weight, bias, branch weight. */
export function tensorNames(layer: Layer): string[] {
  if (layer.op === 'globalAveragePool') return [];
  const branch = layer.op === 'conv2d' && layer.channelBias ? [layer.channelBias.weight] : [];
  return [layer.weight, layer.bias, ...branch];
}

/** Operation, zero byte, output shape, upsampling factor (1 when absent), shift (0 when absent). */
function describe(layer: Layer): Uint8Array {
  const upsample = layer.op === 'conv2d' ? (layer.upsample ?? 1) : 1;
  const shift = layer.op === 'globalAveragePool' ? 0 : layer.shift;
  const words = Int32Array.from([...layer.shape, upsample, shift]);
  return Uint8Array.from([...ascii(layer.op), 0, ...bigEndian({ shape: [words.length], data: words })]);
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
