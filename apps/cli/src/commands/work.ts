/** The commands' work, free of command-line parsing: style, prove, verify. `start` and the single commands share it. */
import type { Statement } from '@pentimento/core';
import { decoderWitness, type Model, runDecoder } from '@pentimento/layers';
import { prepare, verifyProof } from '@pentimento/verifier';
import { type Bundle, instancesFor, makeBundle, pictureOf } from '../bundle.ts';
import { type EncodeOptions, encodePhoto } from '../encoder.ts';
import type { Output } from '../output.ts';
import type { Painting } from '../painting.ts';
import { readPhoto } from '../photo.ts';
import { type Objective, openKit } from '../prover.ts';

export interface Styled extends Painting {
  /** 0..127 each. */
  readonly latent: Uint8Array;
  /** The dial that was used; absent where the model has no style package. */
  readonly dial?: string;
}

export interface StyleOptions extends EncodeOptions {
  /** Instead of the pose that the search finds. */
  readonly pose?: number | undefined;
}

export async function stylePhoto(model: Model, modelDir: string, photo: string, options: StyleOptions = {}): Promise<Styled> {
  const encoded = await encodePhoto(model, modelDir, await readPhoto(photo), options);
  const { index, image } = runDecoder(model, encoded.latent);
  return { ...encoded, index, image, pose: options.pose ?? encoded.pose };
}

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
  output: Output,
  signal?: AbortSignal,
): Promise<Proven> {
  const kit = await openKit(model, objective, output);
  try {
    const began = performance.now();
    const witness = decoderWitness(kit.circuit, statement.latent, statement);
    const witnessMs = performance.now() - began;
    const result = await kit.prover.prove(witness, { onProgress: (stage) => output.progress(`  proof: ${stage}`), ...(signal ? { signal } : {}) });
    const bundle = makeBundle(model, objective, kit.vk.srs.name, { ...statement, ...pictureOf(witness) }, result.proof);
    return { bundle, proveMs: witnessMs + result.proveMs, keygenMs: kit.keygenMs, phases: [{ name: 'decoder', ms: witnessMs }, ...result.phases] };
  } finally {
    kit.prover.close();
  }
}

/** True when the bundle's proof shows its statement for this model, checked in TypeScript without any node. */
export async function verifyBundle(model: Model, bundle: Bundle, output: Output): Promise<boolean> {
  const instances = instancesFor(bundle, model);
  const kit = await openKit(model, bundle.objective, output);
  try {
    return verifyProof(prepare(kit.circuit.ir, kit.vk), Uint8Array.from(Buffer.from(bundle.proof.slice(2), 'hex')), [instances]);
  } finally {
    kit.prover.close();
  }
}
