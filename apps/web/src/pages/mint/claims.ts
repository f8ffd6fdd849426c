/** Claiming on chain: the commitment hides what is claimed, so the salt is random and stays in this browser. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { bytesToHex, type Hex } from '@pentimento/core';
import type { Config as WagmiConfig } from 'wagmi';
import { tokenIdOf } from '../../picture/token-id.ts';
import { readerOf, signerOf, succeeded } from '../../wallet/transact.ts';
import type { MintRecord } from './record.ts';

export const newSalt = (): Hex => bytesToHex(crypto.getRandomValues(new Uint8Array(32)));

export interface LivingClaim {
  readonly mintableFrom: number;
}

const contractOf = (record: MintRecord) => ({ address: record.collection, abi: pentimentoCollectionAbi }) as const;

function commitmentOf(wagmi: WagmiConfig, record: MintRecord, creator: Hex, salt: Hex): Promise<Hex> {
  return readerOf(wagmi).readContract({ ...contractOf(record), functionName: 'commitmentOf', args: [BigInt(tokenIdOf(record)), creator, salt] });
}

/** The record's claim if it is on chain and has not expired; undefined otherwise. */
export async function findClaim(wagmi: WagmiConfig, record: MintRecord): Promise<LivingClaim | undefined> {
  if (record.creator === null || record.salt === null) return undefined;
  const reader = readerOf(wagmi);
  const contract = contractOf(record);
  const commitment = await commitmentOf(wagmi, record, record.creator, record.salt);
  const [since, lifetime, terms, block] = await Promise.all([
    reader.readContract({ ...contract, functionName: 'claimedAt', args: [record.creator, commitment] }),
    reader.readContract({ ...contract, functionName: 'CLAIM_LIFETIME' }),
    reader.readContract({ ...contract, functionName: 'terms' }),
    reader.getBlock({ blockTag: 'pending' }),
  ]);
  if (since === 0n || block.timestamp > since + lifetime) return undefined;
  return { mintableFrom: Number(since) + terms.claimDelay };
}

/** Gas of a claim and its cost in wei at the present price. */
export async function estimateClaim(wagmi: WagmiConfig, record: MintRecord, account: Hex): Promise<{ gas: bigint; cost: bigint }> {
  const reader = readerOf(wagmi);
  const commitment = await commitmentOf(wagmi, record, account, newSalt());
  const [gas, price] = await Promise.all([
    reader.estimateContractGas({ ...contractOf(record), functionName: 'claim', args: [commitment], account }),
    reader.getGasPrice(),
  ]);
  return { gas, cost: gas * price };
}

/** Asks the wallet, waits for the block, and returns the claim with its gas. The record must hold creator and salt already. */
export async function sendClaim(wagmi: WagmiConfig, record: MintRecord, creator: Hex, salt: Hex): Promise<LivingClaim & { gas: string }> {
  const commitment = await commitmentOf(wagmi, record, creator, salt);
  const call = { ...contractOf(record), functionName: 'claim', args: [commitment], account: creator } as const;
  await readerOf(wagmi).simulateContract(call);
  const signer = await signerOf(wagmi);
  const { gasUsed } = await succeeded(wagmi, await signer.writeContract({ ...call, chain: signer.chain ?? null }));
  const claim = await findClaim(wagmi, { ...record, creator, salt });
  if (claim === undefined) throw new Error('The chain took the claim, and shows none. Try again in a moment.');
  return { ...claim, gas: String(gasUsed) };
}
