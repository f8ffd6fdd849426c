/** Circuit and key come from a server and may be anything; what counts is what the collection pins. */
import { readFileSync } from 'node:fs';
import type { Ir, VkDescriptor } from '@pentimento/circuit';
import { CEREMONIES } from '@pentimento/circuit';
import { type Bundle, bytesToHex, type Hex } from '@pentimento/core';
import { encodeVkRuntime } from '@pentimento/verifier/solidity';
import { keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import type { PinnedModel } from '../src/services/pinned-model.ts';
import { setupPinned, verifyPinned } from '../src/worker/verify-pinned.ts';

interface Vector {
  readonly modelCommitment: Hex;
  readonly proof: Hex;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
}

const { modelCommitment, proof, ir, vk } = JSON.parse(readFileSync(new URL('../../../vectors/verifier-m.json', import.meta.url), 'utf8')) as Vector;

const PINNED: PinnedModel = {
  commitment: modelCommitment,
  latentLength: 128,
  form: { kind: 'palette', width: 32, height: 32, palette: [] },
  verifierCodeHash: `0x${'00'.repeat(32)}`,
  vkCodeHash: keccak256(bytesToHex(encodeVkRuntime(ir, vk))),
};
const BUNDLE: Bundle = {
  ...{ format: 'pentimento-bundle', version: 1, model: 'nouns-m', modelCommitment, objective: 'fast', srs: '', pose: 0, chainId: '1', proof },
  ...{ latent: `0x${'01'.repeat(128)}`, index: `0x${'02'.repeat(1024)}` },
  ...{ collection: `0x${'c0'.repeat(20)}`, creator: `0x${'a1'.repeat(20)}` },
};
const otherKey = expect.objectContaining({ code: 'circuit/other-key' });

describe('with the key that the collection pins', () => {
  it('gives a verdict: here of a proof of something else', () => {
    expect(verifyPinned(BUNDLE, { circuit: { ir, vk }, pinned: PINNED })).toMatchObject({
      ...{ valid: false, instances: 26, proofBytes: proof.length / 2 - 1 },
      setup: { name: 'insecure-development', insecure: true },
    });
  });

  it.each<[string, Partial<Bundle>]>([
    ['bundle/other-model', { modelCommitment: `0x${'ee'.repeat(32)}` }],
    ['bundle/malformed', { latent: `0x${'01'.repeat(127)}` }],
    ['bundle/malformed', { index: `0x${'02'.repeat(1026)}` }],
  ])('refuses with %s what is not of its model', (code, change) => {
    expect(() => verifyPinned({ ...BUNDLE, ...change }, { circuit: { ir, vk }, pinned: PINNED })).toThrow(expect.objectContaining({ code }));
  });
});

describe('with another key than the collection pins', () => {
  const [gate, ...gates] = ir.gates;
  const sG2 = Object.values(CEREMONIES)[0] as VkDescriptor['sG2'];
  const [first, second, ...others] = vk.fixedCommitments;

  it.each<[string, { ir?: unknown; vk?: unknown }]>([
    ['a gate less', { ir: { ...ir, gates } }],
    ['a gate that says the same as another', { ir: { ...ir, gates: [{ ...gate, poly: ir.gates[1]?.poly }, ...gates] } }],
    ['another digest', { vk: { ...vk, transcriptRepr: `0x${'01'.repeat(32)}` } }],
    ['two commitments swapped', { vk: { ...vk, fixedCommitments: [second, first, ...others] } }],
    ["a ceremony's power", { vk: { ...vk, sG2 } }],
    ['another generator', { vk: { ...vk, g2: sG2 } }],
  ])('verifies nothing: %s', (_, other) => {
    const circuit = { ir, vk, ...other };
    expect(() => verifyPinned(BUNDLE, { circuit, pinned: PINNED })).toThrow();
    expect(() => setupPinned({ circuit, pinned: PINNED })).toThrow();
  });

  it('says which key the collection pins', () => {
    const pinned = { ...PINNED, vkCodeHash: `0x${'12'.repeat(32)}` as Hex };
    expect(() => verifyPinned(BUNDLE, { circuit: { ir, vk }, pinned })).toThrow(otherKey);
    expect(() => setupPinned({ circuit: { ir, vk: { ...vk, sG2 } }, pinned: PINNED })).toThrow(otherKey);
  });

  it("takes a setup's name from the points, not from the key", () => {
    const circuit = { ir, vk: { ...vk, srs: { name: Object.keys(CEREMONIES)[0], insecure: false } } };
    expect(setupPinned({ circuit, pinned: PINNED })).toEqual({ name: 'unrecognised', insecure: true });
  });
});
