/** What the address of the mint page says: the collection, and the statement by its token id. Anything malformed is left out. */
import type { Hex } from '@pentimento/core';

export interface MintSearch {
  readonly collection?: Hex;
  /** Decimal token id of the painting: its statement is kept under it. */
  readonly token?: string;
}

export function parseMintSearch(search: Record<string, unknown>): MintSearch {
  const collection = String(search.collection ?? '').toLowerCase();
  const token = String(search.token ?? '');
  return {
    ...(/^0x[0-9a-f]{40}$/.test(collection) ? { collection: collection as Hex } : {}),
    ...(/^[0-9]{1,78}$/.test(token) ? { token } : {}),
  };
}
