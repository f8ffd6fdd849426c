/** The proof bundle of a minted token, put together from what the indexer tells of it and what its collection pins. */
import { type Bundle, type Hex, type Objective, parseBundle } from '@pentimento/core';
import type { Token } from '../../services/indexer.ts';
import type { PinnedModel } from '../../services/pinned-model.ts';

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
