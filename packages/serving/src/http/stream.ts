/** Server-sent events: streams that stay open until either side ends them, as many as a server can bear, none that nobody reads. */
import { finished } from 'node:stream';
import { BaseError } from '@pentimento/core';
import type { FastifyReply } from 'fastify';
import { clientOf } from './client.ts';

/** Open at once in one process. */
const MOST = 500;
/** Of these, those of one client. */
const MOST_OF_ONE = 100;
const KEEP_ALIVE_MS = 15_000;
/** Of events that a client has not read; one that is behind by more is cut off and comes back. */
const MOST_UNREAD_BYTES = 1 << 20;

export interface EventStream {
  /** Aborted when the stream has ended, whoever ended it. */
  readonly gone: AbortSignal;
  /** An event without an id is none to continue from. */
  send(event: string, data: unknown, id?: number): void;
  end(): void;
}

export interface StreamOptions {
  /** How long a client waits before it comes back. */
  readonly retryMs: number;
}

/** The client of each open stream. */
const open: string[] = [];

/** Answers a request with a stream. Throws `rate/streams` when too many are open. */
export function openStream(reply: FastifyReply, { retryMs }: StreamOptions): EventStream {
  const leave = takePlace(clientOf(reply.request));
  reply.hijack();
  const { raw } = reply;
  // Fastify's own headers, CORS among them, then none of its buffering.
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const write = (text: string) => {
    raw.write(text);
    if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
  };
  const gone = new AbortController();
  const keepAlive = setInterval(() => write(': still here\n\n'), KEEP_ALIVE_MS);
  // Of one that had gone before it was answered, too.
  finished(raw, () => {
    leave();
    clearInterval(keepAlive);
    gone.abort();
  });
  write(`retry: ${retryMs}\n\n`);
  return {
    gone: gone.signal,
    send: (event, data, id) => write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => void raw.end(),
  };
}

/** Returns what gives the place back. */
function takePlace(client: string): () => void {
  if (open.length >= MOST || open.filter((other) => other === client).length >= MOST_OF_ONE) {
    const message = `Expected at most ${MOST_OF_ONE} open streams of events of one client, and ${MOST} of all; try again later.`;
    throw new BaseError({ code: 'rate/streams', message, retryable: true, details: { retryAfterSeconds: 10 } });
  }
  open.push(client);
  return () => void open.splice(open.indexOf(client), 1);
}
