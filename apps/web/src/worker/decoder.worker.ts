/** Web Worker: the integer reference of one model. What it paints is, byte for byte, what a proof will say. */
import { BaseError } from '@pentimento/core';
import { type Model, parseManifest, parseModel, runDecoder } from '@pentimento/layers/reference';
import { type DecoderView, jacobianOf, principalDirections } from './directions.ts';
import type { DecoderAnswers, DecoderRequest } from './messages.ts';
import { serve } from './serve.ts';

let model: Model | undefined;

serve<DecoderRequest>(async (request) => {
  if (request.kind === 'open') return open(request);
  if (model === undefined) throw new BaseError({ code: 'worker/no-model', message: 'Expected a model to be opened first, got none.' });
  if (request.kind === 'decode') return decode(model, request.latent);
  const view = viewOf(model);
  return {
    directions: principalDirections(view, request.latent, jacobianOf(view, request.latent), request.count),
  } satisfies DecoderAnswers['directions'];
});

/** Fetches and checks the model: SHA-256 of the weights, then the commitment over every number, and that it is the one asked for. */
async function open({ manifestUrl, weightsUrl, commitment }: Extract<DecoderRequest, { kind: 'open' }>): Promise<DecoderAnswers['open']> {
  const manifest = parseManifest(await (await load(manifestUrl)).text());
  if (manifest.commitment !== commitment) {
    const message = `Expected the model with the commitment ${commitment}, but the server sent ${manifest.commitment}.`;
    throw new BaseError({ code: 'model/wrong-commitment', message });
  }
  model = parseModel(manifest, new Uint8Array(await (await load(weightsUrl)).arrayBuffer()));
  const { latent, image, palette, layers } = manifest;
  const kind = layers.at(-1)?.op === 'rgb' ? 'rgb' : 'palette';
  return { latentLength: latent.length, form: { kind, width: image.width, height: image.height, palette } };
}

async function load(url: string): Promise<Response> {
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok) return response;
  const found = response === undefined ? 'no answer' : `status ${response.status}`;
  throw new BaseError({ code: 'service/model-file', message: `Expected the model's file at ${url}, got ${found}.`, retryable: true });
}

function decode(opened: Model, latent: Uint8Array): DecoderAnswers['decode'] {
  const start = performance.now();
  const { index, image } = runDecoder(opened, latent);
  return { picture: index.length > 0 ? index : image, decodeMs: performance.now() - start };
}

function viewOf(opened: Model): DecoderView {
  const { manifest } = opened;
  const head = manifest.layers.at(-1);
  const pixels = manifest.image.height * manifest.image.width;
  const channels = head?.op === 'rgb' ? 3 : 16;
  return {
    pixels,
    decode: (latent) => runDecoder(opened, latent).layers.get(head?.id ?? '') as Int32Array,
    difference: (a, b) => {
      const differs = head?.op === 'rgb' ? coloursDiffer : classesDiffer;
      let changed = 0;
      for (let i = 0; i < pixels; i++) if (differs(a, b, i, pixels, channels)) changed++;
      return changed / pixels;
    },
  };
}

/** A sum of channel differences, of 127 each, that the eye sees. */
const VISIBLE_CHANGE = 16;

function coloursDiffer(a: Int32Array, b: Int32Array, pixel: number, pixels: number, channels: number): boolean {
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += Math.abs((a[c * pixels + pixel] as number) - (b[c * pixels + pixel] as number));
  return sum >= VISIBLE_CHANGE;
}

function classesDiffer(a: Int32Array, b: Int32Array, pixel: number, pixels: number, channels: number): boolean {
  return classAt(a, pixel, pixels, channels) !== classAt(b, pixel, pixels, channels);
}

function classAt(logits: Int32Array, pixel: number, pixels: number, channels: number): number {
  let best = 0;
  for (let k = 1; k < channels; k++) if ((logits[k * pixels + pixel] as number) > (logits[best * pixels + pixel] as number)) best = k;
  return best;
}
