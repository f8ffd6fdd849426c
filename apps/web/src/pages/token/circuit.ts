/** What the proof server says of a model's circuit: the setup of its key, which decides what a proof is worth. */
import type { Objective } from '@pentimento/core';
import type { Service } from '../../services/http.ts';
import { fetchCircuit } from '../../services/proof-server.ts';

export interface UsedCircuit {
  readonly objective: Objective;
  readonly srs: string;
  /** The secret of the setup is known: proofs can be forged. */
  readonly insecure: boolean;
}

/** Collections are deployed with the verifier of this layout, and proofs of the service are made for it. */
const OBJECTIVE: Objective = 'fast';

export async function findCircuit(service: Service, commitment: string): Promise<UsedCircuit> {
  const { vk } = await fetchCircuit(service, commitment, OBJECTIVE);
  return { objective: OBJECTIVE, srs: vk.srs?.name ?? 'not named', insecure: vk.srs?.insecure !== false };
}
