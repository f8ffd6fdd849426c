/** The HTTP server: the routes of each interface, and health. */
import { BaseError } from '@pentimento/core';
import { answerProblems, createApp, operations } from '@pentimento/serving/http';
import type { FastifyInstance } from 'fastify';
import { type PreviewContext, previewRoutes } from './preview/routes.ts';
import type { Repository } from './v2/repository.ts';
import { v2Routes } from './v2/rest.ts';

export interface ServerContext extends PreviewContext {
  readonly repository: Repository;
  readonly logLevel: string;
}

export async function buildServer(context: ServerContext): Promise<FastifyInstance> {
  const { repository, metrics, logLevel } = context;
  const exposedHeaders = ['etag', 'retry-after', 'inference-header-content-length'];
  const app = await createApp({ logLevel, methods: ['GET', 'POST'], exposedHeaders, limited: 'previews', cutStreams: false });
  answerProblems(app, (path, { url }) => (url.startsWith('/v2') ? { error: `Expected a documented path, got ${path}.` } : undefined));
  await app.register(async (scope) => previewRoutes(scope, context));
  await app.register(async (scope) => v2Routes(scope, repository));
  await app.register(async (scope) => operations(scope, { metrics, logLevel, ready: () => assertLoaded(repository) }));
  return app;
}

function assertLoaded(repository: Repository): object {
  if (repository.index(true).length > 0) return {};
  throw new BaseError({ code: 'v2/none-loaded', message: 'Expected a loaded model, but all are unloaded.', retryable: true });
}
