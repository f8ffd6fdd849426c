/** Client of the model server: the list of models, the search for a photo's latent, and variations of a latent. */
import { BaseError, bytesToHex, hexToBytes } from '@pentimento/core';
import { isWhole, type PictureForm } from '../picture/pixels.ts';
import { colour, count, type Decoder, hex, label, list, modelName, nullable, number, object, oneOf } from './check.ts';
import { getJson, postJson, readJson, type Service, send } from './http.ts';

const DIAL = 40;

const decodeModel = object({
  name: modelName,
  commitment: hex,
  kind: oneOf('palette', 'rgb'),
  latentLength: count,
  image: object({ height: count, width: count, scale: count }),
  palette: list(colour),
  dials: list(label(DIAL)),
  defaultDial: nullable(label(DIAL)),
  previews: count,
});
export type ModelInfo = ReturnType<typeof decodeModel>;

export function formOf(model: ModelInfo): PictureForm {
  return { kind: model.kind, width: model.image.width, height: model.image.height, palette: model.palette };
}

const decodePreview = object({
  latent: hex,
  pose: count,
  dial: nullable(label(DIAL)),
  picture: hex,
  timings: object({ decodeMs: number, searchMs: number, paintMs: number }),
});
export type Preview = ReturnType<typeof decodePreview>;

const decodeVariation = object({ latent: hex, pose: count, picture: hex });
export type Variation = ReturnType<typeof decodeVariation>;

/** What `decode` reads, if latent and picture are of this model's form. */
const paintedBy =
  <T extends Variation>(model: ModelInfo, decode: Decoder<T>): Decoder<T> =>
  (value, path) => {
    const found = decode(value, path);
    const [latent, bytes] = [hexToBytes(found.latent), hexToBytes(found.picture)];
    if (latent.length === model.latentLength && isWhole({ form: formOf(model), bytes, pose: found.pose })) return found;
    const message = `Expected a latent and a picture of ${model.name} at ${path}, got ${latent.length} and ${bytes.length} bytes that are none.`;
    throw new BaseError({ code: 'service/unexpected-answer', message });
  };

export const listModels = (service: Service, signal?: AbortSignal): Promise<readonly ModelInfo[]> =>
  getJson(service, '/v1/models', list(decodeModel), signal);

/** Address of one of a model's files. */
export const modelFileUrl = (service: Service, model: string, file: string): string =>
  `${service.url}/v1/models/${encodeURIComponent(model)}/files/${file}`;

export interface PreviewRequest {
  readonly model: ModelInfo;
  readonly photo: Blob;
  readonly dial: string | null;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends the photo once; the answer is the latent and the pose that come nearest to it. */
export async function requestPreview(service: Service, { model, photo, dial, seed, signal }: PreviewRequest): Promise<Preview> {
  const query = new URLSearchParams({ seed: String(seed), ...(dial === null ? {} : { dial }) });
  const path = `/v1/models/${encodeURIComponent(model.name)}/preview?${query}`;
  const response = await send(service, path, { method: 'POST', body: photo, headers: { 'content-type': photo.type }, signal });
  return readJson(service, response, paintedBy(model, decodePreview));
}

export interface VariationsRequest {
  readonly model: ModelInfo;
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
  const decode = object({ variations: list(paintedBy(model, decodeVariation)) });
  return (await postJson(service, `/v1/models/${encodeURIComponent(model.name)}/variations`, body, decode)).variations;
}
