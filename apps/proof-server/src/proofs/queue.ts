/**
 * The job queue: pg-boss in the same database. A job is the id of a proof and nothing else; what a proof is lives in its row. A job is delivered
 * until its handler ends without an error: again when that throws, when its server's heartbeats stop for ten seconds, and at the next start.
 */
import { BaseError } from '@pentimento/core';
import { type ConstructorOptions, type Db, PgBoss } from 'pg-boss';
import type { Database, OpenDatabase } from '../database.ts';

const NAME = 'proofs';
const HEARTBEAT_SECONDS = 10;
/** Deliveries are never what ends a proof; its own count of crashes is. */
const RETRIES = 1000;
/** A notification wakes a worker at once; polling is for those that were missed. */
const POLL_SECONDS = 1;

export interface Queue {
  /** Within the transaction of the row. */
  add(tx: Database, proof: string): Promise<void>;
  remove(tx: Database, proof: string): Promise<void>;
  /** A job that a dead process held, or that is missing, can be delivered again. */
  restore(proof: string): Promise<void>;
  /** Handles jobs, at most `concurrency` at a time; `lost` is aborted when the job has gone to another server. */
  work(concurrency: number, handle: (proof: string, lost: AbortSignal) => Promise<void>): Promise<void>;
  /** Takes no more jobs and waits for the handlers. */
  stop(): Promise<void>;
}

/** `onError` takes what fails in the background. */
export async function openQueue(database: OpenDatabase, onError: (error: unknown) => void): Promise<Queue> {
  const options: ConstructorOptions = {
    useListenNotify: true,
    schedule: false,
    monitorIntervalSeconds: 2,
    superviseIntervalSeconds: 2,
    persistQueueStats: false,
  };
  const boss = new PgBoss({ ...database.queueOptions, ...options });
  boss.on('error', onError);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => boss.stop({ graceful: false }));
  await boss.start();
  // Also puts the queue into pg-boss's cache: a first look at it inside a transaction would wait for ever on the embedded engine.
  await boss.createQueue(NAME, {
    notify: true,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryLimit: RETRIES,
    expireInSeconds: 24 * 3600 - 1,
    deleteAfterSeconds: 60,
  });
  await boss.getQueue(NAME);
  opening.move();
  return {
    add: async (tx, proof) => sent(await boss.send(NAME, { proof }, { id: proof, db: connectionOf(tx) })),
    remove: async (tx, proof) => void (await boss.cancel(NAME, proof, { db: connectionOf(tx) })),
    restore: async (proof) => {
      const [job] = await boss.findJobs(NAME, { id: proof });
      if (!job) sent(await boss.send(NAME, { proof }, { id: proof }));
      else if (job.state === 'active') await boss.fail(NAME, proof, { reason: 'restart' });
      else if (job.state === 'failed') await boss.retry(NAME, proof);
    },
    work: async (concurrency, handle) => {
      const polling = { pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: POLL_SECONDS };
      await boss.work<{ proof: string }>(NAME, { localConcurrency: concurrency, heartbeatRefreshSeconds: 3, ...polling }, async ([job]) => {
        if (job) await handle(job.data.proof, job.signal);
      });
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
  };
}

function connectionOf(database: Database): Db {
  return { executeSql: async (text, values) => ({ rows: [...(await database.query<unknown>(text, values))] }) };
}

function sent(id: string | null): void {
  if (id === null) throw new BaseError({ code: 'queue/refused', message: 'Expected the queue to take the proof, but it did not.', retryable: true });
}
