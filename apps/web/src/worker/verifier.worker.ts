/** Web Worker: verifies a proof with the verifier in TypeScript, from the circuit and the key that the proof server publishes. */
import type { Ir } from '@pentimento/circuit';
import { type Bundle, hexToBytes, instancesFor } from '@pentimento/core';
import { parseManifest } from '@pentimento/layers/reference';
import { prepare, type VkDescriptor, verifyProof } from '@pentimento/verifier';
import type { VerifierAnswers, VerifierRequest } from './messages.ts';
import { serve } from './serve.ts';

serve<VerifierRequest>(async ({ circuit, manifestText, bundle }) => {
  const { ir, vk } = circuit as { ir: Ir; vk: VkDescriptor };
  const start = performance.now();
  const checked = bundle as Bundle;
  const instances = instancesFor(checked, parseManifest(manifestText));
  const proof = hexToBytes(checked.proof);
  const valid = verifyProof(prepare(ir, vk), proof, [instances]);
  const { name, insecure } = vk.srs;
  return {
    valid,
    instances: instances.length,
    proofBytes: proof.length,
    verifyMs: performance.now() - start,
    srs: name,
    insecure,
  } satisfies VerifierAnswers['verify'];
});
