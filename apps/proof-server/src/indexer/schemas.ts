/**
 * What the indexer answers, as JSON Schema: what is sent, what the OpenAPI document says, and the types of it here. A field that is not here is
 * not sent.
 */
import type { Hex } from '@pentimento/core';

/** A JSON Schema of values of type `T`; no schema has the field, which is for the compiler. */
type Schema<T> = object & { readonly $valueType?: T };
type Value<S> = S extends Schema<infer T> ? T : never;

const schema = <T>(json: object): Schema<T> => json;
const string = schema<string>({ type: 'string' });
const integer = schema<number>({ type: 'integer' });
const boolean = schema<boolean>({ type: 'boolean' });
const hex = schema<Hex>({ type: 'string', pattern: '^0x[0-9a-f]*$' });
const time = schema<string>({ type: 'string', format: 'date-time' });
const wei = schema<string>({ type: 'string', description: 'Wei, decimal.' });
const oneOf = <const T extends string>(...values: readonly T[]) => schema<T>({ type: 'string', enum: values });
const nullable = <T>(type: string, description: string) => schema<T | null>({ type: [type, 'null'], description });
const list = <S extends object>(items: S) => schema<readonly Value<S>[]>({ type: 'array', items });

/** An object of which every field is there. */
const object = <P extends Readonly<Record<string, object>>>(properties: P) => {
  const json = { type: 'object', required: Object.keys(properties), properties } as const;
  return json as typeof json & Schema<{ readonly [K in keyof P]: Value<P[K]> }>;
};

const registeredModel = object({
  modelId: hex,
  commitment: hex,
  name: nullable<string>('string', 'Of the models here; null for any other.'),
  owner: hex,
  kind: oneOf('palette', 'rgb'),
  latentLength: integer,
  image: object({ width: integer, height: integer }),
  licenceFee: wei,
  verifier: hex,
  vk: hex,
  vkCodeHash: hex,
  verifierCodeHash: hex,
  uses: { ...integer, description: 'Tokens that were minted with it.' },
  feesPaid: wei,
  cardUri: string,
});

const collection = object({
  address: hex,
  name: string,
  symbol: string,
  owner: hex,
  modelId: hex,
  modelCommitment: hex,
  imageMode: oneOf('onchain', 'hash'),
  maxSupply: integer,
  minted: integer,
  totalSupply: integer,
  price: wei,
  licenceFee: wei,
  mintCost: wei,
  start: { ...integer, description: 'Unix seconds; 0 for no limit.' },
  end: { ...integer, description: 'Unix seconds; 0 for no limit.' },
  walletLimit: { ...integer, description: '0 for no limit.' },
  paused: boolean,
  allowlist: boolean,
  royaltyBps: nullable<number>('integer', 'Hundredths of a percent; null while the node is down.'),
  claimDelay: { ...integer, description: 'Seconds.' },
  proceeds: { ...wei, description: 'Wei that wait for the owner.' },
  createdAt: time,
  previewTokens: list(string),
});

const token = object({
  collection: hex,
  tokenId: string,
  number: integer,
  owner: { ...hex, description: 'Zero when it was burned.' },
  creator: hex,
  latent: hex,
  pose: integer,
  picture: nullable<Hex>('string', 'The proven image, hexadecimal; null when only its hash can be had.'),
  imageHash: hex,
  mintedAt: time,
  block: integer,
  transaction: hex,
  paid: wei,
  verified: schema<true>({ type: 'boolean', const: true, description: 'A token exists only if its mint verified a proof.' }),
});

const transfer = object({
  kind: oneOf('mint', 'transfer', 'burn'),
  from: hex,
  to: hex,
  block: integer,
  transaction: hex,
  at: time,
});

const claim = object({ collection: hex, claimer: hex, commitment: hex, claimedAt: time, mintableFrom: time, expiresAt: time });

export type RegisteredModel = Value<typeof registeredModel>;
export type Collection = Value<typeof collection>;
export type Token = Value<typeof token>;
export type Transfer = Value<typeof transfer>;
export type Claim = Value<typeof claim>;

const chain = object({
  chainId: string,
  rpcUrl: string,
  registry: hex,
  factory: hex,
  head: nullable<number>('integer', 'Last block of the chain.'),
  indexed: nullable<number>('integer', 'Last block that was read.'),
  problem: nullable<string>('string', 'Why it is not read, in one sentence.'),
  models: list({ $ref: 'RegisteredModel#' }),
});

const next = nullable<string>('string', 'Cursor of the next page; null on the last one.');

export const INDEXER_SCHEMAS = [
  { $id: 'RegisteredModel', ...registeredModel },
  { $id: 'Collection', ...collection },
  { $id: 'Token', ...token },
  { $id: 'Transfer', ...transfer },
  { $id: 'Claim', ...claim },
  { $id: 'Chain', ...chain },
  { $id: 'CollectionPage', ...object({ items: list({ $ref: 'Collection#' }), next }) },
  { $id: 'TokenPage', ...object({ items: list({ $ref: 'Token#' }), next, total: integer }) },
  { $id: 'TokenDetails', ...object({ ...token.properties, history: list({ $ref: 'Transfer#' }), proof: hex }) },
  { $id: 'AccountDetails', ...object({ tokens: list({ $ref: 'Token#' }), owed: wei, claims: list({ $ref: 'Claim#' }) }) },
] as const;

/** Schema of a stream of events. */
export const STREAM = { description: 'Server-sent events', content: { 'text/event-stream': { schema: string } } } as const;
