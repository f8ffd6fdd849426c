/** What owners of models and collections see and may do. */
import { modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import type { TransactionReceipt } from 'viem';
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
