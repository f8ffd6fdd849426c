/**
 * `npm run bench -- scale [sizes]`: time, memory, proof size and gas of a proof as the decoder grows, from preset S to 400 million
 * multiply-accumulates. The large decoders have random weights: what a proof costs depends on shapes, not on weights. Sizes are measured
 * one after the other, each in processes of its own; what is measured is kept in bench/results/scale.json, and the page is made from that.
 */

import { readFile, writeFile } from 'node:fs/promises';
import {
  decoderWitness,
  type Layer,
  type Manifest,
  type Model,
  modelCommitment,
  shapesById,
  type Tensor,
  validateModel,
} from '../packages/layers/src/index.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { compileFor } from '../packages/prover/src/index.ts';
import { withTables } from './float-vs-int8.ts';
import { type Job, keepResult, keptResults, type Measured, measureJob } from './fresh.ts';
import { ROOT } from './record.ts';

const PAGE = `${ROOT}book/scale.md`;
const PLOT = `${ROOT}book/scale.svg`;
const RESULTS = `${ROOT}bench/results/scale.json`;

/** A committed model, or the channels of fc, conv1 .. conv4 of a 64x64 RGB decoder. */
type Size = { readonly model: string } | { readonly channels: readonly [number, number, number, number, number] };

/** In the order of their multiply-accumulates. The last one has those, and the weights, of the largest generator proven on chain. */
export const SIZES: Readonly<Record<string, Size>> = {
  S: { model: 'nouns-s' },
  M: { model: 'nouns-m' },
  '25M': { channels: [72, 56, 40, 22, 11] },
  '100M': { channels: [146, 113, 81, 44, 22] },
  '200M': { channels: [206, 160, 114, 63, 31] },
  '400M': { channels: [290, 226, 162, 89, 44] },
};
const LATENT_LENGTH = 128;

type Results = Record<string, Measured>;

/** Measures the given sizes (all of them when none is given), draws the page from everything measured so far, and returns the figures. */
export async function scale(names: readonly string[]): Promise<Record<string, number>> {
  for (const name of names) if (!SIZES[name]) throw new Error(`Expected a size, one of ${Object.keys(SIZES).join(', ')}, got ${name}.`);
  for (const name of names.length > 0 ? names : Object.keys(SIZES)) {
    const measured = await measureJob({ module: import.meta.url, job: 'scaleJob', argument: name }, { gas: true });
    process.stderr.write(`${name}: ${JSON.stringify(measured)}\n`);
    await keepResult(RESULTS, name, measured);
  }
  return writeScalePage();
}

/** Writes page and plot from the kept results, and returns the figures. */
export async function writeScalePage(): Promise<Record<string, number>> {
  const all = await keptResults(RESULTS);
  await writeFile(PAGE, pageOf(await readFile(PAGE, 'utf8'), all));
  await writeFile(PLOT, plotOf(all));
  return figuresOf(all);
}

/** Whether page and plot are those of the kept results. */
export async function checkScale(): Promise<boolean> {
  const all = await keptResults(RESULTS);
  const page = await readFile(PAGE, 'utf8');
  return pageOf(page, all) === page && plotOf(all) === (await readFile(PLOT, 'utf8'));
}

function figuresOf(all: Results): Record<string, number> {
  const largest = sorted(all).at(-1);
  if (!largest) return {};
  const [, { facts, proveMs, peakRssBytes, proofBytes, verifyGas = 0 }] = largest;
  return {
    largestMmacProven: (facts.macs as number) / 1e6,
    largestProveMs: proveMs,
    largestPeakRssBytes: peakRssBytes,
    largestProofBytes: proofBytes,
    largestVerifyGas: verifyGas,
  };
}

/** The job of the measuring processes. */
export async function scaleJob(name: string): Promise<Job> {
  const size = SIZES[name] as Size;
  const model = 'model' in size ? await loadModel(`${ROOT}models/${size.model}`) : randomModel(name, size.channels);
  const circuit = compileFor(model, 'fast');
  const random = generator(7);
  const latent = Uint8Array.from({ length: model.manifest.latent.length }, () => random(0, 127));
  const context = { pose: 31, chainId: 31337n, collection: 1n, creator: 2n };
  const { ir, plan } = circuit;
  const facts = {
    ...sizesOf(model),
    k: ir.k,
    rows: plan.rows,
    adviceColumns: ir.advice.length,
    fixedColumns: ir.fixed.length,
    copies: ir.copies.length,
    instances: ir.instances.reduce((sum, { rows }) => sum + rows, 0),
  };
  return { circuit, witness: () => decoderWitness(circuit, latent, context), facts };
}

/** A 64x64 RGB decoder: a fully connected seed of 4x4, four upsampling convolutions, an RGB head. Deterministic. */
export function randomModel(name: string, channels: readonly number[]): Model {
  const weights = new Map<string, Tensor>();
  const layers: Layer[] = [];
  const random = generator(channels[0] as number);
  const fill = (id: string, shape: number[], outputs: number) => {
    const count = shape.reduce((a, b) => a * b);
    const shift = saneShift(count / outputs);
    weights.set(`${id}.weight`, { shape, data: Int8Array.from({ length: count }, () => random(-WEIGHT, WEIGHT)) });
    weights.set(`${id}.bias`, { shape: [outputs], data: Int32Array.from({ length: outputs }, () => random(0, 127) * 2 ** (shift - 1)) });
    return { weight: `${id}.weight`, bias: `${id}.bias`, shift };
  };
  const [seed, ...convolutions] = channels as [number, ...number[]];
  layers.push({ id: 'fc', op: 'fullyConnected', input: 'latent', shape: [seed, 4, 4], ...fill('fc', [16 * seed, LATENT_LENGTH], 16 * seed) });
  convolutions.forEach((outputs, i) => {
    const [id, input, side] = [`conv${i + 1}`, i === 0 ? 'fc' : `conv${i}`, 8 * 2 ** i];
    const tensors = fill(id, [outputs, channels[i] as number, 3, 3], outputs);
    layers.push({ id, op: 'conv2d', input, upsample: 2, shape: [outputs, side, side], ...tensors });
  });
  const last = channels.at(-1) as number;
  layers.push({ id: 'head', op: 'rgb', input: `conv${convolutions.length}`, shape: [3, 64, 64], ...fill('head', [3, last], 3) });
  const manifest: Manifest = {
    format: 'pentimento-model',
    version: 1,
    arithmetic: 1,
    name: `random-${name.toLowerCase()}`,
    preset: 'random',
    license: 'CC0-1.0',
    latent: { length: LATENT_LENGTH },
    layers,
    image: { height: 64, width: 64, scale: 1 },
    palette: [],
    weights: { file: 'weights.safetensors', sha256: '' },
    commitment: '0x',
  };
  const model = { manifest: { ...manifest, commitment: modelCommitment(manifest, weights) }, weights };
  validateModel(model);
  return model;
}

/** Weights are uniform in -WEIGHT..WEIGHT. */
const WEIGHT = 40;
/** Spread of activations, and of weights, that keeps a layer's outputs spread over 0..127. */
const SPREAD = { activation: 45, weight: WEIGHT / Math.sqrt(3) };

/** The shift that brings a sum of `inputs` random products back to the spread of activations. */
function saneShift(inputs: number): number {
  return Math.max(1, Math.round(Math.log2(Math.sqrt(inputs) * SPREAD.weight)));
}

/** Integers between the bounds, by a multiplicative congruential generator. */
function generator(seed: number): (low: number, high: number) => number {
  let state = seed * 48_271 + 11;
  return (low, high) => {
    state = (state * 48_271) % 2_147_483_647;
    return low + (state % (high - low + 1));
  };
}

/** Multiply-accumulates (taps on the padding included), weights, and activations of all layers. */
function sizesOf({ manifest, weights }: Model): { readonly macs: number; readonly weights: number; readonly activations: number } {
  const shapes = shapesById(manifest);
  let [macs, count, activations] = [0, 0, 0];
  for (const layer of manifest.layers) {
    const elements = (shapes.get(layer.id) as readonly number[]).reduce((a, b) => a * b);
    activations += elements;
    if (!('weight' in layer)) continue;
    const { data, shape } = weights.get(layer.weight) as Tensor;
    const outputs = layer.op === 'paletteArgmax' ? elements * (shape[0] as number) : elements;
    macs += (outputs * data.length) / (shape[0] as number);
    count += data.length;
    if (layer.op === 'conv2d' && layer.channelBias) {
      const branch = (weights.get(layer.channelBias.weight) as Tensor).data.length;
      [macs, count] = [macs + branch, count + branch];
    }
  }
  return { macs, weights: count, activations };
}

const sorted = (all: Results): [string, Measured][] =>
  Object.entries(all).sort(([, a], [, b]) => (a.facts.macs as number) - (b.facts.macs as number));
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const millions = (value: number): string => (value / 1e6).toFixed(value < 1e7 ? 2 : 0);

function pageOf(page: string, all: Results): string {
  const header = [
    'decoder',
    'million MAC',
    'weights',
    'activations',
    'k',
    'rows',
    'keys',
    'witness',
    'prove',
    'CPU time',
    'peak memory',
    'proof',
    'verify gas',
    'verify in TypeScript',
  ];
  const rows = sorted(all).map(([name, m]) => {
    const { macs, weights, activations, k, rows } = m.facts as Record<string, number> as {
      macs: number;
      weights: number;
      activations: number;
      k: number;
      rows: number;
    };
    return [
      name,
      millions(macs),
      weights.toLocaleString('en'),
      activations.toLocaleString('en'),
      String(k),
      rows.toLocaleString('en'),
      seconds(m.keygenMs),
      seconds(m.witnessMs),
      seconds(m.proveMs),
      seconds(m.proveCpuMs),
      `${(m.peakRssBytes / 1e9).toFixed(2)} GB`,
      `${m.proofBytes.toLocaleString('en')} B`,
      (m.verifyGas ?? 0).toLocaleString('en'),
      `${Math.round(m.verifyMs)} ms`,
    ];
  });
  return withTables(page, { scale: [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'), growth: growthText(all) });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

interface Fit {
  readonly exponent: number;
  readonly factor: number;
}

/** Least squares of `log y = log factor + exponent * log x`. */
export function fitPower(points: readonly (readonly [x: number, y: number])[]): Fit {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (i: 0 | 1) => logs.reduce((sum, p) => sum + p[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const exponent = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return { exponent, factor: Math.exp(my - exponent * mx) };
}

function growthText(all: Results): string {
  const rows = sorted(all);
  if (rows.length < 2) return 'Fewer than two sizes are measured.';
  const power = (y: (m: Measured) => number) => fitPower(rows.map(([, m]) => [m.facts.macs as number, y(m)] as const));
  const [cpu, memory] = [power((m) => m.proveCpuMs), power((m) => m.peakRssBytes)];
  const [first, last] = [rows[0] as [string, Measured], rows.at(-1) as [string, Measured]];
  const times = (y: (m: Measured) => number) => (y(last[1]) / y(first[1])).toFixed(1);
  return [
    `Fitted over these sizes: CPU time grows with MAC^${cpu.exponent.toFixed(2)}, peak memory with MAC^${memory.exponent.toFixed(2)}.`,
    `From ${first[0]} to ${last[0]} the multiply-accumulates grow ${times((m) => m.facts.macs as number)} times, CPU time ${times((m) => m.proveCpuMs)} times, memory ${times((m) => m.peakRssBytes)} times, the proof ${times((m) => m.proofBytes)} times.`,
  ].join('\n');
}

const FRAME = { left: 70, top: 30, width: 520, height: 300 };

/** CPU time and memory against multiply-accumulates, both axes logarithmic. */
function plotOf(all: Results): string {
  const rows = sorted(all);
  const xs = rows.map(([, m]) => m.facts.macs as number);
  const series = [
    { label: 'CPU time of a proof, s', colour: '#b3392f', values: rows.map(([, m]) => m.proveCpuMs / 1000) },
    { label: 'peak memory, GB', colour: '#2f6db3', values: rows.map(([, m]) => m.peakRssBytes / 1e9) },
  ];
  const decade = (value: number, round: (x: number) => number) => 10 ** round(Math.log10(value));
  const x = axis(decade(Math.min(...xs), Math.floor), decade(Math.max(...xs), Math.ceil), FRAME.left, FRAME.left + FRAME.width);
  const values = series.flatMap((s) => s.values);
  const y = axis(decade(Math.min(...values), Math.floor), decade(Math.max(...values), Math.ceil), FRAME.top + FRAME.height, FRAME.top);
  const grid = [
    ...x.ticks.map(
      (t) =>
        `<path d="M${x.at(t)} ${FRAME.top}V${FRAME.top + FRAME.height}"/><text x="${x.at(t)}" y="${FRAME.top + FRAME.height + 18}" text-anchor="middle">${t / 1e6}</text>`,
    ),
    ...y.ticks.map(
      (t) =>
        `<path d="M${FRAME.left} ${y.at(t)}H${FRAME.left + FRAME.width}"/><text x="${FRAME.left - 8}" y="${y.at(t) + 4}" text-anchor="end">${t}</text>`,
    ),
  ];
  const lines = series.map(({ label, colour, values: own }, i) => {
    const points = own.map((value, j) => `${x.at(xs[j] as number)},${y.at(value)}`);
    const dots = points.map((p) => `<circle cx="${p.split(',')[0]}" cy="${p.split(',')[1]}" r="3.5"/>`).join('');
    const legend = `<text x="${FRAME.left + 12}" y="${FRAME.top + 18 + 18 * i}" stroke="none">${label}</text>`;
    return `<g stroke="${colour}" fill="${colour}"><polyline fill="none" stroke-width="2" points="${points.join(' ')}"/>${dots}${legend}</g>`;
  });
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 390" font-family="sans-serif" font-size="12">',
    '<title>Proving cost against the size of the decoder</title><rect width="620" height="390" fill="#fff"/>',
    `<g stroke="#ddd" fill="none">${grid.join('').replaceAll('<text', '<text stroke="none" fill="#333"')}</g>`,
    ...lines,
    '<text x="330" y="378" text-anchor="middle" fill="#333">million multiply-accumulates of the decoder</text>',
    '</svg>\n',
  ].join('\n');
}

/** A logarithmic axis from one power of ten to another. */
function axis(low: number, high: number, from: number, to: number): { readonly ticks: number[]; readonly at: (value: number) => string } {
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const ticks = Array.from({ length: Math.round(b - a) + 1 }, (_, i) => 10 ** Math.round(a + i));
  return { ticks, at: (value) => (from + ((Math.log10(value) - a) / (b - a)) * (to - from)).toFixed(1) };
}
