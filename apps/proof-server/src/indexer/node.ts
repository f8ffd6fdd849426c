/** What the indexer reads from an Ethereum node: headers, logs, and the immutable records that logs point to. */
import { failedOnChain } from '@pentimento/chain/connection';
import { royaltyOf } from '@pentimento/chain/owner';
import { collectionFactoryAbi, modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, bytesToHex, type Hex, hexToBytes } from '@pentimento/core';
import {
  BlockNotFoundError,
  createPublicClient,
  decodeAbiParameters,
  decodeFunctionData,
  encodeAbiParameters,
  getAbiItem,
  http,
  keccak256,
  type Log,
  numberToHex,
  type PublicClient,
} from 'viem';
import type { Models } from '../models.ts';
import { type ChainLog, lower, type MintLog, type Sources, storable } from './events.ts';
import { pictureFor } from './picture.ts';
import type { Header, Identity } from './store.ts';

const TIMEOUT_MS = 10_000;
/** Addresses in one query for logs. */
const ADDRESSES = 500;

export interface Node extends Sources {
  chainId(): Promise<number>;
  head(): Promise<Header>;
  /** Of a block that is not after the head. Throws `indexer/inconsistent` when the node has none, or gives another. */
  header(number: number): Promise<Header>;
  /** Throws `indexer/inconsistent` when the node gives a log that was not asked for, or one that is not mined. */
  logs(asked: LogFilter): Promise<ChainLog[]>;
  /** The platform behind a factory; undefined when the chain has none there. */
  identity(chainId: number, factory: Hex): Promise<Identity | undefined>;
  /** The present royalty in hundredths of a percent. */
  royalty(collection: Hex): Promise<number>;
}

/** Which logs: of these contracts, of these events (first topics), in blocks `from..to`. */
export interface LogFilter {
  readonly emitters: readonly Hex[];
  readonly events: readonly Hex[];
  readonly from: number;
  readonly to: number;
}

export function openNode(url: string, models: Models): Node {
  const client = createPublicClient({ transport: http(url, { batch: { batchSize: 100 }, retryCount: 0, timeout: TIMEOUT_MS }) });
  return {
    chainId: () => client.getChainId(),
    head: async () => headerOf(await client.getBlock({ blockTag: 'latest' })),
    header: (number) => headerAt(client, number),
    logs: (asked) => logsOf(client, asked),
    identity: (chainId, factory) => identityOf(client, chainId, factory),
    royalty: async (collection) => (await royaltyOf(client, collection)).bps,
    model: (id, record) => modelOf(client, id, record),
    terms: (collection) => termsOf(client, collection),
    token: (mint) => tokenOf(client, models, mint),
  };
}

interface RawBlock {
  readonly number: bigint | null;
  readonly hash: Hex | null;
  readonly parentHash: Hex;
  readonly timestamp: bigint;
}

function headerOf({ number, hash, parentHash, timestamp }: RawBlock): Header {
  if (number === null || hash === null) throw inconsistent('a mined block');
  return { number: Number(number), hash, parentHash, at: new Date(Number(timestamp) * 1000) };
}

async function headerAt(client: PublicClient, number: number): Promise<Header> {
  const block = await client.getBlock({ blockNumber: BigInt(number) }).catch((error: unknown) => {
    throw error instanceof BlockNotFoundError ? inconsistent(`block ${number}`) : error;
  });
  const header = headerOf(block);
  if (header.number !== number) throw inconsistent(`block ${number}`);
  return header;
}

/** A node that leaves logs out cannot be told from one that has none; what it adds is refused. */
async function logsOf(client: PublicClient, { emitters, events, from, to }: LogFilter): Promise<ChainLog[]> {
  const chunks = Array.from({ length: Math.ceil(emitters.length / ADDRESSES) }, (_, i) => emitters.slice(i * ADDRESSES, (i + 1) * ADDRESSES));
  const range = { topics: [[...events]], fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  const found = await Promise.all(chunks.map((address) => client.request({ method: 'eth_getLogs', params: [{ address: [...address], ...range }] })));
  const logs = found.flat().map(logOf);
  const [heard, known] = [new Set<Hex>(emitters), new Set<Hex | undefined>(events)];
  const asked = ({ emitter, topics, block }: ChainLog) => heard.has(emitter) && known.has(topics[0]) && from <= block && block <= to;
  if (!logs.every(asked)) throw inconsistent(`only the logs of blocks ${from} to ${to} that it was asked for`);
  return logs;
}

function logOf(raw: { readonly [K in keyof Log]: unknown }): ChainLog {
  const { address, blockNumber, blockHash, logIndex, transactionHash, topics, data, removed } = raw as Record<keyof Log, Hex>;
  if (removed || !blockNumber || !blockHash || !logIndex || !transactionHash) throw inconsistent('a mined log');
  return {
    emitter: lower(address),
    block: Number(blockNumber),
    blockHash,
    index: Number(logIndex),
    transaction: transactionHash,
    topics: topics as unknown as ChainLog['topics'],
    data,
  };
}

export const inOrder = (a: ChainLog, b: ChainLog): number => a.block - b.block || a.index - b.index;

async function identityOf(client: PublicClient, chainId: number, factory: Hex): Promise<Identity | undefined> {
  try {
    const registry = await client.readContract({ address: factory, abi: collectionFactoryAbi, functionName: 'registry' });
    const contract = { address: registry, abi: modelRegistryAbi } as const;
    const protocol = await client.readContract({ ...contract, functionName: 'protocol' });
    const protocolBps = Number(await client.readContract({ ...contract, functionName: 'protocolBps' }));
    return { chainId: String(chainId), factory: lower(factory), registry: lower(registry), protocol: lower(protocol), protocolBps };
  } catch (error) {
    if (failedOnChain(error)) return undefined;
    throw error;
  }
}

const MODEL = getAbiItem({ abi: modelRegistryAbi, name: 'model' }).outputs;

/** A model's record is the code of a contract, and its id the hash of that record. */
async function modelOf(client: PublicClient, id: Hex, record: Hex): Promise<Readonly<Record<string, unknown>>> {
  const encoded = await recordAt(client, record);
  if (keccak256(encoded) !== id) throw inconsistent(`the record of model ${id}`);
  const [model] = decodeAbiParameters(MODEL, encoded);
  return {
    verifier_code_hash: model.verifierCodeHash,
    vk_code_hash: model.vkCodeHash,
    licence_fee: String(model.licenceFee),
    latent_length: Number(model.latentLength),
    kind: model.kind === 0 ? 'palette' : 'rgb',
    width: Number(model.width),
    height: Number(model.height),
    card_uri: storable(model.cardUri),
  };
}

async function termsOf(client: PublicClient, address: Hex): Promise<Readonly<Record<string, unknown>>> {
  const terms = await client.readContract({ address, abi: pentimentoCollectionAbi, functionName: 'terms' });
  return { image_mode: terms.imageMode === 0 ? 'onchain' : 'hash', max_supply: terms.maxSupply, claim_delay: terms.claimDelay };
}

const ADDRESS_BYTES = 20;

/** A token's record is its prompt, its creator, and its image or its image's hash; the token's id is the prompt's hash. */
async function tokenOf(client: PublicClient, models: Models, mint: MintLog): Promise<Readonly<Record<string, unknown>>> {
  const [record, transaction, model] = await Promise.all([
    recordAt(client, mint.record),
    client.getTransaction({ hash: mint.transaction }),
    client.readContract({ address: mint.collection, abi: pentimentoCollectionAbi, functionName: 'model' }),
  ]);
  const bytes = hexToBytes(record);
  const promptLength = Number(model.latentLength) + 1;
  const prompt = bytes.slice(0, promptLength);
  const kept = bytes.slice(promptLength + ADDRESS_BYTES);
  if (BigInt(keccak256(prompt)) !== mint.tokenId) throw inconsistent(`the record of token ${mint.tokenId}`);
  const latent = prompt.slice(0, -1);
  const pose = prompt.at(-1) as number;
  const request = transaction.to && lower(transaction.to) === mint.collection ? mintRequest(transaction.input) : undefined;
  const sent = request && BigInt(keccak256(request.prompt)) === mint.tokenId ? request : undefined;
  const known = models.get(model.commitment)?.model;
  return {
    latent: bytesToHex(latent),
    pose,
    picture: pictureFor({ rgb: model.kind === 1, latent, pose, imageHash: mint.imageHash, kept, sent: sent?.aigcData, model: known }) ?? null,
    commitment: sent ? commitmentOf(mint, sent.salt) : null,
  };
}

/** The arguments of a mint that its sender sent to the collection itself; undefined when another contract was between. */
function mintRequest(input: Hex) {
  try {
    const { functionName, args } = decodeFunctionData({ abi: pentimentoCollectionAbi, data: input });
    return functionName === 'mint' ? args[0] : undefined;
  } catch {
    return undefined;
  }
}

/** The claim that a mint has used (Claims.sol, `commitmentOf`). */
function commitmentOf({ tokenId, creator }: MintLog, salt: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }], [tokenId, creator, salt]));
}

/** The code of a record without the zero byte in front of it. */
async function recordAt(client: PublicClient, address: Hex): Promise<Hex> {
  const code = await client.getCode({ address });
  if (code === undefined || !code.startsWith('0x00')) throw inconsistent(`a record at ${address}`);
  return `0x${code.slice(4)}`;
}

/** The chain has changed between two questions, or the node answers for several, or what it was not asked. */
export function inconsistent(what: string): BaseError {
  return new BaseError({ code: 'indexer/inconsistent', message: `Expected the node to answer with ${what}, but it did not.`, retryable: true });
}
