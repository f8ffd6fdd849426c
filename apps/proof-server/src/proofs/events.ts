/** A proof's events as they happen, and those since `Last-Event-ID`: each change of its row is one event with the row's version as id. */
import { once } from 'node:events';
import { type EventStream, openStream } from '@pentimento/serving/http';
import type { FastifyReply } from 'fastify';
import type { Database } from '../database.ts';
import { present } from './routes.ts';
import type { ProofService } from './service.ts';
import { eventsAfter, getProof, type ProofRow } from './store.ts';

/** Another server on the same database may make the changes; then this is how late they are seen. */
const POLL_MS = 1000;

export interface StreamOptions {
  readonly database: Database;
  readonly proofs: ProofService;
  readonly id: string;
  /** Id of the last event that the client has. */
  readonly after: number;
  readonly reply: FastifyReply;
}

/** Answers with a stream that ends after a terminal state. Throws `proof/not-found`. */
export async function streamProof(options: StreamOptions): Promise<void> {
  const row = await getProof(options.database, options.id);
  const stream = openStream(options.reply, { retryMs: 1000 });
  try {
    await follow(options, row, stream);
  } finally {
    // After a failure here as well: the client comes back with the last id that it has.
    stream.end();
  }
}

async function follow({ database, proofs, id, after }: StreamOptions, row: ProofRow, stream: EventStream): Promise<void> {
  let seen = after;
  let shown: number | null = null;
  let { state } = row;
  while (!stream.gone.aborted) {
    const change = nextChange(proofs, id, stream.gone);
    for (const event of await eventsAfter(database, id, seen)) {
      ({ version: seen, state } = event);
      shown = await proofs.position({ id, state });
      stream.send('proof', present(row, state, shown), seen);
    }
    if (state.finishedAt !== null) return;
    // Moving up in the queue is no change of the proof itself: it has no id of its own to continue from.
    const position = await proofs.position({ id, state });
    if (position !== shown) stream.send('proof', present(row, state, position));
    shown = position;
    await change;
  }
}

/** Resolves at the next change that is made here, after a second, or when the client has gone. */
async function nextChange(proofs: ProofService, id: string, gone: AbortSignal): Promise<void> {
  await once(proofs.changes, id, { signal: AbortSignal.any([gone, AbortSignal.timeout(POLL_MS)]) }).catch(() => undefined);
}
