/**
 * Deploying: verifier, verifying key, renderer and factory by the deterministic deployment proxy, then the model and the collection.
 * What is on chain decides what is done: every address follows from code and terms, so a repeated or interrupted command finds what
 * is there and adds what is missing. The address book of a chain only records it.
 */
import type { Ir } from '@pentimento/circuit';
import { collectionFactoryAbi, modelRegistryAbi } from '@pentimento/contracts/abi';
import { compileContracts } from '@pentimento/contracts/build';
import { BaseError, bytesToHex, concatBytes, type Hex, hexToBytes } from '@pentimento/core';
import type { VkDescriptor } from '@pentimento/engine';
import type { Model } from '@pentimento/layers';
import { compileSolidity } from '@pentimento/verifier/compile';
import { encodeVkContract, generateVerifier, VERIFIER_CONTRACT } from '@pentimento/verifier/solidity';
import { type Abi, encodeDeployData, getContractAddress, keccak256, zeroHash } from 'viem';
import { type AddressBook, type Deployment, type RegisteredModel, readBook, writeBook } from './address-book.ts';
import { attempt, type Connection, isLocal, succeeded } from './connection.ts';

/**
 * The proxy that deploys any code at an address of its own: present on nearly every chain and on every anvil, and the same as the
 * factory of EIP-7997. https://github.com/Arachnid/deterministic-deployment-proxy
 */
const DEPLOYER: Hex = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

/** Seconds that a claim waits: on a public chain longer than a transaction stays in the queue. */
const CLAIM_DELAY = { local: 2, public: 60 };

export interface ModelOptions {
  readonly model: Model;
  readonly objective: string;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  /** Wei for each token. */
  readonly licenceFee?: bigint;
  readonly cardUri?: string;
  /** Of a platform that is deployed now: to whom its share is due (default: the deploying account), and how much of a price. */
  readonly protocol?: Hex;
  readonly protocolBps?: number;
}

export interface CollectionOptions {
  readonly name: string;
  readonly symbol: string;
  /** Default: on chain. */
  readonly images?: 'onchain' | 'hash';
  readonly maxSupply?: number;
  /** Seconds. */
  readonly claimDelay?: number;
  /** Wei, without the licence fee. */
  readonly price?: bigint;
  /** Unix seconds; 0 for no limit. */
  readonly start?: number;
  readonly end?: number;
  readonly walletLimit?: number;
  readonly allowlistRoot?: Hex;
  readonly royaltyBps?: number;
  readonly imageBase?: string;
  readonly contractUri?: string;
}

/** Registers the model and deploys a collection of it; what is already there is found, not deployed again. */
export async function deploy(connection: Connection, options: ModelOptions & CollectionOptions): Promise<Deployment> {
  const { book, modelId, registered } = await deployModel(connection, options);
  const collection = await deployCollection(connection, book, modelId, options);
  const { name, commitment, ...rest } = registered;
  const { chainId, registry, factory } = book;
  return { chainId, model: name, modelCommitment: commitment, modelId, registry, factory, collection, ...rest };
}

export interface ModelDeployment {
  readonly book: AddressBook;
  readonly modelId: Hex;
  readonly registered: RegisteredModel;
}

/** Deploys what the model needs and registers it for the signing account. */
export async function deployModel(connection: Connection, options: ModelOptions): Promise<ModelDeployment> {
  const { reader, wallet, account, chainId } = connection;
  const { model, objective, ir, vk } = options;
  assertSrsAllowed(vk, chainId);
  const compiled = compileSolidity({ 'Verifier.sol': generateVerifier(ir, vk).verifier })['Verifier.sol']?.[VERIFIER_CONTRACT];
  if (!compiled) throw new BaseError({ code: 'verifier/solidity-error', message: `Expected the compiler to return ${VERIFIER_CONTRACT}.` });
  const verifier = await place(connection, 'the verifier', compiled.bytecode);
  const key = await place(connection, 'the verifying key', bytesToHex(encodeVkContract(ir, vk)));
  const [verifierCode, vkCode] = [await codeOf(connection, verifier), await codeOf(connection, key)];
  const book = await deployPlatform(connection, options);
  const { manifest } = model;
  const record = {
    owner: account.address,
    commitment: manifest.commitment as Hex,
    verifier,
    verifierCodeHash: keccak256(verifierCode),
    vk: key,
    vkCodeHash: keccak256(vkCode),
    licenceFee: options.licenceFee ?? 0n,
    latentLength: BigInt(manifest.latent.length),
    kind: manifest.palette.length === 0 ? 1 : 0,
    width: BigInt(manifest.image.width),
    height: BigInt(manifest.image.height),
    scale: BigInt(manifest.image.scale),
    palette: bytesToHex(concatBytes(...manifest.palette.map((c) => hexToBytes(`0x${c.slice(1)}`)))),
    cardUri: options.cardUri ?? '',
  };
  const registry = { address: book.registry, abi: modelRegistryAbi } as const;
  const modelId = await attempt('name the model', () => reader.readContract({ ...registry, functionName: 'idOf', args: [record] }));
  const known = await reader.readContract({ ...registry, functionName: 'recordOf', args: [modelId] }).catch(() => undefined);
  if (known === undefined) {
    await attempt('register the model', async () =>
      succeeded(connection, await wallet.writeContract({ ...registry, functionName: 'register', args: [record] })),
    );
  }
  const registered: RegisteredModel = {
    name: manifest.name,
    commitment: record.commitment,
    objective,
    verifier,
    verifierBytes: (verifierCode.length - 2) / 2,
    vk: key,
    vkBytes: (vkCode.length - 2) / 2,
    vkCodeHash: record.vkCodeHash,
  };
  const written = { ...book, models: { ...book.models, [modelId]: registered } };
  await writeBook(written);
  return { book: written, modelId, registered };
}

/** Deploys a collection of a registered model that belongs to the signing account; one with the same terms is found again. */
async function deployCollection(connection: Connection, book: AddressBook, modelId: Hex, options: CollectionOptions): Promise<Hex> {
  const { reader, wallet, account, chainId } = connection;
  const terms = {
    name: options.name,
    symbol: options.symbol,
    modelId,
    imageMode: options.images === 'hash' ? 1 : 0,
    maxSupply: options.maxSupply ?? 10_000,
    claimDelay: options.claimDelay ?? (isLocal(chainId) ? CLAIM_DELAY.local : CLAIM_DELAY.public),
  };
  const settings = {
    sale: { price: options.price ?? 0n, start: options.start ?? 0, end: options.end ?? 0, walletLimit: options.walletLimit ?? 0 },
    allowlistRoot: options.allowlistRoot ?? zeroHash,
    royaltyBps: BigInt(options.royaltyBps ?? 0),
    imageBase: options.imageBase ?? '',
    contractUri: options.contractUri ?? '',
  };
  const factory = { address: book.factory, abi: collectionFactoryAbi } as const;
  const address = await attempt('name the collection', () =>
    reader.readContract({ ...factory, functionName: 'predict', args: [account.address, zeroHash, terms] }),
  );
  if (!(await hasCode(connection, address))) {
    await attempt('deploy the collection', async () =>
      succeeded(connection, await wallet.writeContract({ ...factory, functionName: 'create', args: [zeroHash, terms, settings] })),
    );
  }
  const others = book.collections.filter((c) => c.address !== address);
  await writeBook({ ...book, collections: [...others, { address, name: options.name, modelId }] });
  return address;
}

/** Renderer, factory and registry: those of the address book if they are on the chain, otherwise new ones. */
async function deployPlatform(connection: Connection, { protocol, protocolBps }: ModelOptions): Promise<AddressBook> {
  const { chainId, reader, account } = connection;
  const recorded = await readBook(chainId);
  if (recorded && (await hasCode(connection, recorded.factory))) return recorded;
  const block = Number(await attempt('name its last block', () => reader.getBlockNumber()));
  const contracts = compileContracts();
  const creation = (name: string, args: readonly unknown[]): Hex => {
    const contract = contracts[name];
    if (!contract) throw new BaseError({ code: 'verifier/solidity-error', message: `Expected contracts/src to hold ${name}.` });
    return encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode, args });
  };
  const renderer = await place(connection, 'the renderer', creation('TokenRenderer', []));
  const factoryCode = creation('CollectionFactory', [protocol ?? account.address, BigInt(protocolBps ?? 0), renderer]);
  // Of a platform that was there before its address book, the beginning is not known.
  const since = (await hasCode(connection, addressOf(factoryCode))) ? {} : { block };
  const factory = await place(connection, 'registry and factory', factoryCode);
  const registry = await reader.readContract({ address: factory, abi: collectionFactoryAbi, functionName: 'registry' });
  // A local chain that was started anew keeps its id: what was recorded about the old one is gone.
  return { format: 'pentimento-addresses', version: 1, chainId, ...since, factory, registry, renderer, models: {}, collections: [] };
}

/** Where the proxy deploys this creation code. */
const addressOf = (creationCode: Hex): Hex => getContractAddress({ opcode: 'CREATE2', from: DEPLOYER, salt: zeroHash, bytecode: creationCode });

/** The address of this creation code, deployed unless it is there. */
async function place(connection: Connection, what: string, creationCode: Hex): Promise<Hex> {
  const address = addressOf(creationCode);
  if (await hasCode(connection, address)) return address;
  if (!(await hasCode(connection, DEPLOYER))) {
    throw new BaseError({
      code: 'chain/no-deployer',
      message: `Expected the deterministic deployment proxy at ${DEPLOYER} on chain ${connection.chainId}, but there is no code.`,
    });
  }
  const data: Hex = `${zeroHash}${creationCode.slice(2)}`;
  await attempt(`deploy ${what}`, async () => succeeded(connection, await connection.wallet.sendTransaction({ to: DEPLOYER, data })));
  return address;
}

async function codeOf({ reader }: Connection, address: Hex): Promise<Hex> {
  return (await attempt('read code', () => reader.getCode({ address }))) ?? '0x';
}

async function hasCode(connection: Connection, address: Hex): Promise<boolean> {
  return (await codeOf(connection, address)) !== '0x';
}

/** A development SRS proves nothing to strangers: refused on every chain that is not local. */
function assertSrsAllowed(vk: VkDescriptor, chainId: number): void {
  if (vk.srs.insecure && !isLocal(chainId)) {
    throw new BaseError({
      code: 'chain/insecure-srs',
      message: `Expected a ceremony's SRS for chain ${chainId}, got the insecure development SRS, which only local chains may use.`,
    });
  }
}
