/**
 * The Keccak transcript: words of 32 big-endian bytes are appended to a buffer; a challenge is `keccak256(buffer)` modulo the field's
 * order, and the unreduced hash becomes the new buffer. A buffer that holds nothing but the previous hash gets one byte `0x01`
 * before hashing. Identical to snark-verifier's EvmTranscript and to PSE's halo2-solidity-verifier.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bigIntToBytes, bytesToBigInt, concatBytes, field } from '@pentimento/core';
import type { Plan } from './plan.ts';

export class Transcript {
  private parts: Uint8Array[] = [];
  private length = 0;

  absorb(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  squeeze(): bigint {
    if (this.length === 32) this.parts.push(Uint8Array.of(1));
    const hash = keccak_256(concatBytes(...this.parts));
    this.parts = [hash];
    this.length = 32;
    return bytesToBigInt(hash) % field.R;
  }
}

/** All challenges by name. `proof` has the plan's length; `instances` are canonical and have the plan's lengths. */
export function deriveChallenges(
  plan: Plan,
  transcriptRepr: bigint,
  proof: Uint8Array,
  instances: readonly (readonly bigint[])[],
): Map<string, bigint> {
  const transcript = new Transcript();
  transcript.absorb(bigIntToBytes(transcriptRepr, 32));
  for (const value of instances.flat()) transcript.absorb(bigIntToBytes(value, 32));
  const challenges = new Map<string, bigint>();
  let offset = 0;
  for (const step of plan.steps) {
    if (step.kind === 'squeeze') {
      challenges.set(step.name, transcript.squeeze());
      continue;
    }
    const length = 32 * (step.kind === 'points' ? 2 * step.slots.length : step.names.length);
    transcript.absorb(proof.subarray(offset, offset + length));
    offset += length;
  }
  return challenges;
}
