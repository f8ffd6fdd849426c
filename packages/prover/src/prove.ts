/** Proving a painting and verifying the bundle that comes of it. */
import { type Bundle, hexToBytes, instancesFor, makeBundle, type Objective, pictureOf, type Statement } from '@pentimento/core';
import { costOf, decoderWitness, type Model } from '@pentimento/layers';
import { prepare, verifyProof } from '@pentimento/verifier';
import { openKit, type Progress, type ProvingKit } from './kit.ts';
import { progressAt } from './phases.ts';

export interface Proven {
  readonly bundle: Bundle;
  readonly proveMs: number;
  readonly keygenMs: number;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
}

/** What a proof shows, but for the picture, which is computed and never taken from the caller. */
export type Request = Omit<Statement, 'index'>;

export interface ProveInOptions {
  readonly model: Model;
  readonly objective: Objective;
  readonly statement: Request;
  /** Takes `decoder`, then each stage of the engine. */
  readonly onStage: (stage: string) => void;
  /** Takes effect before the next stage, with `engine/cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** Proves the decoder's painting of `statement.latent` for this context. */
export async function proveLatent(
  model: Model,
  objective: Objective,
  statement: Request,
  onProgress: Progress,
  signal?: AbortSignal,
): Promise<Proven> {
  const kit = await openKit(model, objective, onProgress);
  try {
    const expectedMs = costOf(kit.circuit.plan, kit.circuit.layout).proveMs;
    return await proveIn(kit, { model, objective, statement, onStage: (stage) => onProgress(inWords(stage, expectedMs)), signal });
  } finally {
    kit.prover.close();
  }
}

function inWords(stage: string, expectedMs: number): string {
  const { progress, etaMs } = progressAt(stage, expectedMs);
  return `  proof: ${stage}, ${Math.round(100 * progress)} %${etaMs === null ? '' : `, about ${(etaMs / 1000).toFixed(1)} s left`}`;
}

/** The same with a kit that the caller keeps open. */
export async function proveIn(kit: ProvingKit, { model, objective, statement, onStage, signal }: ProveInOptions): Promise<Proven> {
  onStage('decoder');
  const began = performance.now();
  const witness = decoderWitness(kit.circuit, statement.latent, statement);
  const witnessMs = performance.now() - began;
  const result = await kit.prover.prove(witness, { onProgress: onStage, ...(signal ? { signal } : {}) });
  const bundle = makeBundle(model.manifest, objective, kit.vk.srs.name, { ...statement, ...pictureOf(witness) }, result.proof);
  return { bundle, proveMs: witnessMs + result.proveMs, keygenMs: kit.keygenMs, phases: [{ name: 'decoder', ms: witnessMs }, ...result.phases] };
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
