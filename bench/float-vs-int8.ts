/**
 * `npm run bench -- float-vs-int8 [jobs]`: one decoder in three number formats, counted by the same compiler, proven, and compared with the
 * real decoder. What is measured is kept in bench/results/float-vs-int8.json; with the counts it makes the tables of book/float-vs-int8.md.
 * With `--check` everything but the measurements is computed again and compared with the page.
 */

import { readFile, writeFile } from 'node:fs/promises';
import {
  BINARY32,
  BINARY64,
  type ComposedCounts,
  compileDecoder,
  compileFixed16,
  composeCounts,
  countCircuit,
  countOperations,
  decodeWith,
  FIXED16,
  FRACTION_BITS,
  fixed16Witness,
  sampleModel,
} from '../packages/float/src/index.ts';
import { decoderWitness, type Model, runDecoder } from '../packages/layers/src/index.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { compileFor, countersOf } from '../packages/prover/src/index.ts';
import { type Job, keepResult, keptResults, type Measured, measureJob } from './fresh.ts';
import { ROOT } from './record.ts';

type Format = 'int8' | 'fixed16' | 'float32';

const PAGE = `${ROOT}book/float-vs-int8.md`;
const RESULTS = `${ROOT}bench/results/float-vs-int8.json`;
const MODELS = { M: 'nouns-m', S: 'nouns-s', L64: 'nouns-l64', RGB: 'strokes-rgb' } as const;
const FORMATS: readonly Format[] = ['int8', 'fixed16', 'float32'];
/** The vector whose latent the encoder gave. */
const ARTWORK = 'encoded';
const SAMPLE_LATENT = [3, 99, 127, 0, 64, 17, 5, 80];
const COUNTED = ['constraints', 'lookups', 'adviceCells', 'copies', 'rows', 'k'] as const;

/** Measures the given proofs (all of them when none is given), writes the page, and returns the figures by key. */
export async function floatVsInt8(names: readonly string[]): Promise<Record<string, number>> {
  for (const name of names.length > 0 ? names : Object.keys(PROVEN)) {
    const proven = PROVEN[name];
    if (!proven) throw new Error(`Expected a proof, one of ${Object.keys(PROVEN).join(', ')}, got ${name}.`);
    const measured = await measureJob({ module: import.meta.url, job: proven.job, argument: proven.argument });
    process.stderr.write(`${name}: ${JSON.stringify(measured)}\n`);
    await keepResult(RESULTS, name, measured);
  }
  return writeFloatPage();
}

/** Writes the page from the counts and from the times that are kept, and returns the figures by key. */
export async function writeFloatPage(): Promise<Record<string, number>> {
  const { figures, tables } = await pageParts();
  await writeFile(PAGE, withTables(await readFile(PAGE, 'utf8'), tables));
  return figures;
}

/** Whether the page has the counts that are computed now, and the times that are kept. */
export async function checkFloatVsInt8(): Promise<boolean> {
  const page = await readFile(PAGE, 'utf8');
  return withTables(page, (await pageParts()).tables) === page;
}

interface Parts {
  readonly figures: Record<string, number>;
  readonly tables: Record<string, string>;
}

async function pageParts(): Promise<Parts> {
  const figures: Record<string, number> = {};
  const tables: Record<string, string> = {};
  for (const [suffix, name] of Object.entries(MODELS)) {
    const model = await loadModel(`${ROOT}models/${name}`);
    const counts = { int8: countInt8(model), fixed16: countFixed(model), float32: composeCounts(countOperations(model)) };
    for (const format of FORMATS) for (const counter of COUNTED) figures[`${counter}.${suffix}.${format}`] = counts[format][counter];
    tables[`counts-${suffix}`] = countsTable(counts);
    if (suffix === 'M') {
      tables.operations = operationsTable(model);
      Object.assign(figures, await errorFigures(model, name));
      tables.errors = errorsTable(figures);
    }
  }
  const times = await keptResults(RESULTS);
  tables.times = timesTable(times);
  return { figures: { ...figures, ...timeFigures(times) }, tables };
}

function countInt8(model: Model): ComposedCounts {
  const circuit = compileFor(model, 'fast');
  return countCircuit(circuit, countersOf(circuit).rows as number);
}

function countFixed(model: Model): ComposedCounts {
  const circuit = compileFixed16(model);
  return countCircuit(circuit, circuit.plan.rows);
}

/** Jobs of the measuring processes. */
export async function int8Job(): Promise<Job> {
  const model = await loadModel(`${ROOT}models/${MODELS.M}`);
  const latent = await encodedLatent(MODELS.M);
  const circuit = compileFor(model, 'fast');
  return { circuit, witness: () => decoderWitness(circuit, latent, { pose: 31, chainId: 31337n, collection: 1n, creator: 2n }) };
}

export async function fixed16Job(which: string): Promise<Job> {
  const model = which === 'sample' ? sampleModel() : await loadModel(`${ROOT}models/${MODELS.M}`);
  const latent = which === 'sample' ? Uint8Array.from(SAMPLE_LATENT) : await encodedLatent(MODELS.M);
  const circuit = compileFixed16(model);
  return { circuit, witness: () => fixed16Witness(circuit, latent) };
}

export async function float32Job(): Promise<Job> {
  const compiled = compileDecoder(sampleModel());
  return { circuit: compiled.circuit, witness: () => compiled.witness(SAMPLE_LATENT) };
}

const PROVEN: Readonly<Record<string, { readonly job: string; readonly argument: string; readonly label: string }>> = {
  'M.int8': { job: 'int8Job', argument: 'M', label: 'preset M, int8' },
  'M.fixed16': { job: 'fixed16Job', argument: 'M', label: 'preset M, fixed point' },
  'sample.fixed16': { job: 'fixed16Job', argument: 'sample', label: 'sample decoder, fixed point' },
  'sample.float32': { job: 'float32Job', argument: 'sample', label: 'sample decoder, binary32' },
};

type Times = Record<string, Measured>;

function timeFigures(times: Times): Record<string, number> {
  return Object.fromEntries(
    Object.entries(times).flatMap(([key, t]) => [
      [`proveMs.${key}`, t.proveMs],
      [`proofBytes.${key}`, t.proofBytes],
      [`peakRssBytes.${key}`, t.peakRssBytes],
    ]),
  );
}

/** The latent that the encoder gives for an artwork of the collection, from the committed vectors. */
async function encodedLatent(name: string): Promise<Uint8Array> {
  const found = (await cases(name)).find((c) => c.name === ARTWORK);
  if (!found) throw new Error(`Expected a case "${ARTWORK}" in vectors/${name}.json, found none.`);
  return found.latent;
}

async function cases(name: string): Promise<{ name: string; latent: Uint8Array }[]> {
  const { cases } = JSON.parse(await readFile(`${ROOT}vectors/${name}.json`, 'utf8')) as { cases: { name: string; latent: number[] }[] };
  return cases.map((c) => ({ name: c.name, latent: Uint8Array.from(c.latent) }));
}

/** Largest and mean error of the logits against the real decoder, and the share of equal pixels: of the artwork, and over all vectors. */
async function errorFigures(model: Model, name: string): Promise<Record<string, number>> {
  const sums: Record<Format, { maximum: number; total: number; equal: number }[]> = { int8: [], fixed16: [], float32: [] };
  let artwork = 0;
  (await cases(name)).forEach(({ name: which, latent }, i) => {
    if (which === ARTWORK) artwork = i;
    const reference = decodeWith(model, BINARY64, [...latent]);
    const outputs = outputsOf(model, latent);
    for (const format of FORMATS) sums[format].push(compare(reference, outputs[format]));
  });
  const figures: Record<string, number> = {};
  for (const format of FORMATS) {
    const all = sums[format];
    const one = all[artwork] as { maximum: number; total: number; equal: number };
    figures[`logitErrorMax.M.${format}`] = one.maximum;
    figures[`logitErrorMean.M.${format}`] = one.total;
    figures[`pixelsEqual.M.${format}`] = one.equal;
    figures[`pixelsEqualAll.M.${format}`] = all.reduce((sum, { equal }) => sum + equal, 0) / all.length;
  }
  return figures;
}

interface Output {
  readonly logit: (pixel: number, k: number) => number;
  readonly index: ArrayLike<number>;
}

function outputsOf(model: Model, latent: Uint8Array): Record<Format, Output> {
  const { layers, index } = runDecoder(model, latent);
  const logits = layers.get('head') as Int32Array;
  const fixed = decodeWith(
    model,
    FIXED16,
    Array.from(latent, (z) => z * 2 ** FRACTION_BITS),
  );
  const float = decodeWith(model, BINARY32, [...latent]);
  const pixels = float.index.length;
  return {
    int8: { logit: (p, k) => logits[k * pixels + p] as number, index },
    fixed16: { logit: (p, k) => (fixed.logits[p]?.[k] as number) / 2 ** (2 * FRACTION_BITS), index: fixed.index },
    float32: { logit: (p, k) => float.logits[p]?.[k] as number, index: float.index },
  };
}

function compare(
  reference: { readonly logits: number[][]; readonly index: number[] },
  output: Output,
): { maximum: number; total: number; equal: number } {
  const errors = reference.logits.flatMap((row, p) => row.map((logit, k) => Math.abs(logit - output.logit(p, k))));
  const equal = reference.index.filter((k, p) => k === output.index[p]).length / reference.index.length;
  return { maximum: errors.reduce((a, b) => Math.max(a, b)), total: errors.reduce((a, b) => a + b) / errors.length, equal };
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (rows: readonly (readonly string[])[]): string =>
  [rows[0] as string[], (rows[0] as string[]).map(() => '---'), ...rows.slice(1)].map(line).join('\n');
const whole = (value: number): string => value.toLocaleString('en');
const ratio = (value: number): string => `${value < 10 ? value.toFixed(1) : whole(Math.round(value))}x`;

const LABELS: readonly (readonly [label: string, key: (typeof COUNTED)[number] | 'adviceColumns' | 'lookupsPerRow' | 'degree'])[] = [
  ['constraints in force', 'constraints'],
  ['copies', 'copies'],
  ['advice cells', 'adviceCells'],
  ['lookups', 'lookups'],
  ['lookups a row', 'lookupsPerRow'],
  ['rows in use', 'rows'],
  ['k', 'k'],
  ['advice columns', 'adviceColumns'],
  ['degree', 'degree'],
];

function countsTable(counts: Record<Format, ComposedCounts>): string {
  const rows = LABELS.map(([label, key]) => {
    const value = (format: Format) => counts[format][key];
    const factors = key === 'k' || key === 'degree' ? ['', ''] : [ratio(value('fixed16') / value('int8')), ratio(value('float32') / value('int8'))];
    return [label, ...FORMATS.map((format) => whole(value(format))), ...factors];
  });
  return table([['', 'int8', 'fixed point, 16 bits', 'binary32', 'fixed / int8', 'binary32 / int8'], ...rows]);
}

function operationsTable(model: Model): string {
  const operations = Object.entries(countOperations(model)).filter(([, { constant, variable }]) => constant + variable > 0);
  return table([
    ['rows', 'second operand a constant', 'two computed operands'],
    ...operations.map(([kind, c]) => [kind, whole(c.constant), whole(c.variable)]),
  ]);
}

function errorsTable(figures: Record<string, number>): string {
  const rows = FORMATS.map((format) => [
    format === 'float32' ? 'binary32' : format === 'fixed16' ? 'fixed point' : 'int8',
    (figures[`logitErrorMax.M.${format}`] as number).toPrecision(3),
    (figures[`logitErrorMean.M.${format}`] as number).toPrecision(3),
    `${(100 * (figures[`pixelsEqual.M.${format}`] as number)).toFixed(2)} %`,
    `${(100 * (figures[`pixelsEqualAll.M.${format}`] as number)).toFixed(2)} %`,
  ]);
  return table([['', 'largest logit error', 'mean logit error', 'equal pixels, artwork', 'equal pixels, six latents'], ...rows]);
}

function timesTable(times: Times): string {
  const rows = Object.entries(PROVEN).flatMap(([key, { label }]) => {
    const t = times[key];
    if (!t) return [];
    const cells = [seconds(t.keygenMs), seconds(t.witnessMs), seconds(t.proveMs), seconds(t.proveCpuMs)];
    return [[label, ...cells, `${Math.round(t.peakRssBytes / 1e6)} MB`, `${whole(t.proofBytes)} B`, `${Math.round(t.verifyMs)} ms`]];
  });
  return table([['', 'keys', 'witness', 'prove', 'CPU time of it', 'peak memory', 'proof', 'verify in TypeScript'], ...rows]);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Replaces the text between `<!-- name -->` and `<!-- /name -->`. */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce(
    (text, [name, content]) =>
      text.replace(new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n?<!-- /${name} -->)`), (_, open: string) => `${open}${content}\n<!-- /${name} -->`),
    page,
  );
}
