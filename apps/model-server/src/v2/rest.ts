/** The Open Inference Protocol over HTTP, with Triton's paths and extensions. Errors are `{ "error": one sentence }`. */
import { BaseError } from '@pentimento/core';
import { problemOf, retryAfter } from '@pentimento/serving/http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { formatBody, parseBody } from './binary.ts';
import { configurationOf, metadataOf, SERVER } from './description.ts';
import type { Repository } from './repository.ts';
import { invalid, shown } from './tensors.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const HEADER_LENGTH = 'inference-header-content-length';
/** The protocol's own; other codes have those of the table. */
const STATUSES: Readonly<Record<string, number>> = {
  'v2/not-found': 404,
  'v2/invalid': 400,
  'v2/forbidden': 403,
  'v2/broken': 500,
  'v2/failed': 500,
};

interface Named {
  readonly model: string;
  readonly version?: string;
}

type Handler = (named: Named, request: FastifyRequest, reply: FastifyReply) => unknown;

export function v2Routes(app: FastifyInstance, repository: Repository): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
  app.setErrorHandler(answerError);

  route(app, 'GET', '/v2', () => SERVER);
  route(app, 'GET', '/v2/health/live', (_named, _request, reply) => reply.send());
  route(app, 'GET', '/v2/health/ready', (_named, _request, reply) => reply.send());
  modelRoute(app, 'GET', '', ({ model, version }) => metadataOf(repository, model, version));
  modelRoute(app, 'GET', '/ready', ({ model, version }, _request, reply) => {
    if (!repository.isReady(model, version)) invalid(`Expected a loaded model, but ${shown(model)} is not loaded.`);
    return reply.send();
  });
  modelRoute(app, 'GET', '/config', ({ model, version }) => configurationOf(repository, model, version));
  modelRoute(app, 'GET', '/stats', ({ model, version }) => ({ model_stats: repository.statistics(model, version) }));
  route(app, 'GET', '/v2/models/stats', () => ({ model_stats: repository.statistics() }));
  modelRoute(app, 'POST', '/infer', (named, request, reply) => infer(repository, named, request, reply));
  route(app, 'POST', '/v2/repository/index', (_named, request) => repository.index(member(request, 'ready') === true));
  route(app, 'POST', '/v2/repository/models/:model/load', async ({ model }, request, reply) => {
    assertNoPage(request);
    // Triton can take a configuration and files with the request; this server reads a model's folder alone.
    if (member(request, 'parameters') !== undefined) invalid('Expected a load without parameters; models are read from their folders.');
    await repository.load(model);
    return reply.send();
  });
  route(app, 'POST', '/v2/repository/models/:model/unload', async ({ model }, request, reply) => {
    assertNoPage(request);
    const parameters = member(request, 'parameters') as { unload_dependents?: unknown } | undefined;
    await repository.unload(model, { dependents: parameters?.unload_dependents === true });
    return reply.send();
  });
}

async function infer(repository: Repository, { model, version }: Named, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') invalid(`Expected a body without content encoding, got ${shown(encoding)}.`);
  const { spec } = repository.find(model, version);
  const headerLength = request.headers[HEADER_LENGTH];
  const parsed = parseBody(spec, bodyOf(request), headerLength === undefined ? undefined : String(headerLength));
  const response = await repository.infer({ model, version, inputs: parsed.inputs, outputs: parsed.outputs });
  const { body, jsonLength } = formatBody(response, parsed);
  if (jsonLength === undefined) return reply.type('application/json').send(body);
  return reply.type('application/octet-stream').header(HEADER_LENGTH, String(jsonLength)).send(body);
}

/** Any page may ask for previews; none may load or unload models of a server that its visitor happens to run. */
function assertNoPage({ headers: { origin } }: FastifyRequest): void {
  if (origin === undefined) return;
  throw new BaseError({ code: 'v2/forbidden', message: `Expected a program to load and unload models, got a page of ${origin.slice(0, 200)}.` });
}

/** A path of a model, with and without a version. */
function modelRoute(app: FastifyInstance, method: 'GET' | 'POST', path: string, handler: Handler): void {
  for (const prefix of ['/v2/models/:model', '/v2/models/:model/versions/:version']) route(app, method, `${prefix}${path}`, handler);
}

/** The path under its method; under every other one it answers 405. */
function route(app: FastifyInstance, method: 'GET' | 'POST', url: string, handler: Handler): void {
  app.route({ method, url, exposeHeadRoute: false, handler: (request, reply) => handler(request.params as Named, request, reply) });
  const others = (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies HTTPMethods[]).filter((other) => other !== method);
  app.route({
    method: others,
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      reply.header('allow', method);
      throw new BaseError({ code: 'request/method', message: `Expected ${method} for this path, got ${request.method}.` });
    },
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, status: usual, detail } = problemOf(error);
  const status = STATUSES[code] ?? usual;
  if (status >= 500) request.log.error({ err: error, code }, 'request failed');
  return retryAfter(reply, error).code(status).send({ error: detail });
}

const bodyOf = ({ body }: FastifyRequest): Buffer => (body instanceof Buffer ? body : Buffer.alloc(0));

/** A member of a JSON body that may be absent. */
function member(request: FastifyRequest, name: string): unknown {
  const body = bodyOf(request);
  if (body.byteLength === 0) return undefined;
  try {
    return (JSON.parse(body.toString('utf8')) as Record<string, unknown> | null)?.[name];
  } catch (cause) {
    return invalid(`Expected JSON in the request, got: ${(cause as Error).message}.`, cause);
  }
}
