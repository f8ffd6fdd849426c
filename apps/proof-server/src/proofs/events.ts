/** A proof's events as they happen, and those since `Last-Event-ID`: each change of its row is one event with the row's version as id. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Database } from '../database.ts';
import { present } from './routes.ts';
import type { ProofService } from './service.ts';
import { eventsAfter, getProof, type ProofRow } from './store.ts';

/** Another server on the same database may make the changes; then this is how late they are seen. */
const POLL_MS = 1000;
const KEEP_ALIVE_MS = 15_000;

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
  const stream = openStream(options.reply);
  try {
    await follow(options, row, stream);
  } finally {
    // After a failure here as well: the client comes back with the last id that it has.
    stream.end();
  }
}

async function follow({ database, proofs, id, after }: StreamOptions, row: ProofRow, stream: ServerResponse): Promise<void> {
  const gone = new AbortController();
  stream.once('close', () => gone.abort());
  let seen = after;
  let shown: number | null = null;
  let { state } = row;
  while (!gone.signal.aborted) {
    const change = nextChange(proofs, id, gone.signal);
    for (const event of await eventsAfter(database, id, seen)) {
      ({ version: seen, state } = event);
      shown = await proofs.position({ id, state });
      send(stream, present(row, state, shown), seen);
    }
    if (state.finishedAt !== null) return;
    // Moving up in the queue is no change of the proof itself: it has no id of its own to continue from.
    const position = await proofs.position({ id, state });
    if (position !== shown) send(stream, present(row, state, position), undefined);
    shown = position;
    await change;
  }
}

/** Fastify's own headers, CORS among them, then none of its buffering. */
function openStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const stream = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) stream.setHeader(name, value);
  stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const keepAlive = setInterval(() => stream.write(': still here\n\n'), KEEP_ALIVE_MS);
  stream.once('close', () => clearInterval(keepAlive));
  stream.write('retry: 1000\n\n');
  return stream;
}

function send(stream: ServerResponse, proof: object, id: number | undefined): void {
  stream.write(`${id === undefined ? '' : `id: ${id}\n`}event: proof\ndata: ${JSON.stringify(proof)}\n\n`);
}

/** Resolves at the next change that is made here, after a second, or when the client has gone. */
async function nextChange(proofs: ProofService, id: string, gone: AbortSignal): Promise<void> {
  await once(proofs.changes, id, { signal: AbortSignal.any([gone, AbortSignal.timeout(POLL_MS)]) }).catch(() => undefined);
}
