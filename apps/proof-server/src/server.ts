/** The HTTP server: limits, health, metrics, the OpenAPI document and the routes of each subject. */
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { BaseError } from '@pentimento/core';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Circuits } from './circuits/circuits.ts';
import { circuitRoutes } from './circuits/routes.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { Indexer } from './indexer/run.ts';
import { answerProblems } from './problem.ts';
import { proofRoutes } from './proofs/routes.ts';
import type { ProofService } from './proofs/service.ts';

const BODY_LIMIT = 64 * 1024;
const MINUTE_MS = 60_000;
const READS_PER_SUBMIT = 20;

/** What the routes work with. */
export interface Context {
  readonly config: Config;
  readonly database: Database;
  readonly metrics: Registry;
  readonly proofs: ProofService;
  readonly circuits: Circuits;
  /** Undefined without a chain. */
  readonly indexer: Indexer | undefined;
}

export async function buildServer(context: Context): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    // Unknown members and texts for numbers are mistakes of the caller, not something to repair in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    logger: {
      level: context.config.logLevel,
      stream: process.stderr,
      serializers: { req: ({ method, url }) => ({ method, url: url.replace(/\?.*/, '') }) },
    },
  });
  app.removeContentTypeParser('text/plain');
  answerProblems(app);
  await app.register(cors, { origin: true, methods: ['GET', 'POST', 'DELETE'], exposedHeaders: ['location', 'retry-after', 'etag'] });
  await app.register(rateLimit, {
    max: context.config.submitsPerMinute * READS_PER_SUBMIT,
    timeWindow: MINUTE_MS,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Pentimento proof service', version: '1.0.0' } },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`) },
  });
  await app.register(async (scope) => {
    proofRoutes(scope, context);
    circuitRoutes(scope, context);
    if (context.indexer) (await import('./indexer/routes.ts')).indexerRoutes(scope, context);
    scope.get('/v1/openapi.json', { schema: { summary: 'This document' } }, () => app.swagger());
    operations(scope, context);
  });
  return app;
}

function operations(app: FastifyInstance, { database, metrics, proofs, indexer }: Context): void {
  const hidden = { schema: { hide: true }, config: { rateLimit: false as const }, logLevel: 'warn' as const };
  app.get('/healthz', hidden, () => ({ status: 'ok' }));
  app.get('/readyz', hidden, async () => {
    if (!proofs.accepting)
      throw new BaseError({ code: 'queue/stopping', message: 'Expected a running server, but this one is stopping.', retryable: true });
    await database.query('SELECT 1');
    return { status: 'ready', ...(indexer ? { indexer: indexer.status() } : {}) };
  });
  app.get('/metrics', hidden, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}

function tooMany(ttlMs: number): BaseError {
  return new BaseError({
    code: 'rate/exceeded',
    message: `Expected fewer requests a minute from one client; try again in ${Math.ceil(ttlMs / 1000)} s.`,
    retryable: true,
    details: { retryAfterSeconds: ttlMs / 1000 },
  });
}
