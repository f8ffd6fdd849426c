/** Client of the proof server's jobs: submit, follow, cancel, fetch the bundle, and the circuit for a verification in the browser. */
import type { Bundle, Hex, Objective } from '@pentimento/core';
import { parseBundle } from '@pentimento/core';
import { about, address, count, decimal, flag, hex, identifier, label, nullable, number, object, oneOf, share, text, time } from './check.ts';
import { getJson, postJson, readJson, type Service, send } from './http.ts';

export const decodeProof = object({
  id: identifier,
  status: oneOf('queued', 'running', 'succeeded', 'failed', 'cancelled'),
  model: object({ name: nullable(label(64)), commitment: hex }),
  objective: oneOf('fast', 'gas', 'memory'),
  latent: hex,
  pose: count,
  chainId: decimal,
  collection: address,
  creator: address,
  position: nullable(count),
  phase: nullable(label(40)),
  progress: share,
  etaMs: nullable(number),
  createdAt: time,
  startedAt: nullable(time),
  finishedAt: nullable(time),
  error: nullable(object({ code: text, message: label(500), retryable: flag })),
  bundle: nullable(text),
});
export type Proof = ReturnType<typeof decodeProof>;

const decodeEstimate = object({ proveMs: number, queueMs: number, memoryBytes: number, proofBytes: number, verifyGas: number });
export type Estimate = ReturnType<typeof decodeEstimate>;

const decodeObjective = object({ objective: oneOf('fast', 'gas', 'memory') });

export interface ProofRequest {
  /** Commitment of the model. */
  readonly model: Hex;
  readonly latent: Hex;
  readonly pose: number;
  readonly chainId: string;
  readonly collection: Hex;
  readonly creator: Hex;
}

export const submitProof = (service: Service, request: ProofRequest): Promise<Proof> => postJson(service, '/v1/proofs', request, decodeProof);

export const estimateProof = (service: Service, request: ProofRequest): Promise<Estimate> =>
  postJson(service, '/v1/proofs/estimate', request, decodeEstimate);

export const readProof = (service: Service, id: string, signal?: AbortSignal): Promise<Proof> =>
  getJson(service, `/v1/proofs/${encodeURIComponent(id)}`, about(decodeProof, { id }), signal);

export async function cancelProof(service: Service, id: string): Promise<void> {
  await send(service, `/v1/proofs/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Address of a job's events. */
export const proofEventsUrl = (service: Service, id: string): string => `${service.url}/v1/proofs/${encodeURIComponent(id)}/events`;

export async function fetchBundle(service: Service, id: string): Promise<Bundle> {
  const response = await send(service, `/v1/proofs/${encodeURIComponent(id)}/bundle`);
  return parseBundle(await response.text(), 'the proof bundle');
}

/** Circuit and verifying key as the server sends them, in form and content unchecked. */
export interface CircuitFile {
  readonly ir: unknown;
  readonly vk: unknown;
}

/** The layout of a model whose key has this code hash on chain. */
export async function findObjective(service: Service, commitment: string, vkCodeHash: string): Promise<Objective> {
  return (await getJson(service, `/v1/circuits/${commitment}?key=${vkCodeHash}`, decodeObjective)).objective;
}

export async function fetchCircuit(service: Service, commitment: string, objective: string): Promise<CircuitFile> {
  const response = await send(service, `/v1/circuits/${commitment}/${objective}`);
  return readJson(service, response, (value) => value as CircuitFile);
}
