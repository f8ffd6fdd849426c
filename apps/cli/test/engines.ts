/**
 * Every TypeScript-side implementation of a decoder against the golden vectors, counted in differing numbers: the integer reference, the
 * circuit's witness, and onnxruntime-node with its optimiser on and off on one and two threads. Python compares its own engines.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aigcDataOf, IDENTITY_POSE, packWords } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { compileDecoder, type DecoderCircuit, decoderWitness, type Model, runDecoder } from '@pentimento/layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Case {
  readonly name: string;
  readonly latent: readonly number[];
  /** Row-major outputs by layer; logits for a palette head. */
  readonly layers: Readonly<Record<string, readonly number[]>>;
  /** Palette indices, or in `image` the channel values of an RGB head. */
  readonly index?: readonly number[];
  readonly image?: readonly number[];
}

export interface Vectors {
  readonly model: string;
  readonly commitment: string;
  readonly cases: readonly Case[];
}

const MODELS = join(PROJECT, 'models');
const CONTEXT = { pose: IDENTITY_POSE, chainId: 1n, collection: 2n, creator: 3n };
const RUNTIME_SETTINGS = (['all', 'disabled'] as const).flatMap((level) => [1, 2].map((threads) => ({ level, threads })));

/** Names of the committed models. */
export function committedModels(): string[] {
  return readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'manifest.json')));
}

export function modelDir(name: string): string {
  return join(MODELS, name);
}

export function vectorsPath(name: string): string {
  return join(PROJECT, 'vectors', `${name}.json`);
}

export function readVectors(name: string): Vectors {
  return JSON.parse(readFileSync(vectorsPath(name), 'utf8')) as Vectors;
}

/** Numbers that differ, or that only one side has. */
function countDifferences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) count++;
  return count;
}

/** The integer reference: every layer and the image. */
export function referenceDifferences(model: Model, { latent, layers, index, image }: Case): number {
  const run = runDecoder(model, Uint8Array.from(latent));
  const missing = Object.keys(layers).filter((id) => !run.layers.has(id)).length;
  const perLayer = [...run.layers].map(([id, values]) => countDifferences(values, layers[id] ?? []));
  return missing + sum(perLayer) + countDifferences(run.index, index ?? []) + countDifferences(run.image, image ?? []);
}

/** The cells of a witness: the `o` cell of every element of every layer (a palette head has none), and the public words of latent and image. */
export function witnessDifferences(circuit: DecoderCircuit, { latent, layers, index, image }: Case): number {
  const witness = decoderWitness(circuit, Uint8Array.from(latent), CONTEXT);
  const { manifest } = circuit.plan.model;
  const perLayer = manifest.layers
    .filter(({ op }) => op !== 'paletteArgmax')
    .map(({ id, shape }) => countDifferences(outputCells(circuit, witness.advice as readonly Int32Array[], id, shape), layers[id] ?? []));
  const aigcData = aigcDataOf(image ? { image: Uint8Array.from(image) } : { index: Uint8Array.from(index ?? []) });
  const words = [...packWords(Uint8Array.from(latent)), ...packWords(aigcData)];
  const found = witness.instances[0] ?? [];
  return sum(perLayer) + words.filter((word, i) => word !== found[i]).length;
}

/** onnxruntime-node on all cases at once, the four settings added up. */
export async function runtimeDifferences(dir: string, cases: readonly Case[]): Promise<number> {
  const length = cases[0]?.latent.length ?? 0;
  const expected = cases.flatMap(({ index, image }) => index ?? image ?? []);
  let count = 0;
  for (const { level, threads } of RUNTIME_SETTINGS) {
    const session = await InferenceSession.create(join(dir, 'decoder.onnx'), { graphOptimizationLevel: level, intraOpNumThreads: threads });
    const data = Uint8Array.from(cases.flatMap(({ latent }) => latent));
    const outputs = await session.run({ latent: new Tensor('uint8', data, [cases.length, length]) });
    count += countDifferences(outputs[session.outputNames[0] as string]?.data as Uint8Array, expected);
    await session.release();
  }
  return count;
}

/** Both circuits that users meet: two slots a row (fast) and one (gas). */
export function circuitsOf(model: Model): DecoderCircuit[] {
  return ([2, 1] as const).map((slots) => compileDecoder(model, { slots }));
}

/** The values of a layer in the columns o_0, o_1, ...: element (c, y, x) lies at one exponent, `slots * row + slot`. */
function outputCells({ plan, ir }: DecoderCircuit, advice: readonly Int32Array[], id: string, shape: readonly number[]): number[] {
  const placed = plan.placed.get(id);
  if (placed === undefined) throw new Error(`the plan has no layer ${id}`);
  const { grid, baseRow } = placed;
  const columns = Array.from({ length: plan.slots }, (_, slot) => advice[ir.advice.findIndex(({ name }) => name === `o${slot}`)] as Int32Array);
  const [channels = 0, height = 1, width = 1] = shape;
  const values: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const exponent = plan.slots * baseRow + c * grid.channelStride + grid.lead + y * grid.stride + x * grid.spacing;
        values.push(columns[exponent % plan.slots]?.[Math.floor(exponent / plan.slots)] as number);
      }
  return values;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
