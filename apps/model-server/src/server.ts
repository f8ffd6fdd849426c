/** The HTTP server: limits, health, metrics, and the routes of each interface. */
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import { BaseError } from '@pentimento/core';
import Fastify, { type FastifyInstance, type LogLevel } from 'fastify';
import { type PreviewContext, previewRoutes } from './preview/routes.ts';
import { problemOf, sendProblem } from './problem.ts';
import type { Repository } from './v2/repository.ts';
import { v2Routes } from './v2/rest.ts';

const BODY_LIMIT = 64 * 1024;

export interface ServerContext extends PreviewContext {
  readonly repository: Repository;
  readonly logLevel: string;
}

export async function buildServer(context: ServerContext): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    // Unknown members and texts for numbers are mistakes of the caller, not something to repair in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    logger: {
      level: context.logLevel,
      stream: process.stderr,
      serializers: { req: ({ method, url }) => ({ method, url: url.replace(/\?.*/, '') }) },
    },
  });
  app.setErrorHandler((error, request, reply) => {
    if (problemOf(error).status >= 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${request.url.slice(0, 200)}`;
    if (request.url.startsWith('/v2')) return reply.code(404).send({ error: `Expected a documented path, got ${path}.` });
    return sendProblem(reply, new BaseError({ code: 'request/not-found', message: `Expected a documented path, got ${path}.` }));
  });
  await app.register(cors, { origin: true, methods: ['GET', 'POST'], exposedHeaders: ['etag', 'retry-after', 'inference-header-content-length'] });
  await app.register(rateLimit, { global: false, errorResponseBuilder: (_request, { ttl }) => tooMany(ttl) });
  await app.register(async (scope) => previewRoutes(scope, context));
  await app.register(async (scope) => v2Routes(scope, context.repository));
  await app.register(async (scope) => operations(scope, context));
  return app;
}

function operations(app: FastifyInstance, { repository, metrics, logLevel }: ServerContext): void {
  // Probes come every few seconds; only what goes wrong with one is worth a line.
  const quiet = { logLevel: logLevel === 'info' ? 'warn' : logLevel } as { logLevel: LogLevel };
  app.get('/healthz', quiet, () => ({ status: 'ok' }));
  app.get('/readyz', quiet, () => {
    if (repository.index(true).length > 0) return { status: 'ready' };
    throw new BaseError({ code: 'v2/none-loaded', message: 'Expected a loaded model, but all are unloaded.', retryable: true });
  });
  app.get('/metrics', quiet, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}

function tooMany(ttlMs: number): BaseError {
  return new BaseError({
    code: 'rate/exceeded',
    message: `Expected fewer previews a minute from one client; try again in ${Math.ceil(ttlMs / 1000)} s.`,
    retryable: true,
  });
}
