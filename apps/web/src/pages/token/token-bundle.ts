/** The proof bundle of a minted token, put together from what the indexer tells of it and what its collection pins. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, type Bundle, type Hex, type Objective, parseBundle } from '@pentimento/core';
import type { Config as WagmiConfig } from 'wagmi';
import type { Token } from '../../services/indexer.ts';
import type { PinnedModel } from '../../services/pinned-model.ts';
import { readerOf } from '../../wallet/transact.ts';

interface Origin {
  readonly token: Token;
  readonly pinned: PinnedModel;
  readonly chainId: number;
  readonly model: string;
  readonly objective: Objective;
  readonly srs: string;
}

/** Throws `bundle/*` when a part is missing. */
export function bundleOf({ token, pinned, chainId, model, objective, srs }: Origin): Bundle {
  const picture: Hex | null = token.picture;
  const value = {
    format: 'pentimento-bundle',
    version: 1,
    ...{ model, modelCommitment: pinned.commitment, objective, srs, latent: token.latent },
    ...(pinned.form.kind === 'rgb' ? { image: picture ?? undefined } : { index: picture ?? undefined }),
    ...{ pose: token.pose, chainId: String(chainId), collection: token.collection, creator: token.creator, proof: token.proof ?? undefined },
  };
  return parseBundle(JSON.stringify(value), `token ${token.tokenId}`);
}

/**
 * Anybody can make a proof of a painting and name himself its creator: that this one was minted, and by whom, only the chain knows. Throws the
 * contract's error when there is no such token, and `service/unexpected-answer` when its creator is another one.
 */
export async function assertMinted(wagmi: WagmiConfig, { collection, tokenId, creator }: Token): Promise<void> {
  const contract = { address: collection as Hex, abi: pentimentoCollectionAbi } as const;
  const found = await readerOf(wagmi).readContract({ ...contract, functionName: 'creator', args: [BigInt(tokenId)] });
  if (found.toLowerCase() === creator.toLowerCase()) return;
  throw new BaseError({
    code: 'service/unexpected-answer',
    message: `Expected ${found} as the creator, as the chain says, but the indexer names ${creator}.`,
  });
}

/** Everything that a verification is about: when the indexer tells it anew and otherwise, a verdict does not hold any more. */
export const bytesKey = ({ collection, tokenId, creator, picture, proof }: Token): string => [collection, tokenId, creator, picture, proof].join();
