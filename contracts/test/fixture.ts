/** A platform on a local chain: registry, factory and a verifier that accepts recorded statements, and the statements to record. */
import {
  aigcDataOf,
  concatBytes,
  encodePrompt,
  type Hex,
  bytesToHex as hexOf,
  hexToBytes,
  instancesOf,
  type RgbStatement,
  type Statement,
} from '@pentimento/core';
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  encodeAbiParameters,
  encodeDeployData,
  getAddress,
  getContract,
  keccak256,
} from 'viem';
import { expect } from 'vitest';
import { collectionFactoryAbi, modelRegistryAbi, pentimentoCollectionAbi } from '../abi/contracts.ts';
import { compileContracts } from '../build.ts';
import type { Anvil } from './anvil.ts';
import { compileTraced } from './lines/sources.ts';

/** As they are deployed, or as the line coverage needs them. */
export const compiled = process.env.PENTIMENTO_LINES === undefined ? compileContracts(['src', 'test']) : compileTraced();

export type Address = Hex;
export type Client = Anvil['client'];

/** 16 colours that all differ in every channel. */
export const palette = Uint8Array.from({ length: 48 }, (_, i) => (i % 3) * 80 + 5 * Math.floor(i / 3));

/** Code of the stand-in for a verifying key: any bytes, as the double does not read it. */
const VK_RUNTIME: Hex = '0x00c0ffee';

export async function deploy(client: Client, name: string, args: readonly unknown[] = []): Promise<Address> {
  const contract = compiled[name];
  if (!contract) throw new Error(`no contract ${name}`);
  const [account] = await client.getAddresses();
  const data = encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode, args });
  // A call first: it throws with the constructor's revert data, which a mined transaction does not have.
  await client.call({ account: account as Address, data });
  const hash = await client.sendTransaction({ account: account as Address, data, chain: null });
  const { contractAddress, status } = await client.waitForTransactionReceipt({ hash });
  if (status !== 'success' || !contractAddress) throw new Error(`${name} was not deployed`);
  return getAddress(contractAddress);
}

/** The contract that this creation code makes. */
export async function deployCode(client: Client, data: Hex): Promise<Address> {
  const [account] = await client.getAddresses();
  const { contractAddress } = await mined(client, client.sendTransaction({ account: account as Address, data, chain: null }));
  return getAddress(contractAddress as Address);
}

/** A contract whose code is `runtime`, as a verifying key is kept. */
function deployBytes(client: Client, runtime: Hex): Promise<Address> {
  const size = (runtime.length / 2 - 1).toString(16).padStart(2, '0');
  // PUSH1 size, DUP1, PUSH1 9, PUSH0, CODECOPY, PUSH0, RETURN, then the code.
  return deployCode(client, `0x60${size}8060095f395ff3${runtime.slice(2)}`);
}

export interface Model {
  readonly owner: Address;
  readonly commitment: Hex;
  readonly verifier: Address;
  readonly verifierCodeHash: Hex;
  readonly vk: Address;
  readonly vkCodeHash: Hex;
  readonly licenceFee: bigint;
  readonly latentLength: bigint;
  /** 0 palette, 1 RGB. */
  readonly kind: 0 | 1;
  readonly width: bigint;
  readonly height: bigint;
  readonly scale: bigint;
  readonly palette: Hex;
  readonly cardUri: string;
}

export interface Terms {
  readonly name: string;
  readonly symbol: string;
  readonly modelId: Hex;
  /** 0 on chain, 1 hash. */
  readonly imageMode: 0 | 1;
  readonly maxSupply: number;
  /** Seconds. */
  readonly claimDelay: number;
}

export interface Sale {
  readonly price: bigint;
  readonly start: number;
  readonly end: number;
  readonly walletLimit: number;
}

export interface Settings {
  readonly sale: Sale;
  readonly allowlistRoot: Hex;
  readonly royaltyBps: bigint;
  readonly imageBase: string;
  readonly contractUri: string;
}

const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;
export const NO_SALT: Hex = ZERO_WORD;
export const FREE_SALE: Sale = { price: 0n, start: 0, end: 0, walletLimit: 0 };
export const SETTINGS: Settings = { sale: FREE_SALE, allowlistRoot: ZERO_WORD, royaltyBps: 0n, imageBase: '', contractUri: '' };
/** Hundredths of a percent of a price. */
export const PROTOCOL_BPS = 250n;

export type Platform = Awaited<ReturnType<typeof deployPlatform>>;
export type Collection = ReturnType<typeof collectionAt>;

/** The first account deploys and owns models; the tenth is the protocol. */
export async function deployPlatform(client: Client) {
  const accounts = (await client.getAddresses()) as Address[];
  const [owner, protocol] = [accounts[0] as Address, accounts[9] as Address];
  const verifier = await deploy(client, 'RecordedVerifier');
  const renderer = await deploy(client, 'TokenRenderer');
  const factory = getContract({
    abi: collectionFactoryAbi,
    address: await deploy(client, 'CollectionFactory', [protocol, PROTOCOL_BPS, renderer]),
    client,
  });
  const registry = getContract({ abi: modelRegistryAbi, address: await factory.read.registry(), client });
  const model: Model = {
    owner,
    commitment: keccak256('0x01'),
    verifier,
    verifierCodeHash: await codeHash(client, verifier),
    vk: await deployBytes(client, VK_RUNTIME),
    vkCodeHash: keccak256(VK_RUNTIME),
    licenceFee: 0n,
    latentLength: 128n,
    kind: 0,
    width: 32n,
    height: 32n,
    scale: 2n,
    palette: hexOf(palette),
    cardUri: 'https://example.org/card',
  };
  return { client, accounts, owner, protocol, verifier, renderer, factory, registry, model };
}

export async function codeHash(client: Client, address: Address): Promise<Hex> {
  return keccak256((await client.getCode({ address })) ?? '0x');
}

/** Registers the platform's model with changes, unless it is registered, and returns its id. */
export async function registerModel({ client, registry, model }: Platform, change: Partial<Model> = {}): Promise<Hex> {
  const changed = { ...model, ...change };
  const id = await registry.read.idOf([changed]);
  if (await registry.read.recordOf([id]).catch(() => undefined)) return id;
  await registry.simulate.register([changed], { account: changed.owner });
  await mined(client, registry.write.register([changed], { account: changed.owner, chain: null }));
  return id;
}

export interface CollectionChange {
  readonly model?: Partial<Model>;
  readonly terms?: Partial<Terms>;
  readonly settings?: Partial<Settings>;
  readonly owner?: Address;
}

let collections = 0;

/** A new collection of the platform's model, free and open unless it is changed. */
export async function createCollection(platform: Platform, change: CollectionChange = {}): Promise<Collection> {
  const { client, factory } = platform;
  const modelId = await registerModel(platform, change.model);
  const terms: Terms = { name: 'Pentimento', symbol: 'PENT', modelId, imageMode: 0, maxSupply: 1000, claimDelay: 2, ...change.terms };
  const settings = { ...SETTINGS, ...change.settings };
  const salt: Hex = `0x${(++collections).toString(16).padStart(64, '0')}`;
  const account = change.owner ?? platform.owner;
  const { result } = await factory.simulate.create([salt, terms, settings], { account });
  await mined(client, factory.write.create([salt, terms, settings], { account, chain: null }));
  return collectionAt(client, result);
}

export function collectionAt(client: Client, address: Address) {
  return getContract({ abi: pentimentoCollectionAbi, address, client });
}

/** The receipt of a transaction that must succeed. */
export async function mined(client: Client, hash: Promise<Hex>) {
  const receipt = await client.waitForTransactionReceipt({ hash: await hash });
  expect(receipt.status).toBe('success');
  return receipt;
}

/** Lets the chain's clock go on, and mines a block at the new time. */
export async function pass(client: Client, seconds: number): Promise<void> {
  await client.increaseTime({ seconds });
  await client.mine({ blocks: 1 });
}

/** Claims a token for an account, without waiting until the claim is old enough. */
export async function claim(client: Client, collection: Collection, tokenId: bigint, account: Address, salt: Hex = NO_SALT) {
  const commitment = await collection.read.commitmentOf([tokenId, account, salt]);
  return mined(client, collection.write.claim([commitment], { account, chain: null }));
}

export function requestOf({ prompt, aigcData, proof }: Minting, salt: Hex = NO_SALT, allowlistProof: readonly Hex[] = []) {
  return { prompt, aigcData, proof, salt, allowlistProof };
}

/** Records the statement, claims, waits and mints. */
export async function mintAs(platform: Platform, collection: Collection, minting: Minting, account: Address, value = 0n) {
  const { client } = platform;
  await recordStatement(platform, minting);
  await claim(client, collection, minting.tokenId, account);
  await pass(client, (await collection.read.terms()).claimDelay);
  return mined(client, collection.write.mint([requestOf(minting)], { account, chain: null, value }));
}

/** Makes the verifier accept this statement and no other. */
export function recordStatement({ client, model, verifier }: Platform, minting: Minting): Promise<void> {
  return call(client, 'RecordedVerifier', verifier, 'record', [recordOf(model.vk, minting)]);
}

export interface StatementShape {
  readonly latentLength?: number;
  readonly width?: number;
  readonly height?: number;
}

/** A statement for a collection whose parts are random where they are not given. */
export function someMinting(
  below: (n: number) => number,
  collection: Collection,
  creator: Address,
  overrides: Partial<Statement> = {},
  { latentLength = 128, width = 32, height = 32 }: StatementShape = {},
): Minting {
  const statement: Statement = {
    latent: Uint8Array.from({ length: latentLength }, () => below(128)),
    index: flatImage(below, width, height, 40),
    pose: below(126),
    chainId: 31337n,
    collection: BigInt(collection.address),
    creator: BigInt(creator),
    ...overrides,
  };
  return mintingOf(
    statement,
    Uint8Array.from({ length: 96 }, () => below(256)),
  );
}

/** Name and arguments of the custom error that a call reverts with. */
export async function revertOf(promise: Promise<unknown>): Promise<{ name: string | undefined; args: readonly unknown[] }> {
  try {
    await promise;
  } catch (error) {
    const reverted = error instanceof BaseError ? error.walk((e) => e instanceof ContractFunctionRevertedError) : undefined;
    if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
    if (reverted.data) return { name: reverted.data.errorName, args: reverted.data.args ?? [] };
    // The error of a contract that was called on the way is not in the ABI of the one that was called first.
    const { errorName, args } = decodeErrorResult({ abi: [...pentimentoCollectionAbi, ...modelRegistryAbi], data: reverted.raw ?? '0x' });
    return { name: errorName, args: args ?? [] };
  }
  throw new Error('expected a revert, but the call passed');
}

export interface Minting {
  readonly statement: Statement | RgbStatement;
  readonly prompt: Hex;
  readonly aigcData: Hex;
  /** Envelope: creator, then `halo2Proof`. */
  readonly proof: Hex;
  readonly halo2Proof: Hex;
  readonly tokenId: bigint;
}

export function mintingOf(statement: Statement | RgbStatement, halo2Proof: Uint8Array): Minting {
  const prompt = hexOf(encodePrompt(statement.latent, statement.pose));
  const creator = hexToBytes(`0x${statement.creator.toString(16).padStart(40, '0')}`);
  return {
    statement,
    prompt,
    aigcData: hexOf(aigcDataOf(statement)),
    proof: hexOf(concatBytes(creator, halo2Proof)),
    halo2Proof: hexOf(halo2Proof),
    tokenId: BigInt(keccak256(prompt)),
  };
}

/** What the test double compares: the instances are those of packages/core, not of the contract under test. */
export function recordOf(vk: Address, { statement, halo2Proof }: Minting): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes' }, { type: 'uint256[]' }], [vk, halo2Proof, instancesOf(statement)]));
}

export async function call(client: Client, name: string, address: Address, functionName: string, args: readonly unknown[]): Promise<void> {
  const [account] = await client.getAddresses();
  const abi = compiled[name]?.abi as Abi;
  const { request } = await client.simulateContract({ abi, address, functionName, args, account: account as Address });
  const { status } = await client.waitForTransactionReceipt({ hash: await client.writeContract(request as Parameters<Client['writeContract']>[0]) });
  if (status !== 'success') throw new Error(`${name}.${functionName} reverted`);
}

/** Small seeded generator, so that every run tests the same values (mulberry32). */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** An image with plain areas, as a network trained on flat art paints: rectangles over a background. */
export function flatImage(below: (n: number) => number, width: number, height: number, rectangles: number): Uint8Array {
  const index = new Uint8Array(width * height).fill(below(16));
  for (let n = 0; n < rectangles; n++) {
    const colour = below(16);
    const [x0, y0] = [below(width), below(height)];
    const [x1, y1] = [Math.min(width, x0 + 1 + below(8)), Math.min(height, y0 + 1 + below(6))];
    for (let y = y0; y < y1; y++) index.fill(colour, y * width + x0, y * width + x1);
  }
  return index;
}
