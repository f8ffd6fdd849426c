/** Logs of the platform's contracts as facts: which row of which table each one states. What a log does not carry is asked of `Sources`. */
import { collectionFactoryAbi, modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import { type Abi, decodeEventLog, type Log, toEventSelector, zeroHash } from 'viem';
import type { FACT_TABLES } from './schema.ts';

/** A mined log; addresses and hashes in lower case. */
export interface ChainLog {
  readonly emitter: Hex;
  readonly block: number;
  readonly blockHash: Hex;
  readonly index: number;
  readonly transaction: Hex;
  readonly topics: Log['topics'];
  readonly data: Hex;
}

export interface Fact {
  readonly table: (typeof FACT_TABLES)[number];
  readonly block: number;
  readonly logIndex: number;
  /** By column; without the place. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface MintLog {
  readonly collection: Hex;
  readonly tokenId: bigint;
  readonly creator: Hex;
  readonly imageHash: Hex;
  /** Contract whose code is the token's record. */
  readonly record: Hex;
  readonly transaction: Hex;
}

/** What the logs leave out. Everything here is authenticated by a hash in the log, or cannot change. */
export interface Sources {
  /** Columns of a model beyond its log. */
  model(id: Hex, record: Hex): Promise<Readonly<Record<string, unknown>>>;
  /** Columns of a collection beyond its log. */
  terms(collection: Hex): Promise<Readonly<Record<string, unknown>>>;
  /** Columns of a token beyond its log. */
  token(mint: MintLog): Promise<Readonly<Record<string, unknown>>>;
}

const ABI = [...pentimentoCollectionAbi, ...collectionFactoryAbi, ...modelRegistryAbi].filter((entry) => entry.type === 'event');

const selectorsOf = (abi: Abi): readonly Hex[] => abi.filter((entry) => entry.type === 'event').map(toEventSelector);

/** The events of each of the platform's contracts, by their first topic. */
export const EVENTS = {
  factory: selectorsOf(collectionFactoryAbi),
  registry: selectorsOf(modelRegistryAbi),
  collection: selectorsOf(pentimentoCollectionAbi),
} as const;

type Decoded = ReturnType<typeof decodeEventLog<typeof ABI>>;

/** The event of a log, undefined when it is none of ours. */
function decodeLog(log: Pick<ChainLog, 'topics' | 'data'>): Decoded | undefined {
  try {
    return decodeEventLog({ abi: ABI, topics: log.topics as [Hex, ...Hex[]], data: log.data });
  } catch {
    return undefined;
  }
}

/** Addresses of the collections that the factory announces in its logs. */
export function collectionsIn(logs: readonly ChainLog[]): Hex[] {
  return logs.flatMap((log) => {
    const event = decodeLog(log);
    return event?.eventName === 'CollectionCreated' ? [lower(event.args.collection)] : [];
  });
}

/** The facts of logs in the chain's order, all of them by the platform's own contracts. */
export async function factsOf(logs: readonly ChainLog[], sources: Sources): Promise<Fact[]> {
  const proofs = proofsIn(logs);
  const facts = await Promise.all(logs.map((log) => factOf(log, proofs, sources)));
  return facts.flatMap((fact) => fact ?? []);
}

/** A mint publishes its proof in an event of its own, in the same transaction: by transaction, collection and token. */
function proofsIn(logs: readonly ChainLog[]): ReadonlyMap<string, Hex> {
  const proofs = new Map<string, Hex>();
  for (const log of logs) {
    const event = decodeLog(log);
    if (event?.eventName !== 'AigcData') continue;
    const key = proofKey(log, event.args.tokenId);
    // The first is the mint's; `addAigcData` may follow in the same transaction.
    if (!proofs.has(key)) proofs.set(key, event.args.proof);
  }
  return proofs;
}

const proofKey = ({ transaction, emitter }: ChainLog, tokenId: bigint) => `${transaction} ${emitter} ${tokenId}`;
const ENVELOPE_DIGITS = 40;

async function factOf(log: ChainLog, proofs: ReadonlyMap<string, Hex>, sources: Sources): Promise<Fact | undefined> {
  const event = decodeLog(log);
  if (event === undefined) return undefined;
  const fact = (table: Fact['table'], values: Fact['values']): Fact => ({ table, block: log.block, logIndex: log.index, values });
  const setting = (name: string, value: unknown) => fact('chain_settings', { collection: log.emitter, name, value: JSON.stringify(value) });
  switch (event.eventName) {
    case 'ModelRegistered': {
      const { modelId: id, owner, commitment, verifier, vk, record } = event.args;
      const values = { id, owner: lower(owner), commitment, verifier: lower(verifier), vk: lower(vk) };
      return fact('chain_models', { ...values, ...(await sources.model(id, lower(record))) });
    }
    case 'CollectionCreated': {
      const { collection, modelId, name, symbol } = event.args;
      const values = { address: lower(collection), model: modelId, name: storable(name), symbol: storable(symbol) };
      return fact('chain_collections', { ...values, ...(await sources.terms(lower(collection))) });
    }
    case 'Minted': {
      const { tokenId, creator, imageHash, record, paid } = event.args;
      const mint = { collection: log.emitter, tokenId, creator: lower(creator), imageHash, record: lower(record), transaction: log.transaction };
      const envelope = proofs.get(proofKey(log, tokenId)) ?? '0x';
      const values = { collection: log.emitter, id: String(tokenId), creator: mint.creator, image_hash: imageHash, paid: String(paid) };
      const proof = `0x${envelope.slice(2 + ENVELOPE_DIGITS)}`;
      return fact('chain_tokens', { ...values, proof, transaction: log.transaction, ...(await sources.token(mint)) });
    }
    case 'Transfer': {
      const { tokenId, from, to } = event.args;
      const values = { collection: log.emitter, token: String(tokenId), sender: lower(from), receiver: lower(to) };
      return fact('chain_transfers', { ...values, transaction: log.transaction });
    }
    case 'Claimed':
      return fact('chain_claims', { collection: log.emitter, claimer: lower(event.args.claimer), commitment: event.args.commitment });
    case 'ModelUsed': {
      const { modelId, collection, tokenId, fee } = event.args;
      return fact('chain_uses', { model: modelId, collection: lower(collection), token: String(tokenId), fee: String(fee) });
    }
    case 'Withdrawn':
      return fact('chain_payouts', { source: log.emitter, account: lower(event.args.account), amount: String(event.args.amount) });
    case 'ProceedsPaid':
      return fact('chain_payouts', { source: log.emitter, account: lower(event.args.owner), amount: String(event.args.amount) });
    case 'SaleChanged': {
      const { price, start, end, walletLimit } = event.args;
      return setting('sale', { price: String(price), start: Number(start), end: Number(end), walletLimit: Number(walletLimit) });
    }
    case 'AllowlistChanged':
      return setting('allowlist', event.args.root === zeroHash ? null : event.args.root);
    case 'Paused':
      return setting('paused', true);
    case 'Unpaused':
      return setting('paused', false);
    case 'OwnershipTransferred':
      return setting('owner', lower(event.args.newOwner));
    default:
      return undefined;
  }
}

export const lower = (hex: Hex): Hex => hex.toLowerCase() as Hex;

/** PostgreSQL's text holds every character but U+0000, which is valid UTF-8 and so a valid name on chain. */
export const storable = (text: string): string => text.replaceAll('\0', '\u{fffd}');
