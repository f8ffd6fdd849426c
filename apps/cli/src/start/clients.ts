/** What `start` asks of the model server and the proof server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseError, type Bundle, type Hex, type Objective, parseBundle, problemFor } from '@pentimento/core';

const POLL_MS = 100;

/** A photo in a model's style. */
export interface Preview {
  readonly latent: Hex;
  readonly pose: number;
  readonly dial: string | null;
}

/** @param bytes of a PNG, JPEG or WebP file */
export function preview(server: string, model: string, bytes: Uint8Array, seed: number): Promise<Preview> {
  return ask(`${server}/v1/models/${encodeURIComponent(model)}/preview?seed=${seed}`, {
    method: 'POST',
    headers: { 'content-type': typeOf(bytes) },
    body: Buffer.from(bytes),
  });
}

/** By its first bytes; the server refuses what is none of the three. */
function typeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  return Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'WEBP' ? 'image/webp' : 'image/png';
}

export interface ProofRequest {
  readonly model: string;
  readonly objective: Objective;
  readonly latent: Hex;
  readonly pose: number;
  readonly chainId: number;
  readonly collection: Hex;
  readonly creator: Hex;
}

interface Proof {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly phase: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Asks for a proof and waits for its bundle; `onPhase` takes each phase once. */
export async function proveThere(server: string, request: ProofRequest, onPhase: (phase: string) => void): Promise<Bundle> {
  const body = JSON.stringify({ ...request, chainId: String(request.chainId) });
  const { id } = await ask<Proof>(`${server}/v1/proofs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  for (let last: string | null = null; ; await sleep(POLL_MS)) {
    const { status, phase, error } = await ask<Proof>(`${server}/v1/proofs/${id}`);
    if (phase !== null && phase !== last) onPhase(phase);
    last = phase;
    if (status === 'succeeded') return parseBundle(await (await fetch(`${server}/v1/proofs/${id}/bundle`)).text(), `proof ${id}`);
    if (status === 'failed' || status === 'cancelled') {
      throw new BaseError({ code: 'cli/prover-failed', message: error?.message ?? `Expected proof ${id} to succeed, but it was ${status}.` });
    }
  }
}

/** What the proof server measured at the last proof of a model. */
export async function measuredThere(server: string, model: string): Promise<{ proveMs: number; peakRssBytes: number }> {
  const text = await (await fetch(`${server}/metrics`)).text();
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name}{model="${model}"}`))
        ?.split(' ')[1],
    );
  return { proveMs: value('pentimento_prove_milliseconds'), peakRssBytes: value('pentimento_prover_peak_resident_bytes') };
}

/** Waits until the indexer of the proof server has seen a block. */
export async function indexedThere(server: string, block: number): Promise<void> {
  for (;;) {
    const { indexer } = await ask<{ indexer?: { indexed: number | null } }>(`${server}/readyz`);
    if ((indexer?.indexed ?? -1) >= block) return;
    await sleep(POLL_MS);
  }
}

/** The JSON of a successful answer; a server's problem becomes an error with its sentence, and with its code when the input is what is wrong. */
async function ask<T>(url: string, request: RequestInit = {}): Promise<T> {
  const response = await fetch(url, request).catch((cause: Error) => {
    throw new BaseError({ code: 'cli/service-failed', message: `Expected an answer from ${new URL(url).origin}, got none.`, cause });
  });
  const body = (await response.json()) as T & { readonly code?: string; readonly detail?: string };
  if (response.ok) return body;
  const { code: found = '', detail } = body;
  const problem = problemFor(found);
  const code = problem?.ending === 'input' ? found : 'cli/service-failed';
  throw new BaseError({ code, message: detail ?? problem?.sentence ?? `Expected ${url} to succeed, got status ${response.status}.` });
}
