/** What owners of models and collections see and may do. */
import { modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import { type TransactionReceipt, zeroHash } from 'viem';
import { attempt, type Connection, succeeded } from './connection.ts';

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
  const read = <Name extends 'owner' | 'pendingOwner' | 'contractURI' | 'sale' | 'minted' | 'totalSupply' | 'paused' | 'mintCost' | 'allowlistRoot'>(
    functionName: Name,
  ) => reader.readContract({ ...contract, functionName });
  return attempt('show the collection', async () => ({
    ...(await reader.readContract({ ...contract, functionName: 'terms' })),
    owner: await read('owner'),
    pendingOwner: await read('pendingOwner'),
    sale: await read('sale'),
    minted: Number(await read('minted')),
    totalSupply: Number(await read('totalSupply')),
    paused: await read('paused'),
    mintCost: await read('mintCost'),
    allowlistRoot: await read('allowlistRoot'),
    royalty: await royaltyOf(reader, collection),
    contractUri: await read('contractURI'),
    proceeds: await reader.getBalance({ address: collection }),
  }));
}

const BASIS_POINTS = 10_000n;

/** The present royalty of a collection (ERC-2981), in hundredths of a percent. */
export async function royaltyOf(reader: Connection['reader'], collection: Hex): Promise<{ receiver: Hex; bps: number }> {
  const call = { address: collection, abi: pentimentoCollectionAbi, functionName: 'royaltyInfo', args: [0n, BASIS_POINTS] } as const;
  const [receiver, bps] = await reader.readContract(call);
  return { receiver, bps: Number(bps) };
}

/** A collection's sale; times in Unix seconds, 0 for none. */
export interface Sale {
  /** Wei, without the licence fee. */
  readonly price: bigint;
  readonly start: number;
  readonly end: number;
  /** 0 for any number. */
  readonly walletLimit: number;
}

/** What a collection's owner may do; `withdraw` anyone may call, the owner is paid. `accept` is for whom a transfer named. */
export type OwnerAction =
  | { readonly action: 'pause' | 'unpause' | 'withdraw' | 'acceptOwnership' }
  /** What is left out stays as it is. */
  | { readonly action: 'setSale'; readonly sale: Partial<Sale> }
  /** A Merkle root; undefined lets everybody mint. */
  | { readonly action: 'setAllowlist'; readonly root: Hex | undefined }
  | { readonly action: 'setRoyalty'; readonly receiver: Hex; readonly bps: number }
  | { readonly action: 'setContractURI' | 'setImageBase'; readonly uri: string }
  | { readonly action: 'transferOwnership'; readonly to: Hex };

/** Sends one action. Throws `chain/refused` with the contract's sentence. */
export function ownerAction(connection: Connection, collection: Hex, action: OwnerAction): Promise<TransactionReceipt> {
  const { reader, wallet } = connection;
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  const send = async (): Promise<Hex> => {
    switch (action.action) {
      case 'setSale': {
        const sale = await reader.readContract({ ...contract, functionName: 'sale' });
        return wallet.writeContract({ ...contract, functionName: 'setSale', args: [{ ...sale, ...action.sale }] });
      }
      case 'setAllowlist':
        return wallet.writeContract({ ...contract, functionName: 'setAllowlist', args: [action.root ?? zeroHash] });
      case 'setRoyalty':
        return wallet.writeContract({ ...contract, functionName: 'setRoyalty', args: [action.receiver, BigInt(action.bps)] });
      case 'setContractURI':
      case 'setImageBase':
        return wallet.writeContract({ ...contract, functionName: action.action, args: [action.uri] });
      case 'transferOwnership':
        return wallet.writeContract({ ...contract, functionName: 'transferOwnership', args: [action.to] });
      default:
        return wallet.writeContract({ ...contract, functionName: action.action });
    }
  };
  return attempt(action.action, async () => succeeded(connection, await send()));
}
