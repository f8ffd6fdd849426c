/** What the proof server says of a model's circuit: the setup of its key, which decides what a proof is worth. */
import type { Objective } from '@pentimento/core';
import type { Service } from '../../services/http.ts';
import { fetchCircuit, findObjective } from '../../services/proof-server.ts';

export interface UsedCircuit {
  readonly objective: Objective;
  readonly srs: string;
  /** The secret of the setup is known: proofs can be forged. */
  readonly insecure: boolean;
}

/** The layout follows from the key that the collection pins; its setup from the key. */
export async function findCircuit(service: Service, commitment: string, vkCodeHash: string): Promise<UsedCircuit> {
  const objective = await findObjective(service, commitment, vkCodeHash);
  const { vk } = await fetchCircuit(service, commitment, objective);
  return { objective, srs: vk.srs?.name ?? 'not named', insecure: vk.srs?.insecure !== false };
}
