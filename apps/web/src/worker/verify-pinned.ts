/**
 * Verification of a bundle with a circuit and a key that a server sent. Neither is believed: the code of the key's contract is made of them
 * here, and its hash must be the one that the collection pins on chain. That code begins with a digest of the circuit's shape and holds every
 * commitment and the setup's points, so that nothing of what the verifier reads can be another's.
 */
import { type Ir, type Setup, setupOf, type VkDescriptor } from '@pentimento/circuit';
import { BaseError, type Bundle, type BundleModel, bytesToHex, hexToBytes, instancesFor } from '@pentimento/core';
import { parseVk, prepare, verifyProof } from '@pentimento/verifier';
import { encodeVkRuntime } from '@pentimento/verifier/solidity';
import { keccak256 } from 'viem';
import type { PinnedModel } from '../services/pinned-model.ts';
import type { PinnedCircuit, VerifierAnswers } from './messages.ts';

/**
 * A proof that is not valid is a verdict. Throws `circuit/other-key` when the collection does not pin this key, `bundle/other-model` when it
 * pins another model, and the verifier's errors when circuit or key are malformed.
 */
export function verifyPinned(bundle: Bundle, { circuit, pinned }: PinnedCircuit): VerifierAnswers['verify'] {
  const start = performance.now();
  const instances = instancesFor(bundle, shapeOf(pinned));
  const { ir, vk } = pinnedParts(circuit, pinned);
  const proof = hexToBytes(bundle.proof);
  const valid = verifyProof(prepare(ir, vk), proof, [instances]);
  return { valid, instances: instances.length, proofBytes: proof.length, verifyMs: performance.now() - start, setup: setupOf(vk) };
}

/** The trusted setup of the key that the collection pins, which decides what its proofs are worth. Throws as `verifyPinned` does. */
export const setupPinned = ({ circuit, pinned }: PinnedCircuit): Setup => setupOf(pinnedParts(circuit, pinned).vk);

function pinnedParts(circuit: PinnedCircuit['circuit'], { vkCodeHash }: PinnedModel): { ir: Ir; vk: VkDescriptor } {
  const [ir, vk] = [circuit.ir as Ir, parseVk(circuit.vk)];
  const found = keccak256(bytesToHex(encodeVkRuntime(ir, vk)));
  if (found === vkCodeHash) return { ir, vk };
  const message = `Expected the verifying key that the collection pins on chain, with the code hash ${vkCodeHash}; the proof server sent one with ${found}.`;
  throw new BaseError({ code: 'circuit/other-key', message });
}

function shapeOf({ commitment, latentLength, form }: PinnedModel): BundleModel {
  return { name: '', commitment, latent: { length: latentLength }, image: form, layers: [{ op: form.kind === 'rgb' ? 'rgb' : 'paletteArgmax' }] };
}
