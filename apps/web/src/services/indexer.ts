/** Client of the indexer: collections, tokens, models and accounts as they stand on chain. */
import { tokenIdOf } from '../picture/token-id.ts';
import {
  about,
  address,
  collectionName,
  count,
  type Decoder,
  decimal,
  flag,
  hex,
  label,
  list,
  modelName,
  nullable,
  object,
  oneOf,
  optional,
  text,
  time,
} from './check.ts';
import { getJson, type Service } from './http.ts';

export const decodeCollection = object({
  address,
  name: collectionName,
  symbol: label(16),
  owner: address,
  modelId: hex,
  modelCommitment: hex,
  imageMode: oneOf('onchain', 'hash'),
  maxSupply: count,
  minted: count,
  totalSupply: count,
  price: decimal,
  licenceFee: decimal,
  mintCost: decimal,
  /** Seconds since 1970, or 0 for no limit. */
  start: count,
  end: count,
  walletLimit: count,
  paused: flag,
  allowlist: flag,
  /** Null while the node is down. */
  royaltyBps: nullable(count),
  claimDelay: count,
  /** Wei that wait for the owner. */
  proceeds: optional(decimal, '0'),
  createdAt: time,
  previewTokens: optional(list(decimal), []),
});
export type Collection = ReturnType<typeof decodeCollection>;

const decodeEvent = object({ kind: oneOf('mint', 'transfer', 'burn'), from: address, to: address, block: count, transaction: hex, at: time });

const decodeTold = object({
  tokenId: decimal,
  owner: address,
  creator: address,
  latent: hex,
  pose: count,
  /** The proven bytes before the pose: palette indices, or channel values; null when only their hash can be had. */
  picture: nullable(hex),
  imageHash: hex,
  mintedAt: time,
  block: count,
  transaction: hex,
  paid: decimal,
  number: count,
  collection: nullable(address),
  history: optional(list(decodeEvent), []),
  proof: nullable(hex),
});
export type Token = ReturnType<typeof decodeTold>;

/** A token whose id is the hash of its latent and its pose: another painting cannot be shown under its address. */
export const decodeToken: Decoder<Token> = (value, path) => {
  const token = decodeTold(value, path);
  return about(decodeTold, { tokenId: tokenIdOf(token) })(token, path);
};

const decodeModel = object({
  modelId: hex,
  commitment: hex,
  name: nullable(modelName),
  owner: address,
  licenceFee: decimal,
  verifier: address,
  vk: address,
  vkCodeHash: hex,
  verifierCodeHash: hex,
  uses: count,
  feesPaid: decimal,
});
export type RegisteredModel = ReturnType<typeof decodeModel>;

const decodeChain = object({ registry: address });
export type ChainState = ReturnType<typeof decodeChain>;

const decodeAccount = object({ tokens: list(decodeToken), owed: decimal });
export type AccountState = ReturnType<typeof decodeAccount>;

const decodeCollections = object({ items: list(decodeCollection), next: nullable(text) });
const decodeTokens = object({ items: list(decodeToken), next: nullable(text), total: count });
export type TokenPage = ReturnType<typeof decodeTokens>;
export type CollectionPage = ReturnType<typeof decodeCollections>;

export interface TokenQuery {
  readonly sort: 'newest' | 'oldest';
  readonly creator?: string | undefined;
  readonly owner?: string | undefined;
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export const readChain = (service: Service, signal?: AbortSignal): Promise<ChainState> => getJson(service, '/v1/chain', decodeChain, signal);

export const listRegisteredModels = (service: Service, signal?: AbortSignal): Promise<readonly RegisteredModel[]> =>
  getJson(service, '/v1/registry/models', list(decodeModel), signal);

export const listCollections = (service: Service, cursor?: string, signal?: AbortSignal): Promise<CollectionPage> =>
  getJson(service, `/v1/collections${queryText({ limit: 24, cursor })}`, decodeCollections, signal);

export const readCollection = (service: Service, collection: string, signal?: AbortSignal): Promise<Collection> =>
  getJson(service, `/v1/collections/${collection}`, about(decodeCollection, { address: collection }), signal);

export const listTokens = (service: Service, collection: string, query: TokenQuery, signal?: AbortSignal): Promise<TokenPage> =>
  getJson(service, `/v1/collections/${collection}/tokens${queryText({ ...query })}`, decodeTokens, signal);

export const readToken = (service: Service, collection: string, tokenId: string, signal?: AbortSignal): Promise<Token> =>
  getJson(service, `/v1/collections/${collection}/tokens/${tokenId}`, about(decodeToken, { collection, tokenId }), signal);

export const readAccount = (service: Service, account: string, signal?: AbortSignal): Promise<AccountState> =>
  getJson(service, `/v1/accounts/${account}`, decodeAccount, signal);

/** `?a=1&b=2` of the values that are there; empty text for none. */
function queryText(values: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '');
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}
