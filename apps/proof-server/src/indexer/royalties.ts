/** Royalties of collections, asked of the chain because ERC-2981 has no event for a change; the last answer serves while the node is down. */
import type { Hex } from '@pentimento/core';
import type { Node } from './node.ts';

export type Royalties = (collections: readonly Hex[]) => Promise<ReadonlyMap<Hex, number>>;

const FRESH_MS = 3_000;

/** In hundredths of a percent; a collection that was never answered for is missing. */
export function createRoyalties(node: Pick<Node, 'royalty'>): Royalties {
  const known = new Map<Hex, { readonly bps: number; readonly until: number }>();
  return async (collections) => {
    const stale = collections.filter((address) => (known.get(address)?.until ?? 0) < Date.now());
    await Promise.all(
      stale.map(async (address) => {
        const bps = await node.royalty(address).catch(() => undefined);
        if (bps !== undefined) known.set(address, { bps, until: Date.now() + FRESH_MS });
      }),
    );
    return new Map([...known].map(([address, { bps }]) => [address, bps]));
  };
}
