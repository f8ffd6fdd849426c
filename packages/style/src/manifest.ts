/**
 * `style.json`: what a model's folder says about its style graphs. `training` writes it; it is checked here once, and nothing of it is
 * used before.
 */
import { BaseError } from '@pentimento/core';

const FORMAT = 'pentimento-style';
const VERSION = 1;
const MAX_LATENT = 4096;
const MAX_STEPS = 1000;
const MAX_FINALISTS = 24;

/** A dial: how far a photo is followed. The loss is that of `training/pentimento_training/style/step_graph.py`. */
export interface Dial {
  /** One factor per term of the comparison. */
  readonly amounts: Float32Array;
  readonly colour: number;
  /** Price of every colour's share of the image. */
  readonly tilt: Float32Array;
  /** Per latent element, the loss of one squared unit away from the candidate. */
  readonly inertia: Float32Array;
  /** Steps of Adam, and how far one moves a latent element at most, about. */
  readonly steps: number;
  readonly rate: number;
  /** How many candidates are refined. */
  readonly finalists: number;
}

export interface StyleFile {
  readonly file: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface StyleManifest {
  readonly commitment: string;
  readonly latentLength: number;
  readonly defaultDial: string;
  readonly search: StyleFile;
  readonly step: StyleFile;
  readonly dials: ReadonlyMap<string, Dial>;
}

/** Parses `style.json`. Throws `style/bad-manifest`. */
export function parseStyleManifest(text: string): StyleManifest {
  const root = record(parseJson(text), 'an object');
  if (root.format !== FORMAT || root.version !== VERSION) fail(`format ${FORMAT}, version ${VERSION}`, [root.format, root.version]);
  const deviation = numbers(root.deviation, 'a deviation per latent element');
  if (deviation.length === 0 || deviation.length > MAX_LATENT || deviation.some((d) => d <= 0)) fail('positive deviations', deviation.length);
  const files = record(root.files, 'its files');
  const entries = Object.entries(record(root.dials, 'dials by name'));
  const dials = new Map(entries.map(([name, entry]) => [name, parseDial(record(entry, `the dial ${name}`), deviation)]));
  const defaultDial = string(root.defaultDial, 'a default dial');
  if (!dials.has(defaultDial)) fail('the default dial among its dials', defaultDial);
  return {
    commitment: string(root.commitment, 'a commitment'),
    latentLength: deviation.length,
    defaultDial,
    search: parseFile(files.search),
    step: parseFile(files.step),
    dials,
  };
}

function parseDial(entry: Readonly<Record<string, unknown>>, deviation: readonly number[]): Dial {
  const amount = number(entry.inertia, 'an inertia');
  return {
    amounts: Float32Array.from(numbers(entry.amounts, 'amounts')),
    colour: number(entry.colour, 'a colour amount'),
    tilt: Float32Array.from(numbers(entry.tilt, 'a tilt')),
    inertia: Float32Array.from(deviation, (d) => amount / (deviation.length * d * d)),
    steps: count(entry.steps, 0, MAX_STEPS, 'steps'),
    rate: number(entry.rate, 'a rate'),
    finalists: count(entry.finalists, 1, MAX_FINALISTS, 'finalists'),
  };
}

function parseFile(value: unknown): StyleFile {
  const entry = record(value, 'a file with its digest');
  const file = string(entry.file, 'a file name');
  const sha256 = string(entry.sha256, 'a digest');
  if (!/^[\w.-]+$/.test(file) || file.startsWith('.')) fail('a plain file name', file);
  if (!/^[0-9a-f]{64}$/.test(sha256)) fail('a SHA-256 in hexadecimal', sha256);
  return { file, sha256 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail('JSON', text.slice(0, 40));
  }
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(what, value);
  return value as Readonly<Record<string, unknown>>;
}

function numbers(value: unknown, what: string): readonly number[] {
  if (!Array.isArray(value) || !value.every((n) => typeof n === 'number')) return fail(what, value);
  return value;
}

function number(value: unknown, what: string): number {
  return typeof value === 'number' ? value : fail(what, value);
}

function count(value: unknown, low: number, high: number, what: string): number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high
    ? (value as number)
    : fail(`${what} in ${low}..${high}`, value);
}

function string(value: unknown, what: string): string {
  return typeof value === 'string' ? value : fail(what, value);
}

function fail(expected: string, found: unknown): never {
  const shown = JSON.stringify(found)?.slice(0, 60) ?? 'nothing';
  throw new BaseError({ code: 'style/bad-manifest', message: `Expected style.json to hold ${expected}, got ${shown}.` });
}
