/** What is known of proofs here, without believing a server: each question is answered by a worker of its own, which ends with it. */
import type { Setup } from '@pentimento/circuit';
import type { Bundle, Objective } from '@pentimento/core';
import type { Service } from '../services/http.ts';
import type { PinnedModel } from '../services/pinned-model.ts';
import { fetchCircuit, findObjective } from '../services/proof-server.ts';
import { askerOf } from './ask.ts';
import type { PinnedCircuit, VerifierAnswers, VerifierRequest } from './messages.ts';

export type Verdict = VerifierAnswers['verify'];

export interface UsedCircuit {
  readonly objective: Objective;
  readonly setup: Setup;
}

/** Layout and setup of the key that a collection pins. */
export async function findCircuit(proofServer: Service, pinned: PinnedModel): Promise<UsedCircuit> {
  const { objective, ...parts } = await fetchPinned(proofServer, pinned);
  return { objective, setup: await ask({ kind: 'setup', ...parts }) };
}

/** A proof that is not valid is a verdict; missing or foreign parts throw. */
export async function verifyInBrowser(proofServer: Service, bundle: Bundle, pinned: PinnedModel): Promise<Verdict> {
  const { circuit } = await fetchPinned(proofServer, pinned);
  return ask({ kind: 'verify', bundle, circuit, pinned });
}

async function fetchPinned(proofServer: Service, pinned: PinnedModel): Promise<PinnedCircuit & { readonly objective: Objective }> {
  const objective = await findObjective(proofServer, pinned.commitment, pinned.vkCodeHash);
  return { objective, circuit: await fetchCircuit(proofServer, pinned.commitment, objective), pinned };
}

async function ask<K extends VerifierRequest['kind']>(request: VerifierRequest & { readonly kind: K }): Promise<VerifierAnswers[K]> {
  const asker = askerOf(new Worker(new URL('./verifier.worker.ts', import.meta.url), { type: 'module' }));
  try {
    return await asker.ask(request);
  } finally {
    asker.stop();
  }
}
