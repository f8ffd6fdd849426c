/** The mint itself: tried without signing first, so that a refusal costs nothing, then sent with a bound on its gas. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { type Bundle, type Hex, mintArguments } from '@pentimento/core';
import type { Config as WagmiConfig } from 'wagmi';
import { readerOf, signerOf, succeeded } from '../../wallet/transact.ts';
import type { MintRecord } from './record.ts';

/** What the visitor was shown and agrees to. */
export interface Offer {
  /** Wei, price and licence fee: this is signed, whatever the chain asks for by then. */
  readonly value: bigint;
  readonly allowlistProof: readonly Hex[];
}

export interface MintPlan {
  /** Limit of the transaction's gas: the estimate and a fifth. */
  readonly gasLimit: bigint;
  /** Wei, at the present price of gas. */
  readonly gasCost: bigint;
}

function callOf(record: MintRecord, { value, allowlistProof }: Offer) {
  const { bundle, salt, creator } = record;
  if (bundle === null || salt === null || creator === null) throw new RangeError('Expected a mint with claim and proof.');
  const [prompt, aigcData, proof] = mintArguments(bundle);
  return {
    address: record.collection,
    abi: pentimentoCollectionAbi,
    functionName: 'mint',
    args: [{ prompt, aigcData, proof, salt, allowlistProof }],
    account: creator,
    value,
  } as const;
}

/** The gas of the mint. Throws the contract's error when it would be refused, `WrongPayment` when the offer is not its price. */
export async function planMint(wagmi: WagmiConfig, record: MintRecord, offer: Offer): Promise<MintPlan> {
  const reader = readerOf(wagmi);
  const call = { ...callOf(record, offer), blockTag: 'pending' } as const;
  await reader.simulateContract(call);
  const [gas, price] = await Promise.all([reader.estimateContractGas(call), reader.getGasPrice()]);
  const gasLimit = (gas * 6n) / 5n;
  return { gasLimit, gasCost: gasLimit * price };
}

/** Asks the wallet; the hash as soon as it was sent. */
export async function sendMint(wagmi: WagmiConfig, record: MintRecord, offer: Offer): Promise<Hex> {
  const { gasLimit } = await planMint(wagmi, record, offer);
  const signer = await signerOf(wagmi);
  return signer.writeContract({ ...callOf(record, offer), gas: gasLimit, chain: signer.chain ?? null });
}

/** Waits for the block. */
export async function finishMint(wagmi: WagmiConfig, transaction: Hex): Promise<{ transaction: Hex; paid: string; gas: string }> {
  const receipt = await succeeded(wagmi, transaction);
  const { value } = await readerOf(wagmi).getTransaction({ hash: receipt.transactionHash });
  return { transaction: receipt.transactionHash, paid: String(value), gas: String(receipt.gasUsed) };
}

/** The collection's own `verify`, without a transaction. */
export function verifyOnChain(wagmi: WagmiConfig, bundle: Bundle): Promise<boolean> {
  const call = { address: bundle.collection, abi: pentimentoCollectionAbi, functionName: 'verify', args: mintArguments(bundle) } as const;
  return readerOf(wagmi).readContract(call);
}
