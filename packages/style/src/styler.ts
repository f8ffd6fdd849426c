/**
 * The way from a photo to a latent and a pose: the bank is searched in all poses, its best entries are compared exactly, and the best of
 * these are refined. The same inputs give the same answer on the same machine.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { type Candidates, openGraphs, type StyleGraphs } from './graphs.ts';
import { type Dial, parseStyleManifest, type StyleFile, type StyleManifest } from './manifest.ts';
import { refine } from './refine.ts';

const PHOTO_LENGTH = 3 * 64 * 64;
const MAX_VARIATIONS = 24;
const MAX_SEED = 2 ** 32 - 1;
/** How far a seed may move a candidate's loss: about the distance of the best from the tenth. */
const SEED_NOISE = 0.05;

export interface StyleOptions {
  /** One of `Styler.dials`; the model's default when absent. */
  readonly dial?: string | undefined;
  /** 0 (default) takes the best; another seed in 1..2^32-1 prefers other good answers. */
  readonly seed?: number | undefined;
  /** How many different answers to give, 1 (default) to 24. */
  readonly variations?: number | undefined;
}

/** One answer. */
export interface Answer {
  /** `[L]`, each in 0..127. */
  readonly latent: Uint8Array;
  /** Pose byte, 0..125. */
  readonly pose: number;
  /** Lower is better; comparable within one photo and dial. */
  readonly loss: number;
}

export interface Styled extends Answer {
  /** The other answers, best first; at most `variations - 1`. */
  readonly alternatives: readonly Answer[];
}

export interface Styler {
  readonly dials: readonly string[];
  readonly defaultDial: string;
  /**
   * Answers for a photo `[3, 64, 64]` of floats in 0..1, row-major.
   * Throws `style/bad-photo`, `style/unknown-dial`, `style/bad-seed`, `style/bad-variations` and, after `release`, `style/released`.
   */
  readonly style: (photo: Float32Array, options?: StyleOptions) => Promise<Styled>;
  readonly release: () => Promise<void>;
}

/**
 * Opens the style package of a model's folder.
 * Throws `style/not-found`, `style/bad-manifest`, `style/wrong-digest`, `style/other-model` and `style/bad-graph`.
 */
export async function openStyle(modelFolder: string): Promise<Styler> {
  const manifest = parseStyleManifest(Buffer.from(await read(modelFolder, 'style.json')).toString());
  await assertModel(modelFolder, manifest);
  const [search, step] = await Promise.all([readChecked(modelFolder, manifest.search), readChecked(modelFolder, manifest.step)]);
  const graphs = await openGraphs(search, step).catch((cause: Error) =>
    fail('style/bad-graph', `Expected working graphs in ${modelFolder}, got: ${cause.message}`, cause),
  );
  let released = false;
  return {
    dials: [...manifest.dials.keys()],
    defaultDial: manifest.defaultDial,
    style: async (photo, options = {}) => {
      if (released) fail('style/released', 'Expected a styler in use, got one that was released.');
      assertPhoto(photo);
      const [dial, choice] = [dialOf(manifest, options.dial), checkedOptions(options)];
      return answer(graphs, photo, dial, choice).catch((cause: Error) =>
        fail('style/bad-graph', `Expected graphs that fit style.json in ${modelFolder}, got: ${cause.message}`, cause),
      );
    },
    release: async () => {
      if (released) return;
      released = true;
      await graphs.release();
    },
  };
}

interface Choice {
  readonly seed: number;
  readonly variations: number;
}

async function answer(graphs: StyleGraphs, photo: Float32Array, dial: Dial, { seed, variations }: Choice): Promise<Styled> {
  const candidates = await graphs.search(photo, dial);
  const noise = noiseOf(seed, candidates.count);
  const noisy = candidates.losses.map((loss, i) => loss + (noise[i] as number));
  const order = rank(noisy).slice(0, Math.max(dial.finalists, variations));
  const start = take(candidates, order);
  const refined = await refine(start, dial, (latents) => graphs.evaluate(photo, { ...start, latents }, start.latents, dial));
  const length = candidates.latents.length / candidates.count;
  const final = rank(refined.losses.map((loss, i) => loss + (noise[order[i] as number] as number)));
  const answers = final.map((i) => ({
    latent: Uint8Array.from(refined.latents.subarray(i * length, (i + 1) * length), (value) => Math.floor(Math.fround(value + 0.5))),
    pose: Number(start.poses[i]),
    loss: refined.losses[i] as number,
  }));
  const [best, ...others] = distinct(answers);
  if (!best) return fail('style/bad-graph', 'Expected at least one candidate from the search, got none.');
  return { ...best, alternatives: others.slice(0, variations - 1) };
}

/** Positions of `losses`, smallest first; equal ones in order. */
function rank(losses: Float32Array): number[] {
  return Array.from(losses.keys()).sort((a, b) => (losses[a] as number) - (losses[b] as number) || a - b);
}

function take({ latents, poses, count }: Candidates, positions: readonly number[]): Candidates {
  const length = latents.length / count;
  const chosen = new Float32Array(positions.length * length);
  for (const [i, position] of positions.entries()) chosen.set(latents.subarray(position * length, (position + 1) * length), i * length);
  return { count: positions.length, latents: chosen, poses: BigInt64Array.from(positions, (position) => poses[position] as bigint) };
}

function distinct(answers: readonly Answer[]): Answer[] {
  const seen = new Map<string, Answer>();
  for (const one of answers) {
    const key = Buffer.from(one.latent).toString('hex');
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

/** `count` numbers in 0..SEED_NOISE by the mulberry32 generator; zeros for seed 0. */
function noiseOf(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    if (seed === 0) return 0;
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * SEED_NOISE;
  });
}

function dialOf(manifest: StyleManifest, name: string = manifest.defaultDial): Dial {
  return manifest.dials.get(name) ?? fail('style/unknown-dial', `Expected one of ${[...manifest.dials.keys()].join(', ')} as the dial, got ${name}.`);
}

function checkedOptions({ seed = 0, variations = 1 }: StyleOptions): Choice {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) fail('style/bad-seed', `Expected a seed in 0..${MAX_SEED}, got ${seed}.`);
  if (!Number.isInteger(variations) || variations < 1 || variations > MAX_VARIATIONS)
    fail('style/bad-variations', `Expected 1 to ${MAX_VARIATIONS} variations, got ${variations}.`);
  return { seed, variations };
}

function assertPhoto(photo: Float32Array): void {
  if (!(photo instanceof Float32Array) || photo.length !== PHOTO_LENGTH)
    fail('style/bad-photo', `Expected ${PHOTO_LENGTH} floats of a photo, got ${photo?.length}.`);
  const position = photo.findIndex((value) => !(value >= 0 && value <= 1));
  if (position >= 0) fail('style/bad-photo', `Expected every value of the photo in 0..1, got ${photo[position]} at position ${position}.`);
}

async function assertModel(folder: string, manifest: StyleManifest): Promise<void> {
  const { commitment } = JSON.parse(Buffer.from(await read(folder, 'manifest.json')).toString()) as { commitment?: unknown };
  if (commitment !== manifest.commitment)
    fail('style/other-model', `Expected a style package of the model ${commitment}, got one of ${manifest.commitment}.`);
}

async function readChecked(folder: string, { file, sha256 }: StyleFile): Promise<Uint8Array> {
  const bytes = await read(folder, file);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== sha256) fail('style/wrong-digest', `Expected ${file} to have SHA-256 ${sha256}, got ${digest}.`);
  return bytes;
}

async function read(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, file));
  } catch (cause) {
    return fail('style/not-found', `Expected a readable ${file} in the model folder ${folder}, found none.`, cause);
  }
}

function fail(code: string, message: string, cause?: unknown): never {
  throw new BaseError({ code, message, ...(cause === undefined ? {} : { cause }) });
}
