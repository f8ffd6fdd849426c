/** Claiming, minting and reading with viem. Every failure of the node becomes one sentence with the code `chain/*`. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectionFactoryAbi, modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { errorSentence } from '@pentimento/contracts/errors';
import { aigcDataOf, BaseError, bytesToHex, encodePrompt, type Hex } from '@pentimento/core';
import {
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  decodeErrorResult,
  defineChain,
  encodeAbiParameters,
  http,
  keccak256,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
  BaseError as ViemError,
  type WalletClient,
} from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { type Bundle, statementOf } from './bundle.ts';
import { home, writeWhole } from './home.ts';

/** The mnemonic that every development node knows; never of any worth. */
const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';
const LOCAL_CHAINS = [31337, 1337];

export interface Connection {
  readonly url: string;
  readonly chainId: number;
  readonly account: Account;
  readonly reader: PublicClient;
  readonly wallet: WalletClient<Transport, Chain, Account>;
}

/** Whether a chain is one of the development nodes' own. */
export const isLocal = (chainId: number): boolean => LOCAL_CHAINS.includes(chainId);

/** Signs with PENTIMENTO_PRIVATE_KEY; on a local chain without one, with the development account. */
export async function connect(url: string): Promise<Connection> {
  const chainId = await createPublicClient({ transport: http(url, { retryCount: 1 }) })
    .getChainId()
    .catch((cause: Error) => {
      throw new BaseError({
        code: 'chain/unreachable',
        message: `Expected an Ethereum node to answer at ${url}, got no answer.`,
        cause,
        retryable: true,
      });
    });
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const account = accountFor(chainId);
  return {
    url,
    chainId,
    account,
    reader: createPublicClient({ chain, transport, pollingInterval: 100 }) as PublicClient,
    wallet: createWalletClient({ chain, transport, account, pollingInterval: 100 }),
  };
}

function accountFor(chainId: number): Account {
  const key = process.env.PENTIMENTO_PRIVATE_KEY;
  if (key !== undefined) {
    if (!/^0x[0-9a-fA-F]{64}$/.test(key))
      throw new BaseError({ code: 'cli/usage', message: 'Expected PENTIMENTO_PRIVATE_KEY to be 0x and 64 hexadecimal digits.' });
    return privateKeyToAccount(key as Hex);
  }
  if (isLocal(chainId)) return mnemonicToAccount(DEVELOPMENT_MNEMONIC);
  throw new BaseError({ code: 'cli/usage', message: `Expected PENTIMENTO_PRIVATE_KEY to be set for chain ${chainId}.` });
}

/** What the collection's functions take for a bundle. */
export function mintArguments(bundle: Bundle): readonly [prompt: Hex, aigcData: Hex, proof: Hex] {
  const statement = statementOf(bundle);
  const prompt = bytesToHex(encodePrompt(statement.latent, statement.pose));
  return [prompt, bytesToHex(aigcDataOf(statement)), `${bundle.creator}${bundle.proof.slice(2)}` as Hex];
}

export interface Claim {
  readonly tokenId: bigint;
  readonly salt: Hex;
  /** Chain time, in seconds, from which the token can be minted. */
  readonly mintableFrom: number;
  /** Gas of the claim; 0 when it had been made before. */
  readonly claimGas: bigint;
}

/** Claims the token of a prompt for the signing account, unless a claim of it is alive. */
export async function claim(connection: Connection, collection: Hex, prompt: Hex): Promise<Claim> {
  const { reader, wallet, account, chainId } = connection;
  const tokenId = BigInt(keccak256(prompt));
  const salt = await saltOf(chainId, collection, account.address, tokenId);
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  return attempt('claim the token', async () => {
    const commitment = await reader.readContract({ ...contract, functionName: 'commitmentOf', args: [tokenId, account.address, salt] });
    const claimedAt = () => reader.readContract({ ...contract, functionName: 'claimedAt', args: [account.address, commitment] });
    const lifetime = await reader.readContract({ ...contract, functionName: 'CLAIM_LIFETIME' });
    const { claimDelay } = await reader.readContract({ ...contract, functionName: 'terms' });
    let since = await claimedAt();
    let claimGas = 0n;
    if (since === 0n || (await now(connection)) > Number(since + lifetime)) {
      const hash = await wallet.writeContract({ ...contract, functionName: 'claim', args: [commitment] });
      claimGas = (await succeeded(connection, hash)).gasUsed;
      since = await claimedAt();
    }
    return { tokenId, salt, mintableFrom: Number(since) + claimDelay, claimGas };
  });
}

export interface Minted {
  readonly tokenId: bigint;
  readonly claimGas: bigint;
  readonly mintGas: bigint;
  /** Wei, without gas. */
  readonly paid: bigint;
  /** Part of it that is the model's licence fee. */
  readonly licenceFee: bigint;
  /** Wei paid for the mint's gas. */
  readonly gasCost: bigint;
  readonly transaction: Hex;
}

export interface MintOptions {
  /** Merkle branch of the creator, for a collection with an allowlist. */
  readonly allowlistProof?: readonly Hex[];
  /** Called before the wait for the claim, with its seconds. */
  readonly onWait?: (seconds: number) => void;
}

/** Claims if there is no claim, waits until it is old enough, and mints at the collection's present cost. */
export async function mint(connection: Connection, bundle: Bundle, { allowlistProof = [], onWait }: MintOptions = {}): Promise<Minted> {
  const { reader, wallet, account } = connection;
  if (BigInt(bundle.creator) !== BigInt(account.address)) {
    throw new BaseError({
      code: 'bundle/other-creator',
      message: `Expected to sign as ${bundle.creator}, for whom the proof was made, got ${account.address}.`,
    });
  }
  const [prompt, aigcData, proof] = mintArguments(bundle);
  const contract = { address: bundle.collection, abi: pentimentoCollectionAbi } as const;
  const taken = await attempt('read the token', () =>
    reader.readContract({ ...contract, functionName: 'ownerOf', args: [BigInt(keccak256(prompt))] }).catch(() => undefined),
  );
  // Nobody has to wait for a claim of a token that cannot be minted any more.
  const { tokenId, salt, mintableFrom, claimGas } = taken
    ? { tokenId: BigInt(keccak256(prompt)), salt: `0x${'00'.repeat(32)}` as Hex, mintableFrom: 0, claimGas: 0n }
    : await claim(connection, bundle.collection, prompt);
  const wait = mintableFrom - (await now(connection));
  if (wait > 0) onWait?.(wait);
  while ((await now(connection)) < mintableFrom) await sleep(250);
  return attempt('mint', async () => {
    const paid = await reader.readContract({ ...contract, functionName: 'mintCost' });
    const { licenceFee } = await reader.readContract({ ...contract, functionName: 'model' });
    const request = { prompt, aigcData, proof, salt, allowlistProof };
    const hash = await wallet.writeContract({ ...contract, functionName: 'mint', args: [request], value: paid });
    const { gasUsed, effectiveGasPrice } = await succeeded(connection, hash);
    return { tokenId, claimGas, mintGas: gasUsed, paid, licenceFee, gasCost: gasUsed * effectiveGasPrice, transaction: hash };
  });
}

/** Time of the block that would be mined now, in seconds. */
async function now({ reader }: Connection): Promise<number> {
  return Number((await reader.getBlock({ blockTag: 'pending' })).timestamp);
}

/**
 * The salt of a claim follows from a secret of this machine and from what is claimed, so a claim survives a restart without being
 * written down.
 */
async function saltOf(chainId: number, collection: Hex, claimer: Hex, tokenId: bigint): Promise<Hex> {
  const types = [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }, { type: 'address' }, { type: 'uint256' }] as const;
  return keccak256(encodeAbiParameters(types, [await claimSecret(), BigInt(chainId), collection, claimer, tokenId]));
}

async function claimSecret(): Promise<Hex> {
  const path = home('claim-secret');
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined && /^0x[0-9a-f]{64}$/.test(known)) return known as Hex;
  const secret = bytesToHex(randomBytes(32));
  await writeWhole(path, secret);
  return secret;
}

/** The receipt of a transaction; `chain/refused` when it was reverted. */
export async function succeeded({ reader }: Connection, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') {
    throw new BaseError({ code: 'chain/refused', message: `Expected transaction ${hash} to succeed, but it was reverted.` });
  }
  return receipt;
}

/** The ERC-7007 `verify` of the collection. */
export function verifyOnChain({ reader }: Connection, bundle: Bundle): Promise<boolean> {
  return attempt('ask the collection to verify', () =>
    reader.readContract({ address: bundle.collection, abi: pentimentoCollectionAbi, functionName: 'verify', args: mintArguments(bundle) }),
  );
}

const VERIFIER_ABI = [
  {
    type: 'function',
    name: 'verifyProof',
    stateMutability: 'view',
    inputs: [
      { name: 'vk', type: 'address' },
      { name: 'proof', type: 'bytes' },
      { name: 'instances', type: 'uint256[]' },
    ],
    outputs: [{ name: '', type: 'bool' }],
  },
] as const;

/** Gas of one whole transaction that verifies the proof, instances and calldata included. */
export async function verifyGas(
  { wallet, reader }: Connection,
  { verifier, vk }: { readonly verifier: Hex; readonly vk: Hex },
  bundle: Bundle,
  instances: readonly bigint[],
): Promise<bigint> {
  const call = { address: verifier, abi: VERIFIER_ABI, functionName: 'verifyProof', args: [vk, bundle.proof, instances] } as const;
  const hash = await attempt('verify in a transaction', () => wallet.writeContract(call as never));
  return (await reader.waitForTransactionReceipt({ hash })).gasUsed;
}

export async function showToken(
  { reader }: Connection,
  collection: Hex,
  tokenId: bigint,
): Promise<{ owner: Hex; tokenUri: string; aigcData: Hex; pose: number }> {
  const read = <T>(functionName: 'ownerOf' | 'tokenURI' | 'aigcData' | 'pose') =>
    attempt(`read token ${tokenId}`, () =>
      reader.readContract({ address: collection, abi: pentimentoCollectionAbi, functionName, args: [tokenId] }),
    ) as Promise<T>;
  return {
    owner: await read<Hex>('ownerOf'),
    tokenUri: await read<string>('tokenURI'),
    aigcData: await read<Hex>('aigcData'),
    pose: Number(await read<number>('pose')),
  };
}

/** A registered model, how often it was used, and what is owed to its owner in wei. */
export function showModel({ reader }: Connection, registry: Hex, modelId: Hex) {
  const contract = { address: registry, abi: modelRegistryAbi } as const;
  return attempt('show the model', async () => {
    const model = await reader.readContract({ ...contract, functionName: 'model', args: [modelId] });
    const uses = await reader.readContract({ ...contract, functionName: 'uses', args: [modelId] });
    const owed = await reader.readContract({ ...contract, functionName: 'owed', args: [model.owner] });
    return { ...model, uses: Number(uses), owed };
  });
}

/** Pays what the registry owes to an account; returns the wei. */
export function withdrawFees(connection: Connection, registry: Hex, account: Hex): Promise<bigint> {
  const contract = { address: registry, abi: modelRegistryAbi } as const;
  return attempt('pay out the fees', async () => {
    const owed = await connection.reader.readContract({ ...contract, functionName: 'owed', args: [account] });
    await succeeded(connection, await connection.wallet.writeContract({ ...contract, functionName: 'withdraw', args: [account] }));
    return owed;
  });
}

/** What a collection is and how its sale stands. */
export function showCollection({ reader }: Connection, collection: Hex) {
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  const read = <Name extends 'owner' | 'sale' | 'minted' | 'totalSupply' | 'paused' | 'mintCost' | 'allowlistRoot'>(functionName: Name) =>
    reader.readContract({ ...contract, functionName });
  return attempt('show the collection', async () => ({
    ...(await reader.readContract({ ...contract, functionName: 'terms' })),
    owner: await read('owner'),
    sale: await read('sale'),
    minted: Number(await read('minted')),
    totalSupply: Number(await read('totalSupply')),
    paused: await read('paused'),
    mintCost: await read('mintCost'),
    allowlistRoot: await read('allowlistRoot'),
    proceeds: await reader.getBalance({ address: collection }),
  }));
}

/** One of the rights of a collection's owner; `withdraw` anyone may call, the owner is paid. */
export function ownerAction(connection: Connection, collection: Hex, functionName: 'pause' | 'unpause' | 'withdraw'): Promise<TransactionReceipt> {
  const call = { address: collection, abi: pentimentoCollectionAbi, functionName } as const;
  return attempt(functionName, async () => succeeded(connection, await connection.wallet.writeContract(call)));
}

/** A refusal by a contract is the contract's own error in a sentence; anything else is the node's. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof BaseError) throw cause;
    const message = ((cause instanceof ViemError ? cause.shortMessage : (cause as Error).message).split('\n')[0] as string).replace(/\.$/, '');
    const error = contractError(cause);
    if (error) {
      const sentence = errorSentence(error.name, error.args) ?? '';
      throw new BaseError({ code: 'chain/refused', message: `The contract refused to ${what}: ${error.name}. ${sentence}`.trim(), cause });
    }
    if (/revert/i.test(message)) throw new BaseError({ code: 'chain/refused', message: `The contract refused to ${what}: ${message}.`, cause });
    throw new BaseError({ code: 'chain/failed', message: `Expected the node to ${what}, got: ${message}.`, cause });
  }
}

/** Name and arguments of the custom error behind a failure; also of an error of a contract that was called on the way. */
function contractError(cause: unknown): { name: string; args: readonly unknown[] } | undefined {
  if (!(cause instanceof ViemError)) return undefined;
  const decoded = cause.walk((e) => (e as { data?: { errorName?: string } }).data?.errorName !== undefined);
  if (decoded) {
    const { data } = decoded as unknown as { data: { errorName: string; args?: readonly unknown[] } };
    return { name: data.errorName, args: data.args ?? [] };
  }
  const raw = cause.walk((e) => /^0x[0-9a-f]{8}/.test(String((e as { data?: unknown }).data))) as { data?: Hex } | null;
  try {
    const abi = [...pentimentoCollectionAbi, ...collectionFactoryAbi, ...modelRegistryAbi];
    const { errorName, args } = decodeErrorResult({ abi, data: raw?.data ?? '0x' });
    return { name: errorName, args: args ?? [] };
  } catch {
    return undefined;
  }
}
