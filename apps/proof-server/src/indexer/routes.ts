/** What the indexer has seen, over HTTP: REST, and server-sent events for what is new. */
import { BaseError } from '@pentimento/core';
import { openStream } from '@pentimento/serving/http';
import type { FastifyInstance } from 'fastify';
import { PROBLEMS } from '../proofs/schemas.ts';
import type { Context } from '../server.ts';
import type { Indexer } from './run.ts';
import { type Collection, INDEXER_SCHEMAS, STREAM } from './schemas.ts';
import { readIdentity, readTip } from './store.ts';
import {
  getCollection,
  getProofBytes,
  getToken,
  type IndexedCollection,
  listClaims,
  listCollections,
  listModels,
  listTokens,
  listTransfers,
  owedTo,
} from './views.ts';

const ADDRESS = { type: 'string', pattern: '^0x[0-9a-fA-F]{40}$' } as const;
const LIMIT = { type: 'string', pattern: '^([1-9][0-9]?|100)$' } as const;
const CURSOR = { type: 'string', maxLength: 40 } as const;
const DEFAULT_LIMIT = 24;
/** Tokens that an account's page holds; a collection's list with `owner` has pages. */
const ACCOUNT_TOKENS = 500;

interface PageQuery {
  readonly cursor?: string;
  readonly limit?: string;
}

interface TokensQuery extends PageQuery {
  readonly sort?: 'newest' | 'oldest';
  readonly creator?: string;
  readonly owner?: string;
  readonly search?: string;
}

/** Where no chain is followed, every route throws `chain/not-indexed`. */
export function indexerRoutes(app: FastifyInstance, { database, indexer }: Context): void {
  for (const schema of INDEXER_SCHEMAS) app.addSchema(schema);
  const followed = (): Indexer => indexer ?? notFollowed();
  app.addHook('onRequest', async () => void followed());
  const answers = (response: object) => ({ response: { 200: response, ...PROBLEMS } });
  const object = (properties: Readonly<Record<string, object>>) => ({ type: 'object', additionalProperties: false, properties });
  const page = { cursor: CURSOR, limit: LIMIT };

  app.get(
    '/v1/chain',
    { schema: { summary: 'The chain, the platform on it, and how far they are indexed', ...answers({ $ref: 'Chain#' }) } },
    async () => {
      const [identity, tip] = [await readIdentity(database), await readTip(database)];
      const { rpcUrl, nameOf, status } = followed();
      const { head, problem } = status();
      if (!identity)
        throw new BaseError({
          code: 'chain/not-indexed',
          message: problem ?? 'Expected an indexed chain, but the first block is still to come.',
          retryable: true,
        });
      const { chainId, registry, factory } = identity;
      const indexed = tip?.number ?? null;
      return {
        chainId,
        rpcUrl,
        registry,
        factory,
        head: head ?? indexed,
        indexed,
        problem,
        models: await listModels(database, nameOf),
      };
    },
  );

  app.get(
    '/v1/registry/models',
    { schema: { summary: 'Registered models, with uses and fees', ...answers({ type: 'array', items: { $ref: 'RegisteredModel#' } }) } },
    () => listModels(database, followed().nameOf),
  );

  app.get<{ Querystring: PageQuery }>(
    '/v1/collections',
    { schema: { summary: 'Collections, newest first', querystring: object(page), ...answers({ $ref: 'CollectionPage#' }) } },
    async ({ query }) => {
      const { items, next } = await listCollections(database, { cursor: query.cursor, limit: limitOf(query) });
      return { items: await withRoyalties(items), next };
    },
  );

  const address = object({ address: ADDRESS });
  app.get<{ Params: { address: string } }>(
    '/v1/collections/:address',
    { schema: { summary: 'A collection', params: address, ...answers({ $ref: 'Collection#' }) } },
    async ({ params }) => (await withRoyalties([await getCollection(database, params.address)]))[0],
  );

  const filter = {
    sort: { type: 'string', enum: ['newest', 'oldest'] },
    creator: ADDRESS,
    owner: ADDRESS,
    search: { type: 'string', maxLength: 100 },
  };
  app.get<{ Params: { address: string }; Querystring: TokensQuery }>(
    '/v1/collections/:address/tokens',
    {
      schema: { summary: "A collection's tokens", params: address, querystring: object({ ...page, ...filter }), ...answers({ $ref: 'TokenPage#' }) },
    },
    async ({ params, query }) => {
      await getCollection(database, params.address);
      return listTokens(database, { ...query, collection: params.address, sort: query.sort ?? 'newest', limit: limitOf(query) });
    },
  );

  const token = object({ address: ADDRESS, tokenId: { type: 'string', pattern: '^[0-9]{1,78}$' } });
  app.get<{ Params: { address: string; tokenId: string } }>(
    '/v1/collections/:address/tokens/:tokenId',
    { schema: { summary: 'A token, with its history and its proof', params: token, ...answers({ $ref: 'TokenDetails#' }) } },
    async ({ params }) => ({
      ...(await getToken(database, params.address, params.tokenId)),
      history: await listTransfers(database, params.address, params.tokenId),
      proof: await getProofBytes(database, params.address, params.tokenId),
    }),
  );

  app.get<{ Params: { address: string } }>(
    '/v1/accounts/:address',
    { schema: { summary: "An account's tokens, claims and fees", params: address, ...answers({ $ref: 'AccountDetails#' }) } },
    async ({ params }) => {
      const { items: tokens } = await listTokens(database, { owner: params.address, sort: 'newest', limit: ACCOUNT_TOKENS });
      return { tokens, owed: await owedTo(database, params.address), claims: await listClaims(database, params.address) };
    },
  );

  app.get(
    '/v1/events',
    { schema: { summary: 'Server-sent events token, collection, claim, model with the new object, and reload', ...answers(STREAM) } },
    async (_request, reply) => {
      // A client that comes back fetches what it missed.
      const stream = openStream(reply, { retryMs: 2000 });
      stream.gone.addEventListener(
        'abort',
        followed().live.listen(({ kind, data }) => stream.send(kind, data)),
      );
    },
  );

  async function withRoyalties(collections: readonly IndexedCollection[]): Promise<Collection[]> {
    const found = await followed().royalties(collections.map((collection) => collection.address));
    return collections.map((collection) => ({ ...collection, royaltyBps: found.get(collection.address) ?? null }));
  }
}

function notFollowed(): never {
  throw new BaseError({
    code: 'chain/not-indexed',
    message: 'Expected a server that follows a chain, but this one was started without PENTIMENTO_RPC.',
  });
}

const limitOf = ({ limit }: PageQuery): number => (limit === undefined ? DEFAULT_LIMIT : Number(limit));
