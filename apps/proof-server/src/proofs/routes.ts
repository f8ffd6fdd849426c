/** `/v1/proofs`: proofs over HTTP. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../server.ts';
import { streamProof } from './events.ts';
import { ESTIMATE_SCHEMA, PROBLEM_SCHEMA, PROBLEMS, PROOF_SCHEMA, SUBMISSION_SCHEMA } from './schemas.ts';
import type { ProofService } from './service.ts';
import type { Submission } from './statement.ts';
import { getProof, type ProofRow, type State } from './store.ts';

interface ById {
  readonly Params: { readonly id: string };
}

interface Submitted {
  readonly Body: Submission;
  readonly Headers: { readonly 'idempotency-key'?: string };
}

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 100 } }, required: ['id'] } as const;
const PROOF = { $ref: 'Proof#' } as const;
const KEY = {
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', minLength: 1, maxLength: 200, description: 'A repeated request with it is the same request.' } },
} as const;

/** A proof as clients see it. */
export function present(row: ProofRow, state: State, position: number | null) {
  const { version: _, crashes: __, state: ___, ...fixed } = row;
  return { ...fixed, position, ...state, bundle: state.bundle === null ? null : `/v1/proofs/${row.id}/bundle` };
}

export function proofRoutes(app: FastifyInstance, { proofs, database, config }: Context): void {
  for (const schema of [PROBLEM_SCHEMA, PROOF_SCHEMA, SUBMISSION_SCHEMA, ESTIMATE_SCHEMA]) app.addSchema(schema);
  const answer = async (row: ProofRow) => present(row, row.state, await proofs.position(row));

  app.post<Submitted>(
    '/v1/proofs',
    {
      schema: {
        summary: 'Ask for a proof; identical statements share one',
        body: { $ref: 'Submission#' },
        headers: KEY,
        response: { 202: PROOF, ...PROBLEMS },
      },
      config: { rateLimit: { max: config.submitsPerMinute } },
    },
    async (request, reply) => {
      const row = await proofs.submit(request.body, request.headers['idempotency-key']);
      return reply
        .code(202)
        .header('location', `/v1/proofs/${row.id}`)
        .send(await answer(row));
    },
  );
  app.post<{ Body: Submission }>(
    '/v1/proofs/estimate',
    { schema: { summary: 'What a proof would cost', body: { $ref: 'Submission#' }, response: { 200: { $ref: 'Estimate#' }, ...PROBLEMS } } },
    ({ body }) => proofs.estimate(body),
  );
  app.get<ById>(
    '/v1/proofs/:id',
    { schema: { summary: 'State of a proof', params: PARAMS, response: { 200: PROOF, ...PROBLEMS } } },
    async ({ params }) => answer(await getProof(database, params.id)),
  );
  app.delete<ById>(
    '/v1/proofs/:id',
    { schema: { summary: 'Cancel a proof that has not ended', params: PARAMS, response: { 202: PROOF, ...PROBLEMS } } },
    async ({ params }, reply) => reply.code(202).send(await answer(await proofs.cancel(params.id))),
  );
  app.get<ById>(
    '/v1/proofs/:id/events',
    {
      schema: {
        summary: 'Server-sent events `proof`, each with the Proof as data; `Last-Event-ID` continues',
        params: PARAMS,
        produces: ['text/event-stream'],
      },
    },
    ({ params, headers }, reply) => streamProof({ database, proofs, id: params.id, after: lastEventId(headers), reply }),
  );
  app.get<ById>('/v1/proofs/:id/bundle', { schema: { summary: 'The bundle of a proof that has succeeded', params: PARAMS } }, (request, reply) =>
    sendBundle(proofs, request, reply),
  );
}

/** What is no id of an event here continues from the beginning. */
function lastEventId({ 'last-event-id': id }: FastifyRequest['headers']): number {
  return /^\d{1,9}$/.test(String(id)) ? Number(id) : 0;
}

/** A bundle never changes, so whoever has it keeps it. */
async function sendBundle(proofs: ProofService, { params, headers }: FastifyRequest<ById>, reply: FastifyReply): Promise<FastifyReply> {
  const { text, digest } = await proofs.bundle(params.id);
  reply.header('etag', `"${digest}"`).header('cache-control', 'public, max-age=31536000, immutable');
  if (headers['if-none-match'] === `"${digest}"`) return reply.code(304).send();
  return reply.type('application/json').send(text);
}
