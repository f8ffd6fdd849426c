/** Proving a painting and verifying the bundle that comes of it. */
import { type Bundle, hexToBytes, instancesFor, makeBundle, type Objective, pictureOf, type Statement } from '@pentimento/core';
import { decoderWitness, type Model } from '@pentimento/layers';
import { prepare, verifyProof } from '@pentimento/verifier';
import { openKit, type Progress } from './kit.ts';

export interface Proven {
  readonly bundle: Bundle;
  readonly proveMs: number;
  readonly keygenMs: number;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
}

/** Proves the decoder's painting of `latent` for this context; the image is computed, never taken from the caller. */
export async function proveLatent(
  model: Model,
  objective: Objective,
  statement: Omit<Statement, 'index'>,
  onProgress: Progress,
  signal?: AbortSignal,
): Promise<Proven> {
  const kit = await openKit(model, objective, onProgress);
  try {
    const began = performance.now();
    const witness = decoderWitness(kit.circuit, statement.latent, statement);
    const witnessMs = performance.now() - began;
    const result = await kit.prover.prove(witness, { onProgress: (stage) => onProgress(`  proof: ${stage}`), ...(signal ? { signal } : {}) });
    const bundle = makeBundle(model.manifest, objective, kit.vk.srs.name, { ...statement, ...pictureOf(witness) }, result.proof);
    return { bundle, proveMs: witnessMs + result.proveMs, keygenMs: kit.keygenMs, phases: [{ name: 'decoder', ms: witnessMs }, ...result.phases] };
  } finally {
    kit.prover.close();
  }
}

/** True when the bundle's proof shows its statement for this model, checked in TypeScript without any node. */
export async function verifyBundle(model: Model, bundle: Bundle, onProgress: Progress): Promise<boolean> {
  const instances = instancesFor(bundle, model.manifest);
  const kit = await openKit(model, bundle.objective, onProgress);
  try {
    return verifyProof(prepare(kit.circuit.ir, kit.vk), hexToBytes(bundle.proof), [instances]);
  } finally {
    kit.prover.close();
  }
}
