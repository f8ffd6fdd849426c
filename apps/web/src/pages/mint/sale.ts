/** Whether a painting can be minted now, before anything is signed: the sale as the chain tells it, and what stands in the way. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import type { PublicClient } from 'viem';
import { zeroAddress } from 'viem';
import { collectionName } from '../../services/check.ts';

export interface Sale {
  readonly name: string;
  /** Of the model that it takes paintings of. */
  readonly modelCommitment: Hex;
  /** Wei. */
  readonly price: bigint;
  readonly licenceFee: bigint;
  readonly mintCost: bigint;
  /** Seconds since 1970; 0 for no end. */
  readonly start: number;
  readonly end: number;
  readonly paused: boolean;
  readonly minted: number;
  readonly maxSupply: number;
  readonly claimDelay: number;
  /** 0 for no limit. */
  readonly walletLimit: number;
  readonly mintedByAccount: number;
  /** Of the accounts that may mint; undefined when everybody may. */
  readonly allowlistRoot: Hex | undefined;
  /** Of the painting; undefined while nobody has minted it. */
  readonly tokenOwner: Hex | undefined;
  /** Wei of the account; undefined without one. */
  readonly balance: bigint | undefined;
  /** Time of the block that would be mined now, in seconds. */
  readonly now: number;
}

export async function readSale(reader: PublicClient, collection: Hex, tokenId: bigint, account: Hex | undefined): Promise<Sale> {
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  const [terms, sale, model, mintCost, paused, minted, root, mintedBy, tokenOwner, balance, block] = await Promise.all([
    reader.readContract({ ...contract, functionName: 'terms' }),
    reader.readContract({ ...contract, functionName: 'sale' }),
    reader.readContract({ ...contract, functionName: 'model' }),
    reader.readContract({ ...contract, functionName: 'mintCost' }),
    reader.readContract({ ...contract, functionName: 'paused' }),
    reader.readContract({ ...contract, functionName: 'minted' }),
    reader.readContract({ ...contract, functionName: 'allowlistRoot' }),
    reader.readContract({ ...contract, functionName: 'mintedBy', args: [account ?? zeroAddress] }),
    reader.readContract({ ...contract, functionName: 'ownerOf', args: [tokenId] }).catch(() => undefined),
    account === undefined ? undefined : reader.getBalance({ address: account }),
    reader.getBlock({ blockTag: 'pending' }),
  ]);
  const { price, start, end, walletLimit } = sale;
  return {
    name: collectionName(terms.name, 'the chain'),
    modelCommitment: model.commitment,
    price,
    licenceFee: model.licenceFee,
    mintCost,
    start: Number(start),
    end: Number(end),
    paused,
    minted: Number(minted),
    maxSupply: terms.maxSupply,
    claimDelay: terms.claimDelay,
    walletLimit,
    mintedByAccount: Number(mintedBy),
    allowlistRoot: BigInt(root) === 0n ? undefined : root,
    tokenOwner,
    balance,
    now: Number(block.timestamp),
  };
}

/** What stands in the way; `temporary` when waiting helps. */
export interface Obstacle {
  readonly code: 'other-model' | 'taken' | 'sold-out' | 'paused' | 'not-open' | 'closed' | 'limit' | 'funds';
  readonly title: string;
  readonly sentence: string;
  readonly temporary: boolean;
}

/** The first of them, weightiest first; undefined when nothing does. The painting is one of the model `painter`; `time` says a date in words. */
export function obstacleOf(sale: Sale, painter: Hex, time: (seconds: number) => string): Obstacle | undefined {
  const { minted, maxSupply, paused, now, start, end, walletLimit, mintedByAccount, balance, mintCost, tokenOwner } = sale;
  if (sale.modelCommitment !== painter) {
    const sentence = 'On chain, this collection takes paintings of another model than the one that painted this. Another collection may take it.';
    return { code: 'other-model', title: 'Another model', sentence, temporary: false };
  }
  if (tokenOwner !== undefined) {
    return {
      code: 'taken',
      title: 'Already minted',
      sentence: 'Someone has minted exactly this painting. A small change makes another one.',
      temporary: false,
    };
  }
  if (minted >= maxSupply) {
    return {
      code: 'sold-out',
      title: 'Sold out',
      sentence: `All ${maxSupply} paintings of this collection have been minted. Another collection may have room.`,
      temporary: false,
    };
  }
  if (end > 0 && now >= end) {
    return { code: 'closed', title: 'Sale ended', sentence: `The sale ended on ${time(end)}. Another collection may be open.`, temporary: false };
  }
  if (walletLimit > 0 && mintedByAccount >= walletLimit) {
    const sentence = `This account has used all its ${walletLimit} ${walletLimit === 1 ? 'mint' : 'mints'} here. Another account may go on.`;
    return { code: 'limit', title: 'Limit reached', sentence, temporary: false };
  }
  if (now < start)
    return {
      code: 'not-open',
      title: 'Not open yet',
      sentence: `The sale opens on ${time(start)}. You can claim and prove before.`,
      temporary: true,
    };
  if (paused)
    return {
      code: 'paused',
      title: 'Paused',
      sentence: 'The owner has paused minting. Your claim and proof are kept; this page sees when it goes on.',
      temporary: true,
    };
  if (balance !== undefined && balance < mintCost) {
    return {
      code: 'funds',
      title: 'Not enough funds',
      sentence: 'Your account holds less than the mint costs. Add funds, or use another account.',
      temporary: true,
    };
  }
  return undefined;
}
