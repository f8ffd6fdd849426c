/** The proof bundle of a minted token, put together from what the chain has. */
import { type Bundle, type Hex, type Objective, parseBundle } from '@pentimento/core';
import type { Collection, Token } from '../../services/indexer.ts';

interface Origin {
  readonly token: Token;
  readonly collection: Pick<Collection, 'address' | 'modelCommitment'>;
  readonly kind: 'palette' | 'rgb';
  readonly chainId: number;
  readonly model: string;
  readonly objective: Objective;
  readonly srs: string;
}

/** Throws `bundle/*` when a part is missing. */
export function bundleOf({ token, collection, kind, chainId, model, objective, srs }: Origin): Bundle {
  const picture: Hex | null = token.picture;
  const value = {
    format: 'pentimento-bundle',
    version: 1,
    ...{ model, modelCommitment: collection.modelCommitment, objective, srs, latent: token.latent },
    ...(kind === 'rgb' ? { image: picture ?? undefined } : { index: picture ?? undefined }),
    ...{ pose: token.pose, chainId: String(chainId), collection: collection.address, creator: token.creator, proof: token.proof ?? undefined },
  };
  return parseBundle(JSON.stringify(value), `token ${token.tokenId}`);
}
