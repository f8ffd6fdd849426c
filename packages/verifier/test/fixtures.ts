/** Loads the committed proof vectors and derives from each the proofs and instances that must be refused. */
import { readFileSync } from 'node:fs';
import type { Ir } from '@pentimento/circuit';
import { bigIntToBytes, bytesToBigInt, concatBytes, field, type Hex, hexToBytes } from '@pentimento/core';
import { Q } from '../src/curve/fp.ts';
import { createPlan, type Plan, type VkDescriptor } from '../src/index.ts';

export const FIXTURES = ['toy3', 'toy5', 'noeq', 'flat', 'k14-d5', 'k17-d3'] as const;

export interface Fixture {
  readonly name: string;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly plan: Plan;
  readonly proof: Uint8Array;
  readonly instances: bigint[][];
  readonly challenges: bigint[];
}

export function loadFixture(name: string): Fixture {
  const json = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as {
    ir: Ir;
    vk: VkDescriptor;
    proof: Hex;
    instances: Hex[][];
    challenges: Hex[];
  };
  return {
    name,
    ir: json.ir,
    vk: json.vk,
    plan: createPlan(json.ir, json.vk),
    proof: hexToBytes(json.proof),
    instances: json.instances.map((column) => column.map(BigInt)),
    challenges: json.challenges.map(BigInt),
  };
}

export interface Rejection {
  readonly name: string;
  readonly proof: Uint8Array;
  readonly instances: bigint[][];
}

/** Changes of proof and instances, none of which may be accepted. */
export function rejections(fixture: Fixture): Rejection[] {
  return [...wordRejections(fixture), ...pointRejections(fixture), ...lengthRejections(fixture), ...instanceRejections(fixture)];
}

function wordRejections({ plan, proof, instances }: Fixture): Rejection[] {
  const flipped = Array.from({ length: plan.words }, (_, i) => ({
    name: `word ${i} flipped`,
    proof: withWord(proof, i, wordAt(proof, i) ^ 1n),
    instances,
  }));
  const aliased = [...plan.evaluations].map(([name, i]) => ({
    name: `${name} + r`,
    proof: withWord(proof, i, wordAt(proof, i) + field.R),
    instances,
  }));
  return [...flipped, ...aliased];
}

function pointRejections({ plan, proof, instances }: Fixture): Rejection[] {
  return [...plan.points].flatMap(([slot, i]) => [
    { name: `${slot} identity`, proof: withWord(withWord(proof, i, 0n), i + 1, 0n), instances },
    { name: `${slot} off the curve`, proof: withWord(proof, i + 1, (wordAt(proof, i + 1) + 1n) % Q), instances },
    { name: `${slot} negated`, proof: withWord(proof, i + 1, Q - wordAt(proof, i + 1)), instances },
    { name: `${slot} x + q`, proof: withWord(proof, i, wordAt(proof, i) + Q), instances },
    { name: `${slot} y + q`, proof: withWord(proof, i + 1, wordAt(proof, i + 1) + Q), instances },
    { name: `${slot} another point`, proof: withWord(withWord(proof, i, 1n), i + 1, 2n), instances },
  ]);
}

function lengthRejections({ proof, instances }: Fixture): Rejection[] {
  return [
    { name: 'empty', proof: new Uint8Array(0), instances },
    { name: 'truncated by a byte', proof: proof.slice(0, -1), instances },
    { name: 'truncated by a word', proof: proof.slice(0, -32), instances },
    { name: 'extended by a byte', proof: concatBytes(proof, new Uint8Array(1)), instances },
    { name: 'extended by a word', proof: concatBytes(proof, new Uint8Array(32)), instances },
    { name: 'all zero', proof: new Uint8Array(proof.length), instances },
    { name: 'all ones', proof: new Uint8Array(proof.length).fill(255), instances },
  ];
}

function instanceRejections({ proof, instances }: Fixture): Rejection[] {
  const [column, ...others] = instances;
  if (column === undefined) return [];
  const changed = (name: string, next: bigint[]) => ({ name, proof, instances: [next, ...others] });
  return [
    ...column.flatMap((value, i) => [
      changed(`instance ${i} + 1`, column.with(i, field.add(value, 1n))),
      changed(`instance ${i} + r`, column.with(i, value + field.R)),
    ]),
    ...(column.length > 0 ? [changed('instance missing', column.slice(0, -1))] : []),
    changed('instance too many', [...column, 0n]),
    // After the last column all words that are read stay as they were: only the count of them is wrong.
    { name: 'instance too many at the end', proof, instances: instances.with(-1, [...(instances.at(-1) ?? []), 0n]) },
  ];
}

/** Word `i` of a proof. */
export function wordAt(bytes: Uint8Array, i: number): bigint {
  return bytesToBigInt(bytes.subarray(32 * i, 32 * i + 32));
}

/** The proof with word `i` replaced, modulo 2^256. */
export function withWord(bytes: Uint8Array, i: number, value: bigint): Uint8Array {
  const out = bytes.slice();
  out.set(bigIntToBytes(value % 2n ** 256n, 32), 32 * i);
  return out;
}
