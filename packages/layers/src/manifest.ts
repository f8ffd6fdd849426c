/**
 * The model format of book/formats.md, section 2: types, and the checks that stand between an untrusted folder and the layers. A model
 * that `parseModel` returns has a consistent chain of shapes, exactly the tensors it names, accumulators that fit in int32, and the
 * commitment that its manifest states. Nothing here needs Node.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { BaseError, bytesToHex, type Hex, MAX_ACTIVATION } from '@pentimento/core';
import { modelCommitment, tensorNames } from './commitment.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';

export type { Tensor };

/** Colours of a palette head. */
export const PALETTE_SIZE = 16;

interface LayerBase {
  readonly id: string;
  /** `latent`, or the id of an earlier layer. */
  readonly input: string;
}

interface WeightedLayer extends LayerBase {
  readonly weight: string;
  readonly bias: string;
  readonly shift: number;
}

/** `[C, H, W]` from any input, read as one vector. */
export interface FullyConnectedLayer extends WeightedLayer {
  readonly op: 'fullyConnected';
  readonly shape: readonly [number, number, number];
}

/** `[O, H*upsample, W*upsample]` from `[I, H, W]`. */
export interface Conv2dLayer extends WeightedLayer {
  readonly op: 'conv2d';
  readonly shape: readonly [number, number, number];
  /** 1 when absent. */
  readonly upsample?: 1 | 2;
  readonly channelBias?: { readonly input: string; readonly weight: string };
}

/** `[C]` from `[C, H, W]` with `H*W` a power of two. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly op: 'globalAveragePool';
  readonly shape: readonly [number];
}

/** `[H, W]` palette indices from `[I, H, W]`. */
export interface PaletteArgmaxLayer extends WeightedLayer {
  readonly op: 'paletteArgmax';
  readonly shape: readonly [number, number];
  readonly shift: 0;
}

export type Layer = FullyConnectedLayer | Conv2dLayer | GlobalAveragePoolLayer | PaletteArgmaxLayer;

export interface Manifest {
  readonly format: 'pentimento-model';
  readonly version: 1;
  readonly arithmetic: 1;
  readonly name: string;
  readonly preset: string;
  readonly license: string;
  readonly latent: { readonly length: number };
  readonly layers: readonly Layer[];
  readonly image: { readonly height: number; readonly width: number; readonly scale: number };
  /** Sixteen colours, `#rrggbb`. */
  readonly palette: readonly string[];
  readonly weights: { readonly file: string; readonly sha256: string };
  readonly commitment: Hex;
}

export interface Model {
  readonly manifest: Manifest;
  readonly weights: Map<string, Tensor>;
}

/** Inclusive range of a layer's accumulators over every input in 0..127. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const MAX_SHIFT = 30;
const MAX_ELEMENTS = 1 << 24;
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const INT8 = { min: -128, max: 127 };
const FIELDS = 'format version arithmetic name preset license latent layers image palette weights commitment'.split(' ');
const LAYER_FIELDS: Record<Layer['op'], string[]> = {
  fullyConnected: 'id op input shape weight bias shift'.split(' '),
  conv2d: 'id op input shape weight bias shift upsample channelBias'.split(' '),
  globalAveragePool: 'id op input shape'.split(' '),
  paletteArgmax: 'id op input shape weight bias shift'.split(' '),
};

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
 * Checks everything that the manifest's JSON text says by itself. Throws `model/malformed`, `model/unsupported-version`,
 * `model/unknown-op`, `model/unknown-input` or `model/shape-mismatch`.
 */
export function parseManifest(text: string): Manifest {
  const manifest = asRecord(parseJson(text), 'the manifest');
  if (manifest.format !== 'pentimento-model') fail('malformed', `Expected the format "pentimento-model", got ${show(manifest.format)}.`);
  assertVersion(manifest, 'version');
  assertVersion(manifest, 'arithmetic');
  assertFields(manifest, FIELDS, 'the manifest');
  assertText(manifest.name, /^[a-z0-9][a-z0-9-]{0,63}$/, 'name to be lower-case letters, digits and hyphens');
  assertText(manifest.preset, /^.{1,64}$/, 'preset to be a short text');
  assertText(manifest.license, /^.{1,64}$/, 'license to be a short text');
  assertText(manifest.commitment, /^0x[0-9a-f]{64}$/, 'commitment to be 0x and 64 lower-case hexadecimal digits');
  assertWeightsFile(asRecord(manifest.weights, 'weights'));
  assertPalette(manifest.palette);
  assertLayers(asList(manifest.layers, 'layers'), latentLength(manifest.latent));
  assertImage(asRecord(manifest.image, 'image'), manifest.layers as Layer[]);
  return manifest as unknown as Manifest;
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
 * By layer id, the range of the accumulators, rounding term included, over every input in 0..127: per output channel the bias plus 127
 * times the positive (negative) weights, plus those of the branch, extended over the partial sums from zero.
 */
export function accumulatorBounds({ manifest, weights }: Model): Map<string, Bounds> {
  const bounds = new Map<string, Bounds>();
  const shapes = shapesById(manifest);
  for (const layer of manifest.layers) {
    if (layer.op === 'globalAveragePool') {
      const [, height, width] = shapes.get(layer.input) as [number, number, number];
      bounds.set(layer.id, { min: 0, max: MAX_ACTIVATION * height * width + (height * width) / 2 });
      continue;
    }
    const branch = layer.op === 'conv2d' && layer.channelBias ? [weights.get(layer.channelBias.weight) as Tensor] : [];
    const rows = [weights.get(layer.weight) as Tensor, ...branch];
    bounds.set(layer.id, rowBounds(weights.get(layer.bias) as Tensor, rows, layer.shift));
  }
  return bounds;
}

/** Output shape of `latent` and of every layer, by id. */
export function shapesById({ latent, layers }: Pick<Manifest, 'latent' | 'layers'>): Map<string, readonly number[]> {
  return new Map<string, readonly number[]>([['latent', [latent.length]], ...layers.map((layer) => [layer.id, layer.shape] as const)]);
}

function rowBounds(bias: Tensor, matrices: readonly Tensor[], shift: number): Bounds {
  const rounding = shift > 0 ? 2 ** (shift - 1) : 0;
  let [min, max] = [0, 0];
  bias.data.forEach((start, o) => {
    let [low, high] = [start, start + rounding];
    for (const { data } of matrices) {
      const width = data.length / bias.data.length;
      for (const w of data.subarray(o * width, (o + 1) * width)) {
        if (w < 0) low += MAX_ACTIVATION * w;
        else high += MAX_ACTIVATION * w;
      }
    }
    min = Math.min(min, low);
    max = Math.max(max, high);
  });
  return { min, max };
}

/** Shape of every tensor that a layer names. */
function tensorShapes(manifest: Manifest): Map<string, readonly number[]> {
  const shapes = shapesById(manifest);
  const expected = new Map<string, readonly number[]>();
  for (const layer of manifest.layers) {
    const input = shapes.get(layer.input) as readonly number[];
    const [weight, bias, branch] = tensorNames(layer);
    if (!weight || !bias) continue;
    const [outputs, ...kernel] = weightShape(layer, input);
    expectTensor(expected, weight, [outputs as number, ...kernel]);
    expectTensor(expected, bias, [outputs as number]);
    if (branch && layer.op === 'conv2d' && layer.channelBias) {
      expectTensor(expected, branch, [outputs as number, ...(shapes.get(layer.channelBias.input) as readonly number[])]);
    }
  }
  return expected;
}

function weightShape(layer: Layer, input: readonly number[]): number[] {
  if (layer.op === 'fullyConnected') return [product(layer.shape), product(input)];
  if (layer.op === 'paletteArgmax') return [PALETTE_SIZE, input[0] as number];
  return [layer.shape[0], input[0] as number, 3, 3];
}

function expectTensor(expected: Map<string, readonly number[]>, name: string, shape: readonly number[]): void {
  if (expected.has(name)) fail('malformed', `Expected every tensor to belong to one layer, but ${show(name)} is named twice.`);
  expected.set(name, shape);
}

function isBias({ layers }: Manifest, name: string): boolean {
  return layers.some((layer) => layer.op !== 'globalAveragePool' && layer.bias === name);
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

function assertVersion(manifest: Record<string, unknown>, field: 'version' | 'arithmetic'): void {
  if (manifest[field] !== 1) fail('unsupported-version', `Expected ${field} 1 of the model format, got ${show(manifest[field])}.`);
}

function latentLength(value: unknown): number {
  const latent = asRecord(value, 'latent');
  assertFields(latent, ['length'], 'latent');
  return asSize(latent.length, 'the latent length');
}

function assertWeightsFile(weights: Record<string, unknown>): void {
  assertFields(weights, ['file', 'sha256'], 'weights');
  assertText(weights.file, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'weights.file to be a plain file name');
  assertText(weights.sha256, /^[0-9a-f]{64}$/, 'weights.sha256 to be 64 lower-case hexadecimal digits');
}

function assertPalette(value: unknown): void {
  const palette = asList(value, 'palette');
  if (palette.length !== PALETTE_SIZE) fail('malformed', `Expected a palette of ${PALETTE_SIZE} colours, got ${palette.length}.`);
  for (const colour of palette) assertText(colour, /^#[0-9a-f]{6}$/, 'every colour to be # and six lower-case hexadecimal digits');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BaseError({ code: 'model/malformed', message: 'Expected a model manifest in JSON, got text that does not parse.', cause });
  }
}

function assertLayers(layers: readonly unknown[], latent: number): void {
  const shapes = new Map([['latent', [latent]]]);
  layers.forEach((layer, position) => {
    assertLayer(asRecord(layer, `layer ${position}`), shapes, position === layers.length - 1);
  });
}

/** Checks one layer against the shapes before it and adds its own. */
function assertLayer(layer: Record<string, unknown>, shapes: Map<string, number[]>, last: boolean): void {
  assertText(layer.id, /^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'a layer id to begin with a letter and have at most 32 letters and digits');
  const id = layer.id as string;
  if (shapes.has(id)) fail('malformed', `Expected every layer id once, got ${show(id)} twice.`);
  const op = layer.op as Layer['op'];
  if (!Object.hasOwn(LAYER_FIELDS, String(op))) {
    fail('unknown-op', `Expected layer ${show(id)} to be one of ${Object.keys(LAYER_FIELDS).join(', ')}, got ${show(layer.op)}.`);
  }
  assertFields(layer, LAYER_FIELDS[op], `layer ${show(id)}`);
  if ((op === 'paletteArgmax') !== last) fail('malformed', 'Expected exactly one paletteArgmax layer, at the end.');
  const shape = asList(layer.shape, `the shape of layer ${show(id)}`).map((size) => asSize(size, `a size of layer ${show(id)}`));
  if (product(shape) > MAX_ELEMENTS) fail('shape-mismatch', `Expected at most ${MAX_ELEMENTS} elements in layer ${show(id)}, got [${shape}].`);
  assertOutputShape(layer, shape, inputShape(layer.input, id, shapes));
  if (op !== 'globalAveragePool') assertWeighted(layer, op);
  if (layer.channelBias !== undefined) assertBranch(asRecord(layer.channelBias, 'channelBias'), id, shapes);
  shapes.set(id, shape);
}

function inputShape(input: unknown, id: string, shapes: ReadonlyMap<string, number[]>): number[] {
  const shape = typeof input === 'string' ? shapes.get(input) : undefined;
  return shape ?? fail('unknown-input', `Expected the input of layer ${show(id)} to be an earlier layer, got ${show(input)}.`);
}

function assertOutputShape(layer: Record<string, unknown>, shape: number[], input: number[]): void {
  const what = `layer ${show(layer.id)}`;
  if (layer.op === 'fullyConnected') {
    if (shape.length !== 3) fail('shape-mismatch', `Expected three sizes for ${what}, got [${shape}].`);
    return;
  }
  const [channels, height, width] = input;
  if (input.length !== 3 || !channels || !height || !width) fail('shape-mismatch', `Expected an input [C, H, W] for ${what}, got [${input}].`);
  const expected = outputShape(layer, what, [channels, height, width], shape[0] ?? 0);
  if (!sameShape(expected, shape)) fail('shape-mismatch', `Expected the shape [${expected}] for ${what}, got [${shape}].`);
}

function outputShape(layer: Record<string, unknown>, what: string, [channels, height, width]: [number, number, number], outputs: number): number[] {
  if (layer.op === 'paletteArgmax') return [height, width];
  if (layer.op === 'globalAveragePool') {
    if (!Number.isInteger(Math.log2(height * width))) fail('shape-mismatch', `Expected ${what} to pool 2^s positions, got ${height * width}.`);
    return [channels];
  }
  const upsample = layer.upsample ?? 1;
  if (upsample !== 1 && upsample !== 2) fail('malformed', `Expected upsample 1 or 2 in ${what}, got ${show(upsample)}.`);
  return [outputs, height * upsample, width * upsample];
}

function assertWeighted(layer: Record<string, unknown>, op: Layer['op']): void {
  const what = `layer ${show(layer.id)}`;
  assertText(layer.weight, /^.{1,128}$/, `${what} to name its weight`);
  assertText(layer.bias, /^.{1,128}$/, `${what} to name its bias`);
  const [min, max] = op === 'paletteArgmax' ? [0, 0] : [1, MAX_SHIFT];
  const shift = layer.shift as number;
  if (!Number.isInteger(shift) || shift < min || shift > max) fail('malformed', `Expected a shift in ${min}..${max} in ${what}, got ${show(shift)}.`);
}

function assertBranch(branch: Record<string, unknown>, id: string, shapes: ReadonlyMap<string, number[]>): void {
  const what = `the channel bias of layer ${show(id)}`;
  assertFields(branch, ['input', 'weight'], what);
  assertText(branch.weight, /^.{1,128}$/, `${what} to name its weight`);
  const shape = inputShape(branch.input, id, shapes);
  if (shape.length !== 1 || branch.input === 'latent') fail('shape-mismatch', `Expected a pooled vector as the input of ${what}, got [${shape}].`);
}

function assertImage(image: Record<string, unknown>, layers: readonly Layer[]): void {
  assertFields(image, ['height', 'width', 'scale'], 'image');
  const shape = [asSize(image.height, 'the image height'), asSize(image.width, 'the image width')];
  const head = layers.at(-1)?.shape ?? [];
  if (!sameShape(shape, head)) fail('shape-mismatch', `Expected an image of [${head}] pixels, got [${shape}].`);
  if (product(shape) % 2 !== 0) fail('shape-mismatch', `Expected an even number of pixels, got [${shape}].`);
  if (asSize(image.scale, 'the image scale') > 64) fail('malformed', `Expected an image scale of at most 64, got ${image.scale}.`);
}

function assertFields(record: Record<string, unknown>, allowed: readonly string[], what: string): void {
  const unknown = Object.keys(record).find((field) => !allowed.includes(field));
  if (unknown !== undefined) fail('malformed', `Expected only ${allowed.join(', ')} in ${what}, got ${show(unknown)}.`);
}

function assertText(value: unknown, pattern: RegExp, expectation: string): void {
  if (typeof value !== 'string' || !pattern.test(value)) fail('malformed', `Expected ${expectation}, got ${show(value)}.`);
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('malformed', `Expected ${what} to be an object, got ${show(value)}.`);
  return value as Record<string, unknown>;
}

function asList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) fail('malformed', `Expected ${what} to be a list that is not empty, got ${show(value)}.`);
  return value as unknown[];
}

function asSize(value: unknown, what: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MAX_ELEMENTS) {
    fail('malformed', `Expected ${what} to be an integer in 1..${MAX_ELEMENTS}, got ${show(value)}.`);
  }
  return value as number;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** A value as short JSON, for a message. */
function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function fail(code: string, message: string): never {
  throw new BaseError({ code: `model/${code}`, message });
}
