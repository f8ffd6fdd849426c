/** Deploys collections over the recorded-statement test double and makes statements for them. */
import { concatBytes, encodePrompt, type Hex, bytesToHex as hexOf, hexToBytes, instancesOf, packIndex, type Statement } from '@pentimento/core';
import { type Abi, encodeAbiParameters, encodeDeployData, getAddress, getContract, keccak256 } from 'viem';
import { pentimentoCollectionAbi } from '../abi/PentimentoCollection.ts';
import { compileContracts } from '../build.ts';
import type { Anvil } from './anvil.ts';

export const compiled = compileContracts(['src', 'test']);

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

/** A contract whose code is `runtime`, as a verifying key is kept. */
async function deployBytes(client: Client, runtime: Hex): Promise<Address> {
  const size = (runtime.length / 2 - 1).toString(16).padStart(2, '0');
  const [account] = await client.getAddresses();
  // PUSH1 size, DUP1, PUSH1 9, PUSH0, CODECOPY, PUSH0, RETURN, then the code.
  const hash = await client.sendTransaction({ account: account as Address, data: `0x60${size}8060095f395ff3${runtime.slice(2)}`, chain: null });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  return contractAddress as Address;
}

export interface Config {
  readonly name: string;
  readonly symbol: string;
  readonly verifier: Address;
  readonly vk: Address;
  readonly vkCodeHash: Hex;
  readonly modelCommitment: Hex;
  readonly latentLength: bigint;
  readonly width: bigint;
  readonly height: bigint;
  readonly scale: bigint;
  readonly palette: Hex;
}

export async function defaultConfig(client: Client, verifier: Address): Promise<Config> {
  return {
    name: 'Pentimento',
    symbol: 'PENT',
    verifier,
    vk: await deployBytes(client, VK_RUNTIME),
    vkCodeHash: keccak256(VK_RUNTIME),
    modelCommitment: keccak256('0x01'),
    latentLength: 128n,
    width: 32n,
    height: 32n,
    scale: 2n,
    palette: hexOf(palette),
  };
}

export function collectionAt(client: Client, address: Address) {
  return getContract({ abi: pentimentoCollectionAbi, address, client });
}

export async function deployCollection(client: Client, config: Config) {
  return collectionAt(client, await deploy(client, 'PentimentoCollection', [config]));
}

export interface Minting {
  readonly statement: Statement;
  readonly prompt: Hex;
  readonly aigcData: Hex;
  /** Envelope: creator, then `halo2Proof`. */
  readonly proof: Hex;
  readonly halo2Proof: Hex;
  readonly tokenId: bigint;
}

export function mintingOf(statement: Statement, halo2Proof: Uint8Array): Minting {
  const prompt = hexOf(encodePrompt(statement.latent, statement.pose));
  const creator = hexToBytes(`0x${statement.creator.toString(16).padStart(40, '0')}`);
  return {
    statement,
    prompt,
    aigcData: hexOf(packIndex(statement.index)),
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
