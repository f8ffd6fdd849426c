/** Verification of a bundle in a worker of its own, which ends with it. */
import type { Bundle } from '@pentimento/core';
import type { Config } from '../services/config.ts';
import { send } from '../services/http.ts';
import { fetchCircuit } from '../services/proof-server.ts';
import { askerOf } from './ask.ts';
import type { VerifierAnswers, VerifierRequest } from './messages.ts';

export type Verdict = VerifierAnswers['verify'];

/** Fetches circuit, key and manifest, and verifies here. A proof that is not valid is a verdict; missing or foreign parts throw. */
export async function verifyInBrowser(config: Config, bundle: Bundle, modelName: string): Promise<Verdict> {
  const [circuit, manifest] = await Promise.all([
    fetchCircuit(config.proofServer, bundle.modelCommitment, bundle.objective),
    send(config.modelServer, `/v1/models/${encodeURIComponent(modelName)}/files/manifest.json`),
  ]);
  const asker = askerOf(new Worker(new URL('./verifier.worker.ts', import.meta.url), { type: 'module' }));
  try {
    return await asker.ask<Verdict>({ kind: 'verify', circuit, manifestText: await manifest.text(), bundle } satisfies VerifierRequest);
  } finally {
    asker.stop();
  }
}
