/**
 * Every committed model against its golden vectors (written by PyTorch and numpy), layer by layer, and against ONNX Runtime on the
 * exported decoder. A tree without a model fails.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../src/model.ts';
import { loadModel } from '../src/node.ts';
import { runDecoder } from '../src/reference.ts';

interface Vectors {
  readonly model: string;
  readonly commitment: string;
  readonly cases: readonly {
    readonly name: string;
    readonly latent: readonly number[];
    readonly layers: Readonly<Record<string, readonly number[]>>;
    /** Palette indices, or the channel values of an RGB head. */
    readonly index?: readonly number[];
    readonly image?: readonly number[];
  }[];
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MODELS = join(ROOT, 'models');
const names = readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'manifest.json')));

it('finds at least one model', () => {
  expect(names).not.toEqual([]);
});

describe.each(names)('%s', (name) => {
  const vectors: Vectors = JSON.parse(readFileSync(join(ROOT, 'vectors', `${name}.json`), 'utf8'));
  let model: Model;
  let decoder: ort.InferenceSession;

  beforeAll(async () => {
    model = await loadModel(join(MODELS, name));
    decoder = await ort.InferenceSession.create(join(MODELS, name, 'decoder.onnx'));
  });

  it('is the model of its vectors', () => {
    expect([vectors.model, vectors.commitment]).toEqual([name, model.manifest.commitment]);
    expect(vectors.cases.length).toBeGreaterThan(0);
  });

  it.each(vectors.cases)('reproduces every layer of case $name', ({ latent, layers, index, image }) => {
    const run = runDecoder(model, Uint8Array.from(latent));
    expect([...run.layers.keys()]).toEqual(model.manifest.layers.map(({ id }) => id));
    expect(Object.keys(layers).sort()).toEqual([...run.layers.keys()].sort());
    for (const [id, values] of run.layers) expect(firstDifference(values, layers[id] as readonly number[]), id).toBe(-1);
    expect(firstDifference(run.index, index ?? []), 'index').toBe(-1);
    expect(firstDifference(run.image, image ?? []), 'image').toBe(-1);
    expect([index, image].filter(Boolean)).toHaveLength(1);
  });

  it('agrees with ONNX Runtime on the vectors and on pseudo-random latents', async () => {
    const random = Array.from({ length: 32 }, (_, n) => Array.from({ length: model.manifest.latent.length }, (_, i) => hash(n, i)));
    const latents = [...vectors.cases.map(({ latent }) => latent), ...random];
    const data = Uint8Array.from(latents.flat());
    const outputs = await decoder.run({ latent: new ort.Tensor('uint8', data, [latents.length, model.manifest.latent.length]) });
    const name = model.manifest.layers.at(-1)?.op === 'rgb' ? 'image' : 'index';
    const found = latents.flatMap((latent) => [...runDecoder(model, Uint8Array.from(latent))[name]]);
    expect(firstDifference(found, outputs[name]?.data as Uint8Array)).toBe(-1);
  });
});

/** Position of the first unequal element, -1 when both are equal in length and content. */
function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

/** A value in 0..127 that looks random; the same on every run. */
function hash(n: number, i: number): number {
  const mixed = Math.imul(Math.imul(n + 1, 0x9e3779b1) ^ (i + 1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) & 127;
}
