/** Reading the chain and sending transactions with viem; every failure keeps its cause for `sentenceOf`. */
import { BaseError, type Hex } from '@pentimento/core';
import type { PublicClient, TransactionReceipt, WalletClient } from 'viem';
import type { Config as WagmiConfig } from 'wagmi';
import { getPublicClient, getWalletClient } from 'wagmi/actions';

export function readerOf(wagmi: WagmiConfig): PublicClient {
  const client = getPublicClient(wagmi);
  if (client === undefined) throw new BaseError({ code: 'chain/unreachable', message: 'Expected a chain to read from, got none.', retryable: true });
  return client as PublicClient;
}

/** The connected wallet on the chain of this installation; throws wagmi's `ConnectorChainMismatchError` when it is on another one. */
export async function signerOf(wagmi: WagmiConfig): Promise<WalletClient> {
  return (await getWalletClient(wagmi, { chainId: wagmi.chains[0].id })) as WalletClient;
}

/** The receipt of a transaction that succeeded, of its replacement if the wallet sped it up; throws when it was reverted or cancelled. */
export async function succeeded(wagmi: WagmiConfig, hash: Hex): Promise<TransactionReceipt> {
  let cancelled = false;
  const receipt = await readerOf(wagmi).waitForTransactionReceipt({
    hash,
    onReplaced: ({ reason }) => {
      cancelled = reason !== 'repriced';
    },
  });
  if (cancelled)
    throw new BaseError({ code: 'chain/replaced', message: 'The transaction was cancelled or replaced in your wallet; nothing was done.' });
  if (receipt.status !== 'success') {
    throw new BaseError({ code: 'chain/refused', message: `Expected transaction ${hash} to succeed, but the contract reverted it.` });
  }
  return receipt;
}
