/** What is known of proofs here, without believing a server: each question is answered by a worker of its own, which ends with it. */
import type { Setup } from '@pentimento/circuit';
import { BaseError, type Bundle, type Objective } from '@pentimento/core';
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
export function findCircuit(proofServer: Service, pinned: PinnedModel): Promise<UsedCircuit> {
  return inTime(async (over) => {
    const { objective, ...parts } = await fetchPinned(proofServer, pinned);
    return { objective, setup: await ask({ kind: 'setup', ...parts }, over) };
  });
}

/** A proof that is not valid is a verdict; missing or foreign parts throw. */
export function verifyInBrowser(proofServer: Service, bundle: Bundle, pinned: PinnedModel): Promise<Verdict> {
  return inTime(async (over) => {
    const { circuit } = await fetchPinned(proofServer, pinned);
    return ask({ kind: 'verify', bundle, circuit, pinned }, over);
  });
}

/** A verification takes about a second. A server that never answers, or sends a circuit without end, must not hold the question open. */
const LIMIT_MS = 120_000;

/** The signal is given when the work is over or out of time; what runs for it ends then. */
async function inTime<T>(work: (over: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = new Promise<never>((_, reject) => over.signal.addEventListener('abort', () => reject(over.signal.reason)));
  const message = `Expected circuit and key to be read within ${LIMIT_MS / 1000} s, but they were not.`;
  const timer = setTimeout(() => over.abort(new BaseError({ code: 'worker/failed', message, retryable: true })), LIMIT_MS);
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function fetchPinned(proofServer: Service, pinned: PinnedModel): Promise<PinnedCircuit & { readonly objective: Objective }> {
  const objective = await findObjective(proofServer, pinned.commitment, pinned.vkCodeHash);
  return { objective, circuit: await fetchCircuit(proofServer, pinned.commitment, objective), pinned };
}

function ask<K extends VerifierRequest['kind']>(request: VerifierRequest & { readonly kind: K }, over: AbortSignal): Promise<VerifierAnswers[K]> {
  over.throwIfAborted();
  const asker = askerOf(new Worker(new URL('./verifier.worker.ts', import.meta.url), { type: 'module' }));
  over.addEventListener('abort', asker.stop);
  return asker.ask(request);
}
