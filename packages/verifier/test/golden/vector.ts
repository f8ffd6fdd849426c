/**
 * Golden vectors of preset M: one stored proof for each layout objective, with its circuit, key, instances and every challenge that the
 * transcript draws from it (book/protocol.md). The circuit is stored without its `copies`, which no verifier reads, and that of `gas`
 * also without the `definitions`, which only halo2 wants to see and which are 2 MB.
 */
import { readFileSync } from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Circuit, Ir } from '@pentimento/circuit';
import { bigIntToBytes, bytesToHex, type Hex, hexToBytes } from '@pentimento/core';
import { generateKeys, openProver } from '@pentimento/engine';
import { chooseLayout, compilePlan, decoderWitness, type Model, searchLayouts } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { deriveChallenges, prepare, type VkDescriptor } from '../../src/index.ts';
import { encodeVkRuntime } from '../../src/solidity.ts';

const ROOT = new URL('../../../../', import.meta.url);
const MODEL = 'nouns-m';

export const VECTOR_OBJECTIVES = ['fast', 'gas'] as const;
export type VectorObjective = (typeof VECTOR_OBJECTIVES)[number];

export interface Vector {
  readonly format: 'pentimento-verifier-vector';
  readonly version: 1;
  readonly model: string;
  readonly modelCommitment: string;
  readonly objective: VectorObjective;
  /** keccak256 of the key's data contract. */
  readonly vkDigest: Hex;
  /** 32 big-endian bytes each, in the order in which they are drawn. */
  readonly challenges: readonly (readonly [name: string, value: Hex])[];
  readonly instances: readonly (readonly Hex[])[];
  readonly proof: Hex;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
}

/** What the verifiers take. */
export interface VectorInput {
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly proof: Uint8Array;
  readonly instances: bigint[][];
}

export function vectorPath(objective: VectorObjective): URL {
  return new URL(`vectors/verifier-m${objective === 'fast' ? '' : `-${objective}`}.json`, ROOT);
}

export function readVector(objective: VectorObjective): Vector {
  return JSON.parse(readFileSync(vectorPath(objective), 'utf8')) as Vector;
}

export function inputOf({ ir, vk, proof, instances }: Vector): VectorInput {
  return { ir, vk, proof: hexToBytes(proof), instances: instances.map((column) => column.map(BigInt)) };
}

/** The circuit of preset M as it is compiled now. */
export async function compileModel(objective: VectorObjective) {
  const model = await loadModel(new URL(`models/${MODEL}`, ROOT).pathname);
  const { plan, layout } = chooseLayout(searchLayouts(model), objective);
  return { model, circuit: compilePlan(plan, layout) };
}

/** The part of a circuit that is stored. */
export function storedPart({ ir }: Circuit, objective: VectorObjective): Ir {
  return { ...ir, copies: [], definitions: objective === 'fast' ? ir.definitions : [] };
}

/** Proves one fixed statement under fresh keys; `folder` takes the keys. */
export async function makeVector(objective: VectorObjective, srsPath: string, folder: string): Promise<Vector> {
  const { model, circuit } = await compileModel(objective);
  const { vk } = await generateKeys({ circuit, srsPath, keyDir: folder });
  const prover = await openProver(folder, srsPath);
  const witness = decoderWitness(circuit, latentOf(model), { pose: 31, chainId: 31337n, collection: 5n, creator: 7n });
  const { proof } = await prover.prove(witness);
  prover.close();
  return vectorOf(model, objective, { ir: storedPart(circuit, objective), vk, proof, instances: witness.instances.map((column) => [...column]) });
}

function latentOf({ manifest }: Model): Uint8Array {
  return Uint8Array.from({ length: manifest.latent.length }, (_, i) => (17 * i + 29) % 128);
}

function vectorOf({ manifest }: Model, objective: VectorObjective, { ir, vk, proof, instances }: VectorInput): Vector {
  const { plan, transcriptRepr } = prepare(ir, vk);
  return {
    format: 'pentimento-verifier-vector',
    version: 1,
    model: manifest.name,
    modelCommitment: manifest.commitment,
    objective,
    vkDigest: bytesToHex(keccak_256(encodeVkRuntime(ir, vk))),
    challenges: [...deriveChallenges(plan, transcriptRepr, proof, instances)].map(([name, value]) => [name, word(value)]),
    instances: instances.map((column) => column.map(word)),
    proof: bytesToHex(proof),
    ir,
    vk,
  };
}

function word(value: bigint): Hex {
  return bytesToHex(bigIntToBytes(value, 32));
}

/** One field a line, so that a difference names what changed. */
export function renderVector(vector: Vector): string {
  const fields = Object.entries(vector).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}
