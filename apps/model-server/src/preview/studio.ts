/** What the preview interface offers for one model: from a photo to a latent and its picture, and from a latent to pictures. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseError, IDENTITY_POSE } from '@pentimento/core';
import { assertLatent, type Manifest } from '@pentimento/layers';
import { specificationsOf } from '@pentimento/serving';
import { openStyle, type Styler } from '@pentimento/style';
import type { VersionedModel } from '../models.ts';
import type { Repository } from '../v2/repository.ts';

export interface Styled {
  readonly latent: Uint8Array;
  readonly pose: number;
  /** The dial that was used; null where the model has no style package. */
  readonly dial: string | null;
}

export interface Studio {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly dials: readonly string[];
  readonly defaultDial: string | null;
  /** `[L]`: how much each latent element varies in the collection. */
  readonly deviation: readonly number[];
  /** Throws `style/*`. */
  readonly style: (photo: Float32Array, options: { readonly dial?: string | undefined; readonly seed?: number | undefined }) => Promise<Styled>;
  /** Index or channel values before the pose. Throws `model/latent-*` and `v2/not-found` while the decoder is not loaded. */
  readonly paint: (latents: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>;
  readonly close: () => Promise<void>;
}

/** Where a model has no style package: the range of a latent over four. */
const PLAIN_DEVIATION = 32;

/** Throws `style/*` for a style package that does not fit. */
export async function openStudio({ folder, model: { manifest }, version }: VersionedModel, repository: Repository): Promise<Studio> {
  const styler = manifest.style ? await openStyle(folder) : undefined;
  const [encoder, decoder] = specificationsOf(manifest);
  const infer = async (name: string, input: { name: string; datatype: string; shape: readonly number[]; data: Uint8Array }) => {
    const { outputs } = await repository.infer({ model: name, version: String(version), inputs: [input] });
    return outputs[0]?.data as Uint8Array;
  };
  return {
    folder,
    manifest,
    dials: styler?.dials ?? [],
    defaultDial: styler?.defaultDial ?? null,
    deviation: styler ? await deviationOf(folder) : new Array<number>(manifest.latent.length).fill(PLAIN_DEVIATION),
    style: async (photo, options) => {
      if (styler) return styledBy(styler, photo, options);
      if (options.dial !== undefined) noDial(manifest.name, options.dial);
      const data = new Uint8Array(photo.buffer, photo.byteOffset, photo.byteLength);
      return { latent: await infer(encoder.name, { name: 'image', datatype: 'FP32', shape: [1, 3, 64, 64], data }), pose: IDENTITY_POSE, dial: null };
    },
    paint: async (latents) => {
      for (const latent of latents) assertLatent(manifest, latent);
      const shape = [latents.length, manifest.latent.length];
      const painted = await infer(decoder.name, { name: 'latent', datatype: 'UINT8', shape, data: Buffer.concat(latents) });
      const size = painted.byteLength / latents.length;
      return latents.map((_, i) => painted.subarray(i * size, (i + 1) * size));
    },
    close: async () => styler?.release(),
  };
}

async function styledBy(styler: Styler, photo: Float32Array, options: { dial?: string | undefined; seed?: number | undefined }): Promise<Styled> {
  const { latent, pose } = await styler.style(photo, options);
  return { latent, pose, dial: options.dial ?? styler.defaultDial };
}

/** The field `deviation` of a style package that was opened, so checked, before. */
async function deviationOf(folder: string): Promise<readonly number[]> {
  return (JSON.parse(await readFile(join(folder, 'style.json'), 'utf8')) as { deviation: readonly number[] }).deviation;
}

function noDial(name: string, dial: string): never {
  throw new BaseError({
    code: 'style/not-found',
    message: `Expected a model with a style package for the dial ${dial}, got ${name}, which has none.`,
  });
}
