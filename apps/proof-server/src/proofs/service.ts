/** The proof service: submissions, estimates, cancelling, and the workers that empty the queue. */
import { EventEmitter } from 'node:events';
import { BaseError, type Hex, type Objective } from '@pentimento/core';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Circuits } from '../circuits/circuits.ts';
import type { Config } from '../config.ts';
import type { Database, OpenDatabase } from '../database.ts';
import type { Models } from '../models.ts';
import { dropArtifacts, getArtifact } from './artifacts.ts';
import { handBack, makeProof, type Workshop } from './attempt.ts';
import { contextChecker } from './context.ts';
import { Memory, machineBytes, neededBytes } from './memory.ts';
import { Provers } from './provers.ts';
import { openQueue, type Queue } from './queue.ts';
import { parseSubmission, type Statement, type Submission, statementKey } from './statement.ts';
import type { ProofRow } from './store.ts';
import * as store from './store.ts';

/** How long an idempotency key is remembered, the steps of a proof that has ended, and a bundle that no proof names. */
const REMEMBERED = '24 hours';
const HOUR_MS = 3_600_000;
/** Two requests that meet in the middle of a submission are told apart at the second try. */
const TRIES = 3;

export interface Estimate {
  readonly proveMs: number;
  readonly queueMs: number;
  readonly memoryBytes: number;
  readonly proofBytes: number;
  readonly verifyGas: number;
}

export interface ProofService {
  /** False from the moment that the server stops. */
  readonly accepting: boolean;
  /** Emits the id of each proof that has changed here. */
  readonly changes: EventEmitter<{ [id: string]: [] }>;
  /** Throws what `parseSubmission` and the check of the context throw, `queue/full`, `queue/stopping` or `idempotency/other-request`. */
  submit(submission: Submission, idempotencyKey: string | undefined): Promise<ProofRow>;
  estimate(submission: Submission): Promise<Estimate>;
  /** Proofs before this one; null when it does not wait. */
  position(row: Pick<ProofRow, 'id' | 'state'>): Promise<number | null>;
  /** Throws `proof/not-found` or `proof/finished`. */
  cancel(id: string): Promise<ProofRow>;
  /** The bundle's text and its SHA-256. Throws `proof/not-found`, `proof/not-ready` or `artifact/damaged`. */
  bundle(id: string): Promise<{ text: string; digest: string }>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly models: Models;
  readonly circuits: Circuits;
  readonly metrics: Registry;
}

export async function openProofService(options: ServiceOptions): Promise<ProofService> {
  const queue = await openQueue(options.database, (error) => logError(error));
  const service = new Service(options, queue);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => service.stop());
  await service.recover();
  await service.startWorkers();
  opening.move();
  return service;
}

interface Running {
  readonly id: string;
  readonly stopping: AbortController;
}

class Service implements ProofService {
  readonly changes: EventEmitter<{ [id: string]: [] }> = new EventEmitter<{ [id: string]: [] }>().setMaxListeners(0);
  readonly #options: ServiceOptions;
  readonly #queue: Queue;
  readonly #checkContext: ReturnType<typeof contextChecker>;
  readonly #provers: Provers;
  readonly #running = new Set<Running>();
  readonly #workshop: Workshop;
  readonly #metrics: ReturnType<typeof registerMetrics>;
  readonly #maintenance: NodeJS.Timeout;
  accepting = true;

  constructor(options: ServiceOptions, queue: Queue) {
    const { config, database, circuits, metrics } = options;
    this.#options = options;
    this.#queue = queue;
    this.#checkContext = contextChecker(config.rpcUrl);
    this.#provers = new Provers(config.provers);
    this.#metrics = registerMetrics(metrics, database);
    this.#workshop = {
      database,
      circuits,
      memory: new Memory(),
      changed: (row) => this.#changed(row),
      expectedMs: (row) => this.#expectedMs(row.model.commitment, row.objective),
      count: (event) => this.#metrics.attempts.inc({ event }),
      measured: (model, proveMs, peakRssBytes) => {
        this.#metrics.proveMs.set({ model }, proveMs);
        this.#metrics.peakRssBytes.set({ model }, peakRssBytes);
      },
      report: logError,
    };
    this.#maintenance = setInterval(() => void this.#forget(), HOUR_MS).unref();
  }

  /** What a process that has died left behind. With one owner of the database every running proof is such; else heartbeats tell. */
  async recover(): Promise<void> {
    const { database } = this.#options;
    if (database.embedded) {
      for (const { id } of await store.liveProofs(database)) {
        await store.reclaim(database, id);
        await this.#queue.restore(id);
      }
    }
    await this.#forget();
  }

  async startWorkers(): Promise<void> {
    this.#provers.warm();
    await this.#queue.work(this.#provers.count, (id, lost) => this.#handle(id, lost));
  }

  async submit(submission: Submission, idempotencyKey: string | undefined): Promise<ProofRow> {
    this.#assertAccepting();
    const parsed = parseSubmission(submission, this.#options.models);
    const pinned = await this.#checkContext(parsed);
    const statement = submission.objective === undefined && pinned !== undefined ? await this.#forKey(parsed, pinned) : parsed;
    this.#assertFits(statement);
    for (let i = 0; i < TRIES; i++) {
      const row = await this.#options.database.transaction((tx) => this.#admit(tx, statement, idempotencyKey));
      if (row) return row;
    }
    throw new BaseError({
      code: 'queue/busy',
      message: 'Expected to take the request, but too many like it came at once; try again.',
      retryable: true,
    });
  }

  async estimate(submission: Submission): Promise<Estimate> {
    const { model, objective } = parseSubmission(submission, this.#options.models);
    const { memoryBytes, proofBytes, verifyGas } = model.cost(objective);
    const proveMs = Math.round(await this.#expectedMs(model.model.manifest.commitment, objective));
    return { proveMs, queueMs: await this.#queueMs(), memoryBytes, proofBytes, verifyGas };
  }

  async position({ id, state }: Pick<ProofRow, 'id' | 'state'>): Promise<number | null> {
    return state.status === 'queued' ? store.positionOf(this.#options.database, id) : null;
  }

  async cancel(id: string): Promise<ProofRow> {
    const row = await this.#options.database.transaction(async (tx) => {
      const cancelled = await store.cancel(tx, id);
      if (cancelled) await this.#queue.remove(tx, id);
      return cancelled;
    });
    if (row) {
      for (const running of this.#running) if (running.id === id) running.stopping.abort();
      this.#changed(row);
      return row;
    }
    const found = await store.getProof(this.#options.database, id);
    if (found.state.status === 'cancelled') return found;
    throw new BaseError({ code: 'proof/finished', message: `Expected a proof that is queued or running, but this one has ${found.state.status}.` });
  }

  async bundle(id: string): Promise<{ text: string; digest: string }> {
    const { database } = this.#options;
    const { state } = await store.getProof(database, id);
    if (state.bundle === null) {
      const retryable = state.status === 'queued' || state.status === 'running';
      throw new BaseError({ code: 'proof/not-ready', message: `Expected a proof that has succeeded, but this one is ${state.status}.`, retryable });
    }
    try {
      return { text: await getArtifact(state.bundle), digest: state.bundle };
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      const row = await store.spoil(database, id, { code: error.code, message: error.message, retryable: true });
      if (row) this.#changed(row);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.accepting = false;
    clearInterval(this.#maintenance);
    for (const { stopping } of this.#running) stopping.abort(handBack);
    await this.#queue.stop();
    await this.#provers.close();
  }

  /** Undefined when another request got in between. */
  async #admit(tx: Database, statement: Statement, key: string | undefined): Promise<ProofRow | undefined> {
    // A request is its statement: other spellings of the same one are the same request.
    const request = statementKey(statement);
    const known = key === undefined ? undefined : await store.findIdempotent(tx, key);
    if (known && known.request !== request) {
      throw new BaseError({
        code: 'idempotency/other-request',
        message: 'Expected this Idempotency-Key with the request that it came with first, got another one.',
      });
    }
    if (known) return store.getProof(tx, known.proof);
    const row = (await store.findShared(tx, statement)) ?? (await this.#enqueue(tx, statement));
    if (row && key !== undefined && !(await store.rememberKey(tx, { key, request, proof: row.id }))) return undefined;
    return row;
  }

  async #enqueue(tx: Database, statement: Statement): Promise<ProofRow | undefined> {
    const { queueLimit } = this.#options.config;
    if ((await store.queuedCount(tx)) >= queueLimit) {
      const message = `Expected fewer than ${queueLimit} waiting proofs, but the queue is full; try again later.`;
      throw new BaseError({ code: 'queue/full', message, retryable: true, details: { retryAfterSeconds: 10 } });
    }
    const row = await store.insertProof(tx, statement);
    if (row) await this.#queue.add(tx, row.id);
    return row;
  }

  async #handle(id: string, lost: AbortSignal): Promise<void> {
    const running = { id, stopping: new AbortController() };
    const signal = AbortSignal.any([running.stopping.signal, lost]);
    this.#running.add(running);
    try {
      if (!this.accepting) running.stopping.abort(handBack);
      const { model, objective } = await store.getProof(this.#options.database, id);
      // A proof of a model that is not here ends as failed, by any prover.
      const folder = this.#options.models.get(model.commitment)?.folder ?? '';
      await this.#provers.lend({ folder, objective }, (prover) => makeProof(this.#workshop, prover, id, signal));
    } finally {
      this.#running.delete(running);
    }
  }

  #changed({ id, state, model, createdAt }: ProofRow): void {
    this.changes.emit(id);
    if (state.finishedAt === null) return;
    this.#metrics.finished.inc({ model: model.name, status: state.status });
    if (state.status === 'succeeded')
      this.#metrics.seconds.observe({ model: model.name }, (Date.parse(state.finishedAt) - Date.parse(createdAt)) / 1000);
  }

  async #expectedMs(commitment: string, objective: Objective): Promise<number> {
    const measured = await store.measuredMs(this.#options.database, commitment, objective);
    return measured ?? this.#options.models.find(commitment).cost(objective).proveMs;
  }

  async #queueMs(): Promise<number> {
    const { database, models } = this.#options;
    const sum = (await store.liveWork(database)).reduce((before, { commitment, objective, proofs, meanMs }) => {
      // Proofs of a model that is not here take no time.
      return before + proofs * (meanMs ?? models.get(commitment)?.cost(objective).proveMs ?? 0);
    }, 0);
    return Math.round(sum / this.#provers.count);
  }

  #assertAccepting(): void {
    if (this.accepting) return;
    const details = { retryAfterSeconds: 5 };
    throw new BaseError({ code: 'queue/stopping', message: 'Expected a running server, but this one is stopping.', retryable: true, details });
  }

  /** With the layout whose key the collection pins: no other proof is of use to it. */
  async #forKey(statement: Statement, vkCodeHash: Hex): Promise<Statement> {
    return { ...statement, objective: await this.#options.circuits.objectiveOf(statement.model, vkCodeHash) };
  }

  #assertFits({ model, objective }: Statement): void {
    const needed = neededBytes(model.cost(objective).memoryBytes);
    if (needed <= machineBytes()) return;
    const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    const message = `Expected a proof that fits in this machine's ${gigabytes(machineBytes())}, but it needs ${gigabytes(needed)}.`;
    throw new BaseError({ code: 'proof/too-large', message });
  }

  /** What cannot be forgotten now is tried again in an hour. */
  async #forget(): Promise<void> {
    try {
      await store.forget(this.#options.database, REMEMBERED);
      await dropArtifacts(this.#options.database, REMEMBERED);
    } catch (error) {
      logError(error);
    }
  }
}

function registerMetrics(register: Registry, database: Database) {
  new Gauge({
    name: 'pentimento_proofs_queued',
    help: 'Proofs that wait',
    registers: [register],
    async collect() {
      this.set(await store.queuedCount(database));
    },
  });
  return {
    finished: new Counter({
      name: 'pentimento_proofs_finished_total',
      help: 'Proofs by how they ended',
      labelNames: ['model', 'status'],
      registers: [register],
    }),
    seconds: new Histogram({
      name: 'pentimento_proof_seconds',
      help: 'From submission to published proof',
      labelNames: ['model'],
      buckets: [0.5, 1, 2, 5, 10, 30, 60, 300],
      registers: [register],
    }),
    proveMs: new Gauge({
      name: 'pentimento_prove_milliseconds',
      help: 'Proving time of the last proof, witness included',
      labelNames: ['model'],
      registers: [register],
    }),
    peakRssBytes: new Gauge({
      name: 'pentimento_prover_peak_resident_bytes',
      help: 'Most memory that the process of the last proof has ever held',
      labelNames: ['model'],
      registers: [register],
    }),
    attempts: new Counter({
      name: 'pentimento_attempts_total',
      help: 'Attempts that crashed, whose proof did not verify (refused), or that spoke after their lease (stale)',
      labelNames: ['event'],
      registers: [register],
    }),
  };
}

/** Workers and pg-boss work in the background, where nobody waits for an error; 50 is the log's level of errors. */
function logError(error: unknown, proof?: string): void {
  const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${JSON.stringify({ level: 50, time: Date.now(), msg: 'background work failed', proof, err })}\n`);
}
