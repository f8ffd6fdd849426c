/** Client of the model server: the list of models, the search for a photo's latent, and variations of a latent. */
import { bytesToHex } from '@pentimento/core';
import { count, type Decoder, hex, list, modelName, nullable, number, object, oneOf, text } from './check.ts';
import { getJson, postJson, type Service, send } from './http.ts';

const decodeModel = object({
  name: modelName,
  commitment: hex,
  kind: oneOf('palette', 'rgb'),
  latentLength: count,
  image: object({ height: count, width: count, scale: count }),
  palette: list(text),
  dials: list(text),
  defaultDial: nullable(text),
  previews: count,
});
export type ModelInfo = ReturnType<typeof decodeModel>;

const decodePreview = object({
  latent: hex,
  pose: count,
  dial: nullable(text),
  picture: hex,
  timings: object({ decodeMs: number, searchMs: number, paintMs: number }),
});
export type Preview = ReturnType<typeof decodePreview>;

const decodeVariation = object({ latent: hex, pose: count, picture: hex });
export type Variation = ReturnType<typeof decodeVariation>;

export const listModels = (service: Service, signal?: AbortSignal): Promise<readonly ModelInfo[]> =>
  getJson(service, '/v1/models', list(decodeModel), signal);

/** Address of one of a model's files. */
export const modelFileUrl = (service: Service, model: string, file: string): string =>
  `${service.url}/v1/models/${encodeURIComponent(model)}/files/${file}`;

export interface PreviewRequest {
  readonly model: string;
  readonly photo: Blob;
  readonly dial: string | null;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends the photo once; the answer is the latent and the pose that come nearest to it. */
export async function requestPreview(service: Service, { model, photo, dial, seed, signal }: PreviewRequest): Promise<Preview> {
  const query = new URLSearchParams({ seed: String(seed), ...(dial === null ? {} : { dial }) });
  const path = `/v1/models/${encodeURIComponent(model)}/preview?${query}`;
  const response = await send(service, path, { method: 'POST', body: photo, headers: { 'content-type': photo.type }, signal });
  return (decodePreview as Decoder<Preview>)(await response.json(), service.name);
}

export interface VariationsRequest {
  readonly model: string;
  readonly latent: Uint8Array;
  readonly pose: number;
  /** 1..16. */
  readonly count: number;
  /** 0..1. */
  readonly strength: number;
  readonly seed: number;
}

export async function requestVariations(service: Service, { model, latent, ...rest }: VariationsRequest): Promise<readonly Variation[]> {
  const body = { latent: bytesToHex(latent), ...rest };
  const decode = object({ variations: list(decodeVariation) });
  return (await postJson(service, `/v1/models/${encodeURIComponent(model)}/variations`, body, decode)).variations;
}
