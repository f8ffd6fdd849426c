/** What the indexer reads from an Ethereum node: headers, logs, and the immutable records that logs point to. */
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
  /** Undefined when the chain is not that long. */
  header(number: number): Promise<Header | undefined>;
  /** Logs of these contracts in blocks `from..to`, in the chain's order. */
  logs(addresses: readonly Hex[], from: number, to: number): Promise<ChainLog[]>;
  /** The platform behind a factory. Throws when there is none. */
  identity(chainId: number, factory: Hex): Promise<Identity>;
  /** The present royalty in hundredths of a percent. */
  royalty(collection: Hex): Promise<number>;
}

export function openNode(url: string, models: Models): Node {
  const client = createPublicClient({ transport: http(url, { batch: { batchSize: 100 }, retryCount: 0, timeout: TIMEOUT_MS }) });
  return {
    chainId: () => client.getChainId(),
    head: async () => headerOf(await client.getBlock({ blockTag: 'latest' })),
    header: (number) => headerAt(client, number),
    logs: (addresses, from, to) => logsOf(client, addresses, from, to),
    identity: (chainId, factory) => identityOf(client, chainId, factory),
    royalty: (collection) => royaltyOf(client, collection),
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

async function headerAt(client: PublicClient, number: number): Promise<Header | undefined> {
  try {
    return headerOf(await client.getBlock({ blockNumber: BigInt(number) }));
  } catch (error) {
    if (error instanceof BlockNotFoundError) return undefined;
    throw error;
  }
}

async function logsOf(client: PublicClient, addresses: readonly Hex[], from: number, to: number): Promise<ChainLog[]> {
  const chunks = Array.from({ length: Math.ceil(addresses.length / ADDRESSES) }, (_, i) => addresses.slice(i * ADDRESSES, (i + 1) * ADDRESSES));
  const range = { fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  const found = await Promise.all(chunks.map((address) => client.request({ method: 'eth_getLogs', params: [{ address: [...address], ...range }] })));
  return found.flat().map(logOf).sort(inOrder);
}

function logOf(raw: { readonly [K in keyof Log]: unknown }): ChainLog {
  const { address, blockNumber, blockHash, logIndex, transactionHash, topics, data } = raw as Record<keyof Log, Hex>;
  if (!blockNumber || !blockHash || !logIndex || !transactionHash) throw inconsistent('a mined log');
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

async function identityOf(client: PublicClient, chainId: number, factory: Hex): Promise<Identity> {
  const registry = await client.readContract({ address: factory, abi: collectionFactoryAbi, functionName: 'registry' });
  const contract = { address: registry, abi: modelRegistryAbi } as const;
  const protocol = await client.readContract({ ...contract, functionName: 'protocol' });
  const protocolBps = Number(await client.readContract({ ...contract, functionName: 'protocolBps' }));
  return { chainId: String(chainId), factory: lower(factory), registry: lower(registry), protocol: lower(protocol), protocolBps };
}

const BASIS_POINTS = 10_000n;

async function royaltyOf(client: PublicClient, address: Hex): Promise<number> {
  const call = { address, abi: pentimentoCollectionAbi, functionName: 'royaltyInfo', args: [0n, BASIS_POINTS] } as const;
  return Number((await client.readContract(call))[1]);
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
  const known = models.all.find((served) => served.model.manifest.commitment === model.commitment)?.model;
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

/** The chain has changed between two questions, or the node answers for several. */
export function inconsistent(what: string): BaseError {
  return new BaseError({ code: 'indexer/inconsistent', message: `Expected the node to answer with ${what}, got another chain's.`, retryable: true });
}
