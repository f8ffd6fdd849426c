/** Server-sent events: streams that stay open until either side ends them, as many as a server can bear, none that nobody reads. */
import { BaseError } from '@pentimento/core';
import type { FastifyReply } from 'fastify';

/** Open at once in one server. */
const MOST = 500;
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

let open = 0;

/** Answers a request with a stream. Throws `rate/streams` when too many are open. */
export function openStream(reply: FastifyReply, { retryMs }: StreamOptions): EventStream {
  if (open >= MOST) {
    const message = `Expected at most ${MOST} open streams of events; try again later.`;
    throw new BaseError({ code: 'rate/streams', message, retryable: true, details: { retryAfterSeconds: 10 } });
  }
  open++;
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
  raw.once('close', () => {
    open--;
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
