/** The HTTP server: the OpenAPI document, the routes of each subject, and health. */
import swagger from '@fastify/swagger';
import { BaseError } from '@pentimento/core';
import { answerProblems, createApp, operations } from '@pentimento/serving/http';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Circuits } from './circuits/circuits.ts';
import { circuitRoutes } from './circuits/routes.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import { indexerRoutes } from './indexer/routes.ts';
import type { Indexer } from './indexer/run.ts';
import { proofRoutes } from './proofs/routes.ts';
import type { ProofService } from './proofs/service.ts';

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
  const { metrics, config } = context;
  const { logLevel, submitsPerMinute } = config;
  const app = await createApp({
    logLevel,
    methods: ['GET', 'POST', 'DELETE'],
    exposedHeaders: ['location', 'retry-after', 'etag'],
    requestsPerMinute: submitsPerMinute * READS_PER_SUBMIT,
    limited: 'requests',
    cutStreams: true,
  });
  app.removeContentTypeParser('text/plain');
  answerProblems(app);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Pentimento proof service', version: '1.0.0' } },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`) },
  });
  await app.register(async (scope) => {
    proofRoutes(scope, context);
    circuitRoutes(scope, context);
    await scope.register(async (inner) => indexerRoutes(inner, context));
    scope.get('/v1/openapi.json', { schema: { summary: 'This document' } }, () => app.swagger());
    operations(scope, { metrics, logLevel, ready: () => assertReady(context) });
  });
  return app;
}

async function assertReady({ database, proofs, indexer }: Context): Promise<object> {
  if (!proofs.accepting)
    throw new BaseError({ code: 'queue/stopping', message: 'Expected a running server, but this one is stopping.', retryable: true });
  await database.query('SELECT 1');
  return indexer ? { indexer: indexer.status() } : {};
}
