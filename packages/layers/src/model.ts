/**
 * A model is a manifest with its tensors. One that `parseModel` returns has exactly the tensors its layers name, accumulators that fit in
 * int32, and the commitment that its manifest states. Nothing here needs Node.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, MAX_ACTIVATION } from '@pentimento/core';
import { fail, product, sameShape, show } from './check.ts';
import { modelCommitment } from './commitment.ts';
import { geometryOf, isWeighted, shiftsOf, type WeightedOp } from './geometry.ts';
import { type Layer, type Manifest, PALETTE_SIZE } from './manifest.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';

export type { Tensor };

export interface Model {
  readonly manifest: Manifest;
  readonly weights: Map<string, Tensor>;
}

/** Inclusive range of accumulators. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const INT8 = { min: -128, max: 127 };

/**
 * A model from its checked manifest and the bytes of its weights file. Throws `model/wrong-hash` when they are not the file that the
 * manifest names, and everything that `readSafetensors` and `validateModel` throw.
 */
export function parseModel(manifest: Manifest, weightsFile: Uint8Array): Model {
  const found = bytesToHex(sha256(weightsFile)).slice(2);
  if (found !== manifest.weights.sha256) {
    fail('wrong-hash', `Expected ${manifest.weights.file} to have the SHA-256 ${manifest.weights.sha256}, got ${found}.`);
  }
  const model = { manifest, weights: readSafetensors(weightsFile) };
  validateModel(model);
  return model;
}

/**
 * Checks the tensors against the manifest. Throws `model/missing-tensor`, `model/unexpected-tensor`, `model/wrong-dtype`,
 * `model/weights-out-of-range`, `model/shape-mismatch`, `model/accumulator-overflow` or `model/wrong-commitment`.
 */
export function validateModel(model: Model): void {
  const { manifest, weights } = model;
  const expected = tensorShapes(manifest);
  for (const [name, shape] of expected) assertTensor(name, shape, weights.get(name), isBias(manifest, name));
  for (const name of weights.keys()) {
    if (!expected.has(name)) fail('unexpected-tensor', `Expected only tensors that a layer names, got ${show(name)}.`);
  }
  for (const [id, { min, max }] of accumulatorBounds(model)) {
    if (min < INT32.min || max > INT32.max) {
      fail('accumulator-overflow', `Expected the accumulators of layer ${show(id)} to fit in 32 bits, but they can reach ${min}..${max}.`);
    }
  }
  const found = modelCommitment(manifest, weights);
  if (found !== manifest.commitment) fail('wrong-commitment', `Expected the commitment ${manifest.commitment}, but the model's is ${found}.`);
}

/**
 * By layer id and output channel (class, for a palette head), the range of the accumulators, rounding term included, over every input in
 * 0..127: the bias plus 127 times the positive (negative) weights, plus those of the branch, extended over the partial sums from zero.
 */
export function channelBounds({ manifest, weights }: Model): Map<string, Bounds[]> {
  const shapes = shapesById(manifest);
  return new Map(manifest.layers.map((layer) => [layer.id, isWeighted(layer) ? weightedBounds(layer, weights) : plainBounds(layer, shapes)]));
}

/** By layer id, the range of all its accumulators and of zero. */
export function accumulatorBounds(model: Model): Map<string, Bounds> {
  return new Map([...channelBounds(model)].map(([id, bounds]) => [id, hull(bounds)]));
}

/** Output shape of `latent` and of every layer, by id. */
export function shapesById({ latent, layers }: Pick<Manifest, 'latent' | 'layers'>): Map<string, readonly number[]> {
  return new Map<string, readonly number[]>([['latent', [latent.length]], ...layers.map((layer) => [layer.id, layer.shape] as const)]);
}

function hull(bounds: readonly Bounds[]): Bounds {
  return { min: Math.min(0, ...bounds.map(({ min }) => min)), max: Math.max(0, ...bounds.map(({ max }) => max)) };
}

/** Sums of pooled or added activations. */
function plainBounds(layer: Exclude<Layer, WeightedOp>, shapes: ReadonlyMap<string, readonly number[]>): Bounds[] {
  const [, height, width] = shapes.get(layer.input) as [number, number, number];
  const terms = { globalAveragePool: height * width, averagePool: 4, add: 2, maxPool: 1 }[layer.op];
  const rounding = layer.op === 'globalAveragePool' || layer.op === 'averagePool' ? terms / 2 : 0;
  return new Array<Bounds>(layer.shape[0]).fill({ min: 0, max: MAX_ACTIVATION * terms + rounding });
}

function weightedBounds(layer: WeightedOp, weights: Model['weights']): Bounds[] {
  const bias = weights.get(layer.bias) as Tensor;
  const branch = layer.op === 'conv2d' && layer.channelBias ? [weights.get(layer.channelBias.weight) as Tensor] : [];
  const matrices = [weights.get(layer.weight) as Tensor, ...branch];
  const channels = layer.op === 'fullyConnected' ? layer.shape[0] : bias.data.length;
  const shifts = shiftsOf(layer, channels);
  const perChannel = bias.data.length / channels;
  return shifts.map((shift, c) => hull(Array.from({ length: perChannel }, (_, i) => rowBounds(bias, matrices, c * perChannel + i, shift))));
}

function rowBounds(bias: Tensor, matrices: readonly Tensor[], o: number, shift: number): Bounds {
  let [min, max] = [bias.data[o] as number, (bias.data[o] as number) + (shift > 0 ? 2 ** (shift - 1) : 0)];
  for (const { data } of matrices) {
    const width = data.length / bias.data.length;
    for (const w of data.subarray(o * width, (o + 1) * width)) {
      if (w < 0) min += MAX_ACTIVATION * w;
      else max += MAX_ACTIVATION * w;
    }
  }
  return { min, max };
}

/** Shape of every tensor that a layer names. */
function tensorShapes(manifest: Manifest): Map<string, readonly number[]> {
  const shapes = shapesById(manifest);
  const expected = new Map<string, readonly number[]>();
  for (const layer of manifest.layers) {
    const input = shapes.get(layer.input) as readonly number[];
    if (!isWeighted(layer)) continue;
    const [outputs, ...kernel] = weightShape(layer, input);
    expectTensor(expected, layer.weight, [outputs as number, ...kernel]);
    expectTensor(expected, layer.bias, [outputs as number]);
    if (layer.op === 'conv2d' && layer.channelBias) {
      expectTensor(expected, layer.channelBias.weight, [outputs as number, ...(shapes.get(layer.channelBias.input) as readonly number[])]);
    }
  }
  return expected;
}

function weightShape(layer: WeightedOp, input: readonly number[]): number[] {
  if (layer.op === 'fullyConnected') return [product(layer.shape), product(input)];
  if (layer.op === 'paletteArgmax') return [PALETTE_SIZE, input[0] as number];
  if (layer.op === 'rgb') return [layer.shape[0], input[0] as number];
  const { kernel } = geometryOf(layer);
  return [layer.shape[0], input[0] as number, kernel, kernel];
}

function expectTensor(expected: Map<string, readonly number[]>, name: string, shape: readonly number[]): void {
  if (expected.has(name)) fail('malformed', `Expected every tensor to belong to one layer, but ${show(name)} is named twice.`);
  expected.set(name, shape);
}

function isBias({ layers }: Manifest, name: string): boolean {
  return layers.some((layer) => isWeighted(layer) && layer.bias === name);
}

function assertTensor(name: string, shape: readonly number[], tensor: Tensor | undefined, bias: boolean): void {
  if (!tensor) fail('missing-tensor', `Expected a tensor ${show(name)} in the weights, found none.`);
  const range = bias ? INT32 : INT8;
  const position = tensor.data.findIndex((value) => value < range.min || value > range.max);
  if (position >= 0) {
    fail('weights-out-of-range', `Expected every element of ${show(name)} in ${range.min}..${range.max}, got ${tensor.data[position]}.`);
  }
  if (bias !== tensor.data instanceof Int32Array) fail('wrong-dtype', `Expected ${show(name)} to hold ${bias ? 'I32' : 'I8'} elements.`);
  if (!sameShape(shape, tensor.shape) || tensor.data.length !== product(shape)) {
    fail('shape-mismatch', `Expected the shape [${shape}] for ${show(name)}, got [${tensor.shape}] with ${tensor.data.length} elements.`);
  }
}
