/** What the indexer answers, as JSON Schema: what is sent and what the OpenAPI document says. A field that is not here is not sent. */
const string = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const boolean = { type: 'boolean' } as const;
const hex = { type: 'string', pattern: '^0x[0-9a-f]*$' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const wei = { type: 'string', description: 'Wei, decimal.' } as const;
const nullable = (type: string, description: string) => ({ type: [type, 'null'], description });
const list = (items: object) => ({ type: 'array', items });

/** An object of which every field is there. */
const object = (properties: Readonly<Record<string, object>>) => ({ type: 'object', required: Object.keys(properties), properties }) as const;

const registeredModel = object({
  modelId: hex,
  commitment: hex,
  name: nullable('string', 'Of the models here; null for any other.'),
  owner: hex,
  kind: { type: 'string', enum: ['palette', 'rgb'] },
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
  imageMode: { type: 'string', enum: ['onchain', 'hash'] },
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
  royaltyBps: nullable('integer', 'Hundredths of a percent; null while the node is down.'),
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
  picture: nullable('string', 'The proven image, hexadecimal; null when only its hash can be had.'),
  imageHash: hex,
  mintedAt: time,
  block: integer,
  transaction: hex,
  paid: wei,
  verified: { type: 'boolean', const: true, description: 'A token exists only if its mint verified a proof.' },
});

const transfer = object({
  kind: { type: 'string', enum: ['mint', 'transfer', 'burn'] },
  from: hex,
  to: hex,
  block: integer,
  transaction: hex,
  at: time,
});

const claim = object({ collection: hex, claimer: hex, commitment: hex, claimedAt: time, mintableFrom: time, expiresAt: time });

const chain = object({
  chainId: string,
  rpcUrl: string,
  registry: hex,
  factory: hex,
  head: nullable('integer', 'Last block of the chain.'),
  indexed: nullable('integer', 'Last block that was read.'),
  problem: nullable('string', 'Why it is not read, in one sentence.'),
  models: list({ $ref: 'RegisteredModel#' }),
});

const next = nullable('string', 'Cursor of the next page; null on the last one.');

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
