/** Inputs made by formulas, and what the integer reference and ONNX Runtime on its own make of them. */
import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { type Model, runDecoder } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { MODELS } from './endpoint.ts';

export const modelNames = ['nouns-l64', 'nouns-m', 'nouns-s', 'strokes-rgb'] as const;

export const modelOf = (name: string): Promise<Model> => loadModel(join(MODELS, name));

/** A latent that no other `seed` gives. */
export const latentOf = (seed: number, length = 128): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * i * 7 + seed * (2 * i + 1) + (seed >> 3)) & 127);

/** Floats in 0..1, `[3, 64, 64]`. */
export const photoOf = (seed: number): Float32Array =>
  Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => (((i & 63) * (seed % 7) + (i >> 6) * (1 + (seed % 5)) + 31 * ((i >> 9) ^ seed)) & 255) / 255);

/** A JPEG of 1600 by 1200 pixels, another one for every `seed`. */
export function jpegOf(seed: number): Promise<Buffer> {
  return sharp(join(PROJECT, 'examples', 'sample.png'))
    .resize(1600, 1200, { fit: 'cover' })
    .modulate({ hue: 7 * seed, brightness: 1 - seed / 200 })
    .jpeg()
    .toBuffer();
}

export const bytesOfFloats = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const paintings = new Map<string, Uint8Array>();

/** What the reference paints, row-major; each painted once, because it takes tens of milliseconds. */
export function painted(model: Model, latent: Uint8Array): Uint8Array {
  const key = `${model.manifest.commitment} ${latent.join()}`;
  const known = paintings.get(key);
  if (known) return known;
  const { index, image } = runDecoder(model, latent);
  const painting = index.length > 0 ? index : image;
  paintings.set(key, painting);
  return painting;
}

/** The encoder's latents, each photo in an execution of its own. */
export async function encoded(name: string, photos: readonly Float32Array[]): Promise<Uint8Array[]> {
  const session = await InferenceSession.create(join(MODELS, name, 'encoder.onnx'), { intraOpNumThreads: 1 });
  const latents: Uint8Array[] = [];
  for (const photo of photos) {
    const { latent } = await session.run({ image: new Tensor('float32', photo, [1, 3, 64, 64]) });
    latents.push(Uint8Array.from(latent?.data as Uint8Array));
  }
  await session.release();
  return latents;
}
