/** The manifest of book/formats.md, section 2: its types, and the checks of its JSON text, which is untrusted. Nothing here needs Node. */
import { BaseError, type Hex } from '@pentimento/core';
import type { Activation } from './activation.ts';
import { asList, asRecord, asSize, assertFields, assertText, fail, product, sameShape, show } from './check.ts';
import { assertLayers } from './layer-check.ts';

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
}

interface ActivatedLayer {
  /** `clamp` when absent. */
  readonly activation?: Activation;
}

type Shape3 = readonly [number, number, number];

/** `[C, H, W]` from any input, read as one vector. */
export interface FullyConnectedLayer extends WeightedLayer, ActivatedLayer {
  readonly op: 'fullyConnected';
  readonly shape: Shape3;
  /** 1..30, or one for each channel. */
  readonly shift: number | readonly number[];
}

/** `[O, H', W']` from `[I, H, W]`. */
export interface Conv2dLayer extends WeightedLayer, ActivatedLayer {
  readonly op: 'conv2d';
  readonly shape: Shape3;
  /** 1..30, or one for each channel. */
  readonly shift: number | readonly number[];
  /** Nearest-neighbour factor applied to the input; 1 when absent, and 1 with a stride of 2. */
  readonly upsample?: 1 | 2;
  /** 1..5 taps along each axis, 3 when absent. */
  readonly kernel?: number;
  /** 1 when absent. */
  readonly stride?: 1 | 2;
  /** `same` when absent. */
  readonly padding?: 'same' | 'valid' | 'full';
  readonly channelBias?: { readonly input: string; readonly weight: string };
}

/** `[C]` from `[C, H, W]` with `H*W` a power of two. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly op: 'globalAveragePool';
  readonly shape: readonly [number];
}

/** `[C, H/2, W/2]` from `[C, H, W]` with `H` and `W` even: the rounded mean, or the maximum, of each 2x2 block. */
export interface BlockPoolLayer extends LayerBase {
  readonly op: 'averagePool' | 'maxPool';
  readonly shape: Shape3;
}

/** Sum of two tensors of one shape. */
export interface AddLayer extends LayerBase, ActivatedLayer {
  readonly op: 'add';
  /** The second summand, another layer than `input`. */
  readonly other: string;
  readonly shape: Shape3;
}

/** `[H, W]` palette indices from `[I, H, W]`. */
export interface PaletteArgmaxLayer extends WeightedLayer {
  readonly op: 'paletteArgmax';
  readonly shape: readonly [number, number];
  readonly shift: 0;
}

/** `[3, H, W]` channel values 0..127 from `[I, H, W]`. */
export interface RgbLayer extends WeightedLayer {
  readonly op: 'rgb';
  readonly shape: readonly [3, number, number];
  readonly shift: number;
}

export type Layer = FullyConnectedLayer | Conv2dLayer | GlobalAveragePoolLayer | BlockPoolLayer | AddLayer | PaletteArgmaxLayer | RgbLayer;

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
  /** Sixteen colours, `#rrggbb`; none with an RGB head. */
  readonly palette: readonly string[];
  readonly weights: { readonly file: string; readonly sha256: string };
  readonly commitment: Hex;
  /** The style package beside the manifest: its file and the settings of the dial that it names. */
  readonly style?: { readonly file: string; readonly dials: readonly string[] };
}

const PLAIN_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const FIELDS = 'format version arithmetic name preset license latent layers image palette weights commitment style'.split(' ');

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
  assertLayers(asList(manifest.layers, 'layers'), latentLength(manifest.latent));
  assertPalette(manifest.palette, manifest.layers as Layer[]);
  assertImage(asRecord(manifest.image, 'image'), manifest.layers as Layer[]);
  if (manifest.style !== undefined) assertStyle(asRecord(manifest.style, 'style'));
  return manifest as unknown as Manifest;
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
  assertText(weights.file, PLAIN_FILE, 'weights.file to be a plain file name');
  assertText(weights.sha256, /^[0-9a-f]{64}$/, 'weights.sha256 to be 64 lower-case hexadecimal digits');
}

function assertPalette(value: unknown, layers: readonly Layer[]): void {
  if (!Array.isArray(value)) fail('malformed', `Expected palette to be a list, got ${show(value)}.`);
  const colours = layers.at(-1)?.op === 'paletteArgmax' ? PALETTE_SIZE : 0;
  if (value.length !== colours) fail('malformed', `Expected a palette of ${colours} colours, got ${value.length}.`);
  for (const colour of value) assertText(colour, /^#[0-9a-f]{6}$/, 'every colour to be # and six lower-case hexadecimal digits');
}

function assertStyle(style: Record<string, unknown>): void {
  assertFields(style, ['file', 'dials'], 'style');
  assertText(style.file, PLAIN_FILE, 'style.file to be a plain file name');
  const dials = asList(style.dials, 'style.dials');
  for (const dial of dials) assertText(dial, /^[a-z][a-z0-9-]{0,31}$/, 'a dial setting to be lower-case letters, digits and hyphens');
  if (new Set(dials).size !== dials.length) fail('malformed', `Expected every dial setting once, got ${show(dials)}.`);
}

function assertImage(image: Record<string, unknown>, layers: readonly Layer[]): void {
  assertFields(image, ['height', 'width', 'scale'], 'image');
  const size = [asSize(image.height, 'the image height'), asSize(image.width, 'the image width')];
  const head = layers.at(-1);
  const expected = head?.op === 'rgb' ? head.shape.slice(1) : (head?.shape ?? []);
  if (!sameShape(size, expected)) fail('shape-mismatch', `Expected an image of [${expected}] pixels, got [${size}].`);
  if (head?.op === 'paletteArgmax' && product(size) % 2 !== 0) fail('shape-mismatch', `Expected an even number of pixels, got [${size}].`);
  if (asSize(image.scale, 'the image scale') > 64) fail('malformed', `Expected an image scale of at most 64, got ${image.scale}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BaseError({ code: 'model/malformed', message: 'Expected a model manifest in JSON, got text that does not parse.', cause });
  }
}
