/**
 * Merkle trees of the accounts that may mint, in the form that OpenZeppelin's MerkleProof checks: a leaf is the double keccak256 of the
 * ABI-encoded address, leaves are sorted, a pair is hashed in ascending order, and an odd node goes up as it is.
 */
import type { Hex } from '@pentimento/core';
import { concat, encodeAbiParameters, keccak256 } from 'viem';

export interface Allowlist {
  readonly root: Hex;
  /** The branch of an account, undefined when it is not on the list. */
  readonly branchOf: (account: Hex) => readonly Hex[] | undefined;
}

const leafOf = (account: Hex): Hex => keccak256(keccak256(encodeAbiParameters([{ type: 'address' }], [account])));
const pairOf = (a: Hex, b: Hex): Hex => keccak256(concat(a < b ? [a, b] : [b, a]));

/** @param accounts at least one */
export function buildAllowlist(accounts: readonly Hex[]): Allowlist {
  const leaves = [...new Set(accounts.map(leafOf))].sort();
  const levels: Hex[][] = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
      const [left, right] = [below[2 * i] as Hex, below[2 * i + 1]];
      return right === undefined ? left : pairOf(left, right);
    });
  }
  const branchOf = (account: Hex) => {
    const position = leaves.indexOf(leafOf(account));
    if (position < 0) return undefined;
    return levels.slice(0, -1).flatMap((level, depth) => {
      const sibling = level[(position >> depth) ^ 1];
      return sibling === undefined ? [] : [sibling];
    });
  };
  return { root: levels.at(-1)?.[0] as Hex, branchOf };
}

/** The entries of a list's text, one a line: blank lines and what follows `#` are no entries. */
export function entriesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '');
}
