/** One call of an owner: tried first, then signed, then waited for. */
import { modelRegistryAbi, pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import { useMutation } from '@tanstack/react-query';
import type { Abi } from 'viem';
import { useConfig as useWagmiConfig } from 'wagmi';
import { readerOf, signerOf, succeeded } from '../../wallet/transact.ts';

export interface OwnerCall {
  readonly address: Hex;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

export const pauseCall = (address: Hex, pause: boolean): OwnerCall => ({
  ...{ address, abi: pentimentoCollectionAbi as Abi, functionName: pause ? 'pause' : 'unpause', args: [] },
});

export const withdrawCall = (address: Hex): OwnerCall => ({ address, abi: pentimentoCollectionAbi as Abi, functionName: 'withdraw', args: [] });

export const withdrawFeesCall = (registry: Hex, account: Hex): OwnerCall => ({
  ...{ address: registry, abi: modelRegistryAbi as Abi, functionName: 'withdraw', args: [account] },
});

export interface SaleSettings {
  /** Wei. */
  readonly price: bigint;
  /** Seconds since 1970; 0 for no limit. */
  readonly start: number;
  readonly end: number;
  readonly walletLimit: number;
}

export const saleCall = (address: Hex, settings: SaleSettings): OwnerCall => ({
  ...{ address, abi: pentimentoCollectionAbi as Abi, functionName: 'setSale', args: [settings] },
});

/** Calls `onDone` when the chain has it; the indexer follows a moment later. */
export function useOwnerCall(account: Hex | undefined, onDone: () => void) {
  const wagmi = useWagmiConfig();
  return useMutation({
    mutationFn: async (call: OwnerCall) => {
      if (account === undefined) throw new RangeError('Expected a connected account.');
      await readerOf(wagmi).simulateContract({ ...call, account });
      const signer = await signerOf(wagmi);
      await succeeded(wagmi, await signer.writeContract({ ...call, account, chain: signer.chain ?? null }));
    },
    onSuccess: () => {
      onDone();
      setTimeout(onDone, INDEXER_MS);
    },
  });
}

const INDEXER_MS = 1500;
