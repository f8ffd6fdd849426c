/** Claiming, minting and reading tokens. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, type Bundle, bytesToHex, type Hex, mintArguments } from '@pentimento/core';
import { home, writeWhole } from '@pentimento/core/node';
import { encodeAbiParameters, keccak256 } from 'viem';
import { attempt, type Connection, succeeded } from './connection.ts';

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
