/** What a visitor brings for an allowlist: the list itself, from which the branch of the account is made here, or that branch alone. */
import { buildAllowlist, entriesOf } from '@pentimento/contracts/allowlist';
import type { Hex } from '@pentimento/core';

export interface Listing {
  /** Merkle branch for the contract; undefined when the text gives none. */
  readonly branch: readonly Hex[] | undefined;
  /** Why it gives none; undefined when nothing was written yet. */
  readonly problem: string | undefined;
}

interface Asked {
  readonly account: Hex;
  /** Of the tree of accounts that the collection holds. */
  readonly root: Hex;
}

/** A list in lines or as JSON. Whether a branch is this account's is left to the contract. */
export function listingIn(text: string, { account, root }: Asked): Listing {
  if (text.trim() === '') return { branch: undefined, problem: undefined };
  const entries = entriesOf(text.replace(/[[\]"',;]/g, '\n')).flatMap((line) => line.split(/\s+/));
  if (entries.every((entry) => /^0x[0-9a-f]{64}$/i.test(entry))) return { branch: entries as Hex[], problem: undefined };
  const wrong = entries.find((entry) => !/^0x[0-9a-f]{40}$/i.test(entry));
  if (wrong !== undefined) return none(`Expected addresses of 0x and 40 digits, or a proof of 0x and 64 digits each, got ${wrong.slice(0, 60)}.`);
  const list = buildAllowlist(entries as Hex[]);
  if (list.root !== root.toLowerCase()) return none("Expected the collection's present allowlist, but this is another list.");
  const branch = list.branchOf(account);
  return branch === undefined ? none(`Expected ${account} on the list, but it is not there.`) : { branch, problem: undefined };
}

const none = (problem: string): Listing => ({ branch: undefined, problem });
