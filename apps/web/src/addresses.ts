/** How what a page is about is written into its address: as plain text. Read as JSON, the digits of a token's id would lose their end. */
import type { Hex } from '@pentimento/core';
import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router';

export const SEARCH = { parseSearch: parseSearchWith((text) => text), stringifySearch: stringifySearchWith(String) };

/** The account or contract that a part of an address names, in lower case; undefined when it is malformed or absent. */
export function accountIn(part: unknown): Hex | undefined {
  const text = String(part ?? '')
    .trim()
    .toLowerCase();
  return /^0x[0-9a-f]{40}$/.test(text) ? (text as Hex) : undefined;
}
