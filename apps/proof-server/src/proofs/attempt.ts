/**
 * Attempts at a proof: claim it, prove in a child, verify, store, publish. Whatever happens to an attempt, the row is either as it was
 * or one step further, and the job is delivered again until the row is in a terminal state.
 */
import { randomUUID } from 'node:crypto';
import { BaseError, type Bundle } from '@pentimento/core';
import { progressAt } from '@pentimento/prover/phases';
import type { Circuits } from '../circuits/circuits.ts';
import type { Database } from '../database.ts';
import { putArtifact } from './artifacts.ts';
import type { Memory } from './memory.ts';
import type { ProofRequest } from './messages.ts';
import type { Prover } from './prover.ts';
import type { ProofRow } from './store.ts';
import * as store from './store.ts';

/** Attempts that end by their own fault, after which the proof has failed. */
const CRASHES = 3;
/** How often an attempt looks whether another server has cancelled it. */
const WATCH_MS = 1000;

/** Errors of the request itself: another attempt would end the same way. */
const FINAL = ['model/', 'statement/', 'bytes/', 'bundle/', 'circuit/', 'engine/witness-rejected'];

export interface Workshop {
  readonly database: Database;
  readonly circuits: Circuits;
  readonly memory: Memory;
  /** Takes every row that has changed. */
  readonly changed: (row: ProofRow) => void;
  /** Milliseconds that the proof is expected to take. */
  readonly expectedMs: (row: ProofRow) => Promise<number>;
  readonly count: (event: 'stale' | 'crashed' | 'refused') => void;
  /** Takes the time of a proof, and the most memory that its process has ever held. */
  readonly measured: (model: string, proveMs: number, peakRssBytes: number) => void;
  /** Takes what ended an attempt by its own fault. */
  readonly report: (error: unknown, proof: string) => void;
}

/** Aborted with `handBack` where the proof is to be made later, with anything else where nobody wants it any more. */
export const handBack = Symbol('hand back');

/** Runs attempts until the proof is in a terminal state or belongs to somebody else; throws when it is to be delivered again. */
export async function makeProof(workshop: Workshop, prover: Prover, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const attempt = new Attempt(workshop, prover, id, signal);
    const row = await attempt.claim();
    if (!row) return;
    const outcome = await attempt.run(row);
    if (outcome === 'over') return;
    if (outcome === 'later') throw new BaseError({ code: 'queue/handed-back', message: 'The proof goes back to the queue.', retryable: true });
  }
}

class Attempt {
  readonly #workshop: Workshop;
  readonly #prover: Prover;
  readonly #id: string;
  readonly #lease: string = randomUUID();
  readonly #own = new AbortController();
  readonly #signal: AbortSignal;
  readonly #outer: AbortSignal;
  #phase = '';
  /** Changes in order: a phase is never written after the one that follows it. */
  #writes: Promise<unknown> = Promise.resolve();

  constructor(workshop: Workshop, prover: Prover, id: string, signal: AbortSignal) {
    this.#workshop = workshop;
    this.#prover = prover;
    this.#id = id;
    this.#outer = signal;
    this.#signal = AbortSignal.any([signal, this.#own.signal]);
  }

  claim(): Promise<ProofRow | undefined> {
    return this.#published(store.claim(this.#workshop.database, this.#id, this.#lease));
  }

  async run(row: ProofRow): Promise<'over' | 'again' | 'later'> {
    const watch = setInterval(() => void this.#watch(), WATCH_MS);
    try {
      const result = await this.#prove(row);
      const { database } = this.#workshop;
      const digest = await putArtifact(database, result.text);
      await this.#writes;
      await this.#finish(store.succeed(database, this.#id, this.#lease, { ...result, digest }));
      return 'over';
    } catch (error) {
      await this.#writes.catch(() => undefined);
      return await this.#failed(error, row);
    } finally {
      clearInterval(watch);
    }
  }

  async #prove(row: ProofRow): Promise<{ text: string; proveMs: number }> {
    const { circuits, memory } = this.#workshop;
    const expectedMs = await this.#workshop.expectedMs(row);
    const served = circuits.models.find(row.model.commitment);
    const request = requestOf(row, served.folder);
    const options = { signal: this.#signal, onStage: (stage: string) => this.#advance(stage, expectedMs) };
    const release = await memory.admit(served.cost(row.objective).memoryBytes, () => this.#prover.residentBytes(), this.#signal);
    try {
      if (!this.#prover.holds(request)) {
        this.#advance('keys', expectedMs);
        await circuits.opened(served, row.objective, () => this.#prover.open(request, options));
      }
      const { bundle, proveMs, peakRssBytes } = await this.#prover.prove(request, options);
      this.#workshop.measured(row.model.name, proveMs, peakRssBytes);
      this.#advance('verify', expectedMs);
      await this.#verify(served, bundle);
      return { text: JSON.stringify(bundle), proveMs };
    } finally {
      release();
    }
  }

  /** A proof that does not verify is never published; the child that made it is not trusted with another one. */
  async #verify(served: Parameters<Circuits['verifies']>[0], bundle: Bundle): Promise<void> {
    if (await this.#workshop.circuits.verifies(served, bundle)) return;
    this.#workshop.count('refused');
    await this.#prover.close();
    throw new BaseError({ code: 'proof/not-verified', message: 'Expected the new proof to verify, but it does not.', retryable: true });
  }

  async #failed(error: unknown, row: ProofRow): Promise<'over' | 'again' | 'later'> {
    const { database } = this.#workshop;
    if (this.#own.signal.aborted) return 'over';
    if (this.#outer.aborted) {
      if (this.#outer.reason !== handBack) return 'over';
      await this.#finish(store.release(database, this.#id, this.#lease, false));
      return 'later';
    }
    this.#workshop.report(error, this.#id);
    const failure = failureOf(error);
    if (!failure.retryable || row.crashes + 1 >= CRASHES) {
      await this.#finish(store.fail(database, this.#id, this.#lease, failure));
      return 'over';
    }
    this.#workshop.count('crashed');
    await this.#finish(store.release(database, this.#id, this.#lease, true));
    return 'again';
  }

  #advance(phase: string, expectedMs: number): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    const { database } = this.#workshop;
    const write = () => this.#published(store.advance(database, this.#id, this.#lease, progressAt(phase, expectedMs)));
    this.#writes = this.#writes.then(write);
    // The promise is awaited before the attempt ends; until then its failure is nobody's surprise.
    this.#writes.catch(() => undefined);
  }

  /** Ends the attempt when its lease holds no more; a database that does not answer says nothing about the lease. */
  async #watch(): Promise<void> {
    if (await store.holds(this.#workshop.database, this.#id, this.#lease).catch(() => true)) return;
    this.#own.abort();
  }

  async #finish(change: Promise<ProofRow | undefined>): Promise<void> {
    if (!(await this.#published(change))) this.#workshop.count('stale');
  }

  async #published(change: Promise<ProofRow | undefined>): Promise<ProofRow | undefined> {
    const row = await change;
    if (row) this.#workshop.changed(row);
    return row;
  }
}

function requestOf({ objective, latent, pose, chainId, collection, creator }: ProofRow, folder: string): ProofRequest {
  return { folder, objective, latent, pose, chainId, collection, creator };
}

/** What is our machine's fault is retryable; nothing of it is in the request. */
function failureOf(error: unknown): store.Failure {
  if (!(error instanceof BaseError)) {
    return { code: 'internal/error', message: 'Expected the proof to be made, but something failed here; it is in the log.', retryable: true };
  }
  return { code: error.code, message: error.message, retryable: !FINAL.some((prefix) => error.code.startsWith(prefix)) };
}
