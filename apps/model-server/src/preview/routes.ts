/** The preview interface, `/v1`: models and their files, a photo in a model's style, and pictures of latents. Nothing of a photo is kept. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { BaseError, bytesToHex, encodePrompt, type Hex, hexToBytes } from '@pentimento/core';
import { problemOf } from '@pentimento/serving/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Decoder } from '../uploads/decoder.ts';
import { createLine } from './line.ts';
import type { Studio } from './studio.ts';
import type { Uses } from './uses.ts';
import { variationsOf } from './variations.ts';

const MAX_UPLOAD = 10 * 1024 * 1024;
const MAX_SEED = 2 ** 32 - 1;
const MAX_VARIATIONS = 16;
const FILES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.safetensors': 'application/octet-stream',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
};

export interface PreviewContext {
  readonly studios: readonly Studio[];
  readonly decoder: Decoder;
  readonly uses: Uses;
  readonly metrics: Registry;
  readonly previewsPerMinute: number;
}

interface Named {
  readonly name: string;
}

interface LatentBody {
  readonly latent: Hex;
  readonly pose: number;
}

interface VariationsBody extends LatentBody {
  readonly count: number;
  readonly strength: number;
  readonly seed: number;
}

const latentFields = { latent: { type: 'string', maxLength: 8194 }, pose: { type: 'integer', minimum: 0, maximum: 125 } };
const decodeSchema = { body: { type: 'object', required: ['latent', 'pose'], additionalProperties: false, properties: latentFields } };
const variationsSchema = {
  body: {
    type: 'object',
    required: ['latent', 'pose', 'count', 'strength', 'seed'],
    additionalProperties: false,
    properties: {
      ...latentFields,
      count: { type: 'integer', minimum: 1, maximum: MAX_VARIATIONS },
      strength: { type: 'number', minimum: 0, maximum: 1 },
      seed: { type: 'integer', minimum: 0, maximum: MAX_SEED },
    },
  },
};

export function previewRoutes(app: FastifyInstance, context: PreviewContext): void {
  const { studios, uses, previewsPerMinute } = context;
  const studioOf = ({ params }: FastifyRequest) => findStudio(studios, (params as Named).name);
  const limited = { config: { rateLimit: { max: previewsPerMinute, timeWindow: 60_000 } } };
  const preview = createPreview(context);

  for (const type of ['image/png', 'image/jpeg', 'image/webp'])
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: MAX_UPLOAD }, (_request, body, done) => done(null, body));
  app.get('/v1/models', () => studios.map((studio) => describe(studio, uses)));
  app.get('/v1/models/:name', (request) => describe(studioOf(request), uses));
  app.get('/v1/models/:name/files/:file', async (request, reply) => sendFile(studioOf(request), request, reply));
  app.post('/v1/models/:name/preview', { ...limited, bodyLimit: MAX_UPLOAD }, (request) => preview(studioOf(request), request));
  app.post('/v1/models/:name/decode', { schema: decodeSchema }, async (request) => {
    const { latent } = parsedLatent(request.body as LatentBody);
    const [picture] = await studioOf(request).paint([latent]);
    return { picture: bytesToHex(picture as Uint8Array) };
  });
  app.post('/v1/models/:name/variations', { schema: variationsSchema }, async (request) => {
    const studio = studioOf(request);
    const { count, strength, seed, ...given } = request.body as VariationsBody;
    const { latent, pose } = parsedLatent(given);
    await studio.paint([latent]);
    const latents = variationsOf(latent, { count, strength, seed, deviation: studio.deviation });
    const pictures = await studio.paint(latents);
    return { variations: latents.map((own, i) => ({ latent: bytesToHex(own), pose, picture: bytesToHex(pictures[i] as Uint8Array) })) };
  });
}

function describe({ manifest, dials, defaultDial }: Studio, uses: Uses): Record<string, unknown> {
  const { name, commitment, latent, image, palette, layers } = manifest;
  return {
    name,
    commitment,
    kind: layers.at(-1)?.op === 'rgb' ? 'rgb' : 'palette',
    latentLength: latent.length,
    image,
    palette,
    dials,
    defaultDial,
    previews: uses.of(commitment),
  };
}

/** The newest version of a name, as in the inference protocol; or the model with that commitment. */
function findStudio(studios: readonly Studio[], name: string): Studio {
  const found =
    studios.findLast(({ manifest }) => manifest.name === name) ?? studios.find(({ manifest }) => manifest.commitment === name.toLowerCase());
  if (found) return found;
  const names = studios.map(({ manifest }) => manifest.name).join(', ');
  throw new BaseError({
    code: 'model/not-found',
    message: `Expected the name or commitment of a model here (${names}), got ${JSON.stringify(name.slice(0, 80))}.`,
  });
}

function createPreview({ decoder, uses, metrics }: PreviewContext): (studio: Studio, request: FastifyRequest) => Promise<unknown> {
  // Styling computes on one thread; a second preview in work is one whose picture is being decoded.
  const line = createLine({ running: 2, waiting: 30 });
  const durations = new Histogram({
    name: 'pentimento_preview_duration_seconds',
    help: 'Time from a photo to its picture',
    labelNames: ['model'],
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
    registers: [metrics],
  });
  const refused = new Counter({
    name: 'pentimento_uploads_refused_total',
    help: 'Uploads without a preview',
    labelNames: ['code'],
    registers: [metrics],
  });
  return async (studio, request) => {
    const { dial, seed } = styleOptions(request.query as Record<string, unknown>);
    if (!(request.body instanceof Buffer))
      throw new BaseError({ code: 'request/media-type', message: 'Expected a picture as body, got none or another type.' });
    const upload = request.body;
    const began = performance.now();
    try {
      return await line(async () => {
        const photo = await decoder.decode(upload);
        const decoded = performance.now();
        const styled = await studio.style(photo, { dial, seed });
        const searched = performance.now();
        const [picture] = await studio.paint([styled.latent]);
        const timings = { decodeMs: rounded(decoded - began), searchMs: rounded(searched - decoded), paintMs: rounded(performance.now() - searched) };
        const count = await uses.add(studio.manifest.commitment);
        durations.observe({ model: studio.manifest.name }, (performance.now() - began) / 1000);
        const { latent, ...rest } = styled;
        return { latent: bytesToHex(latent), ...rest, picture: bytesToHex(picture as Uint8Array), uses: count, timings };
      });
    } catch (error) {
      refused.inc({ code: problemOf(error).code });
      throw error;
    }
  };
}

function styleOptions({ dial, seed }: Record<string, unknown>): { dial: string | undefined; seed: number | undefined } {
  if (dial !== undefined && typeof dial !== 'string') throw new BaseError({ code: 'request/invalid', message: 'Expected one dial, got several.' });
  if (seed === undefined) return { dial, seed: undefined };
  const value = Number(seed);
  if (typeof seed === 'string' && /^\d+$/.test(seed) && value <= MAX_SEED) return { dial, seed: value };
  throw new BaseError({ code: 'style/bad-seed', message: `Expected a seed in 0..${MAX_SEED}, got ${JSON.stringify(seed)}.` });
}

function parsedLatent({ latent, pose }: LatentBody): { latent: Uint8Array; pose: number } {
  const bytes = hexToBytes(latent);
  encodePrompt(bytes, pose);
  return { latent: bytes, pose };
}

/**
 * A file of the model. Its ETag is its SHA-256; asked for with `?sha256=` of it, it may be kept for ever, because another file has another
 * address.
 */
async function sendFile({ folder, manifest }: Studio, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { file } = request.params as { file: string };
  if (!['manifest.json', manifest.weights.file, 'card.md', 'sheet.png'].includes(file)) noFile(file);
  const bytes = await readFile(join(folder, file)).catch(() => noFile(file));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { sha256: wanted } = request.query as { sha256?: string };
  if (wanted !== undefined && wanted !== sha256) noFile(`${file} with the SHA-256 ${wanted.slice(0, 64)}`);
  reply.header('etag', `"${sha256}"`).header('cache-control', wanted === undefined ? 'public, no-cache' : 'public, max-age=31536000, immutable');
  if (request.headers['if-none-match'] === `"${sha256}"`) return reply.code(304).send();
  return reply.type(FILES[extname(file)] ?? 'application/octet-stream').send(bytes);
}

function noFile(file: string): never {
  throw new BaseError({
    code: 'request/not-found',
    message: `Expected manifest.json, the weights, card.md or sheet.png of the model, got ${file.slice(0, 160)}.`,
  });
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
