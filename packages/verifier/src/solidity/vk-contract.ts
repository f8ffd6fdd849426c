/**
 * The data-only contract that holds one verifying key: a zero byte, so that it cannot be executed, then 32-byte words. The verifier of
 * its shape copies the words to the start of its memory plan.
 */
import type { G2Hex, VkDescriptor } from '@pentimento/circuit';
import { bigIntToBytes, concatBytes } from '@pentimento/core';
import { Q } from '../curve/fp.ts';
import type { Plan } from '../plan.ts';
import { shapeDigest } from '../shape.ts';

/** Names and lengths, in words, of the data contract's entries in order. */
export function vkEntries(plan: Plan): (readonly [name: string, words: number])[] {
  const sigmas = plan.steps.flatMap((step) => (step.kind === 'scalars' ? step.names.filter((name) => name.startsWith('s')) : []));
  return [
    ['shape', 1],
    ['repr', 1],
    ...plan.openedFixed.map((column) => [`f${column}`, 2] as const),
    ...sigmas.map((name) => [name.replace('@0', ''), 2] as const),
    ['g2', 4],
    ['negSG2', 4],
  ];
}

/** The runtime code of the data contract; `vk` and `plan` belong together. */
export function vkRuntime(plan: Plan, vk: VkDescriptor): Uint8Array {
  const words = vkEntries(plan).flatMap(([name]) => entryWords(plan, vk, name));
  return concatBytes(Uint8Array.of(0), ...words.map((word) => bigIntToBytes(word, 32)));
}

/** Creation code that deploys `runtime`: PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE (zero), CODECOPY, RETURNDATASIZE, RETURN. */
export function creationCode(runtime: Uint8Array): Uint8Array {
  return concatBytes(
    Uint8Array.of(0x61, runtime.length >> 8, runtime.length & 255),
    Uint8Array.of(0x80, 0x60, 0x0a, 0x3d, 0x39, 0x3d, 0xf3),
    runtime,
  );
}

function entryWords(plan: Plan, vk: VkDescriptor, name: string): bigint[] {
  if (name === 'shape') return [shapeDigest(plan)];
  if (name === 'repr') return [BigInt(vk.transcriptRepr)];
  if (name === 'g2') return g2Words(vk.g2, 1n);
  if (name === 'negSG2') return g2Words(vk.sG2, -1n);
  const commitments = name.startsWith('f') ? vk.fixedCommitments : vk.sigmaCommitments;
  return (commitments[Number(name.slice(1))] as readonly string[]).map(BigInt);
}

/** Order of the pairing precompile (EIP-197): imaginary part first. `sign` -1 negates the point. */
function g2Words([x, y]: G2Hex, sign: 1n | -1n): bigint[] {
  const signed = (c: bigint) => (sign === 1n ? c : (Q - c) % Q);
  return [BigInt(x[1]), BigInt(x[0]), signed(BigInt(y[1])), signed(BigInt(y[0]))];
}
