/** `/v1/circuits`: what a browser needs to verify a proof by itself. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Hex, OBJECTIVES, type Objective } from '@pentimento/core';
import type { FastifyInstance } from 'fastify';
import { PROBLEMS } from '../proofs/schemas.ts';
import type { Context } from '../server.ts';

interface ByModel {
  readonly Params: { readonly commitment: string; readonly objective: Objective };
}

const PARAMS = {
  type: 'object',
  required: ['commitment', 'objective'],
  properties: { commitment: { type: 'string', maxLength: 100 }, objective: { type: 'string', enum: OBJECTIVES } },
} as const;

const COMMITMENT = { type: 'object', required: ['commitment'], properties: { commitment: PARAMS.properties.commitment } } as const;
const CODE_HASH = { type: 'string', pattern: '^0x[0-9a-f]{64}$', description: 'Code hash of the contract that holds the key' } as const;

/** Revalidated daily: a commitment and an objective fix the circuit, but the setup behind the key is the server's choice. */
const CACHING = 'public, max-age=86400';

/** Limited like a submission, because keys that do not exist yet are made. */
export function circuitRoutes(app: FastifyInstance, { circuits, config }: Context): void {
  app.get<ByModel>(
    '/v1/circuits/:commitment/:objective',
    {
      schema: { summary: 'Circuit (`ir`) and verifying key (`vk`) of a model', params: PARAMS, response: PROBLEMS },
      config: { rateLimit: { max: config.submitsPerMinute } },
    },
    async ({ params, headers }, reply) => {
      const { gzipped, etag } = await circuits.get(circuits.models.find(params.commitment), params.objective);
      reply.header('etag', etag).header('cache-control', CACHING).header('vary', 'accept-encoding').type('application/json');
      if (headers['if-none-match'] === etag) return reply.code(304).send();
      if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return reply.send(await promisify(gunzip)(gzipped));
      return reply.header('content-encoding', 'gzip').send(gzipped);
    },
  );

  app.get<{ Params: Pick<ByModel['Params'], 'commitment'>; Querystring: { readonly key: Hex } }>(
    '/v1/circuits/:commitment',
    {
      schema: {
        summary: 'Which layout (`objective`) of a model a verifying key on chain belongs to',
        params: COMMITMENT,
        querystring: { type: 'object', required: ['key'], additionalProperties: false, properties: { key: CODE_HASH } },
        response: PROBLEMS,
      },
      config: { rateLimit: { max: config.submitsPerMinute } },
    },
    async ({ params, query }) => ({ objective: await circuits.objectiveOf(circuits.models.find(params.commitment), query.key) }),
  );
}
