/** What the address of the mint page says: the collection, and the statement by its token id. Anything malformed is left out. */
import type { Hex } from '@pentimento/core';
import { accountIn } from '../../addresses.ts';

export interface MintSearch {
  readonly collection?: Hex;
  /** Decimal token id of the painting: its statement is kept under it. */
  readonly token?: string;
}

export function parseMintSearch(search: Record<string, unknown>): MintSearch {
  const collection = accountIn(search.collection);
  const token = String(search.token ?? '');
  return {
    ...(collection === undefined ? {} : { collection }),
    ...(/^[0-9]{1,78}$/.test(token) ? { token } : {}),
  };
}
