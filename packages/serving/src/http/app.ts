/** An HTTP server with the limits, the log and the rate limit that all of ours have, and its health and metrics. */
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import { BaseError } from '@pentimento/core';
import Fastify, { type FastifyInstance, type FastifyReply, type LogLevel } from 'fastify';
import type { Registry } from 'prom-client';
import { clientOf } from './client.ts';
import { answerUnreadable, sendProblem } from './problem.ts';

const BODY_LIMIT = 64 * 1024;
const MINUTE_MS = 60_000;

export interface AppOptions {
  readonly logLevel: string;
  readonly methods: readonly string[];
  /** Headers that pages may read. */
  readonly exposedHeaders: readonly string[];
  /** Of one address in a minute, for every route; without it only the routes that say so are limited. */
  readonly requestsPerMinute?: number;
  /** What is limited, in the sentence: `previews`. */
  readonly limited: string;
  /** Whether streams that are open are cut when the server ends, or only what is idle. */
  readonly cutStreams: boolean;
}

/** Pages of any origin may read: nothing here is secret, and nothing is done in the name of who asks. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: options.cutStreams ? true : 'idle',
    clientErrorHandler: answerUnreadable,
    // An address that cannot be decoded, or is too long, reaches no handler of errors.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply as FastifyReply, error),
    routerOptions: { maxParamLength: 200 },
    // Unknown members and texts for numbers are mistakes of the caller, not something to repair in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    logger: {
      level: options.logLevel,
      stream: process.stderr,
      serializers: { req: ({ method, url }) => ({ method, url: url.replace(/\?.*/, '') }) },
    },
  });
  await app.register(cors, { origin: true, methods: [...options.methods], exposedHeaders: [...options.exposedHeaders] });
  const max = options.requestsPerMinute;
  await app.register(rateLimit, {
    ...(max === undefined ? { global: false } : { max }),
    timeWindow: MINUTE_MS,
    keyGenerator: clientOf,
    errorResponseBuilder: (_request, { ttl }) => tooMany(options.limited, ttl),
  });
  return app;
}

export interface Operations {
  readonly metrics: Registry;
  readonly logLevel: string;
  /** What `/readyz` says besides `ready`; throws when the server is not. */
  readonly ready: () => object | Promise<object>;
}

/** `/healthz`, `/readyz` and `/metrics`, outside of every limit and document. */
export function operations(app: FastifyInstance, { metrics, logLevel, ready }: Operations): void {
  // Probes come every few seconds; only what goes wrong with one is worth a line.
  const level = (logLevel === 'info' ? 'warn' : logLevel) as LogLevel;
  const hidden = { schema: { hide: true }, config: { rateLimit: false as const }, logLevel: level };
  app.get('/healthz', hidden, () => ({ status: 'ok' }));
  app.get('/readyz', hidden, async () => ({ status: 'ready', ...(await ready()) }));
  app.get('/metrics', hidden, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}

/** Listens; throws `server/port` when the port cannot be had. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  return app.listen({ host, port }).catch((cause: unknown) => noPort(host, port, cause));
}

/** Throws `server/port`. */
export function noPort(host: string, port: number, cause: unknown): never {
  const found = (cause as { code?: string; message?: string }).code ?? (cause as Error).message;
  throw new BaseError({ code: 'server/port', message: `Expected to listen on port ${port} of ${host}, got ${found}; choose another port.`, cause });
}

function tooMany(what: string, ttlMs: number): BaseError {
  const retryAfterSeconds = ttlMs / 1000;
  const message = `Expected fewer ${what} a minute from one client; try again in ${Math.ceil(retryAfterSeconds)} s.`;
  return new BaseError({ code: 'rate/exceeded', message, retryable: true, details: { retryAfterSeconds } });
}
