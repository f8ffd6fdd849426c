/** What a visitor pastes for an allowlist becomes the branch that the contract asks for, or a sentence. */
import { buildAllowlist } from '@pentimento/contracts/allowlist';
import { concat, encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import { listingIn } from '../src/pages/mint/allowlist.ts';

const account = (i: number): Hex => `0x${i.toString(16).padStart(40, '0')}`;
const LIST = [1, 2, 3].map(account);
const ME = account(2);
const { root } = buildAllowlist(LIST);
const asked = { account: ME, root };

/** The contract's check, by hand: pairs in ascending order up to the root. */
function rootOf(branch: readonly Hex[], who: Hex): Hex {
  const leaf = keccak256(keccak256(encodeAbiParameters([{ type: 'address' }], [who])));
  return branch.reduce((node, sibling) => keccak256(concat(node < sibling ? [node, sibling] : [sibling, node])), leaf);
}

describe('the list', () => {
  it.each([
    ['one address a line', LIST.join('\n')],
    ['with remarks and empty lines', `# friends\n\n${LIST.join('  # somebody\n')}\n`],
    ['as JSON', JSON.stringify(LIST, null, 2)],
    ['in a row', LIST.join(', ')],
    ['in capitals', LIST.map((one) => `0x${one.slice(2).toUpperCase()}`).join('\n')],
  ])('gives the branch of the account: %s', (_, text) => {
    const { branch, problem } = listingIn(text, asked);
    expect(problem).toBeUndefined();
    expect(rootOf(branch ?? [], ME)).toBe(root);
  });

  it('gives the empty branch to the only account', () => {
    expect(listingIn(ME, { account: ME, root: buildAllowlist([ME]).root })).toEqual({ branch: [], problem: undefined });
  });

  it.each([
    ['another list', LIST.slice(1).join('\n'), "Expected the collection's present allowlist, but this is another list."],
    [
      'a cut address',
      LIST.join('\n').slice(0, -1),
      `Expected addresses of 0x and 40 digits, or a proof of 0x and 64 digits each, got ${account(0).slice(0, -1)}`,
    ],
    ['a sentence', 'I am on it', 'got I.'],
    ['a proof with an address', `0x${'11'.repeat(32)}\n${ME}`, `got 0x${'11'.repeat(29)}`],
  ])('is refused with a sentence: %s', (_, text, sentence) => {
    const { branch, problem } = listingIn(text, asked);
    expect(branch).toBeUndefined();
    expect(problem).toContain(sentence);
  });

  it('says that the account is not on it', () => {
    expect(listingIn(LIST.join('\n'), { account: account(9), root }).problem).toBe(`Expected ${account(9)} on the list, but it is not there.`);
  });
});

describe('the branch alone', () => {
  const branch = buildAllowlist(LIST).branchOf(ME) ?? [];

  it.each([branch.join('\n'), JSON.stringify(branch), branch.join(' ')])('is taken as it is: %j', (text) => {
    expect(listingIn(text, asked)).toEqual({ branch, problem: undefined });
  });

  it('may be empty, as that of a single account, where something was written', () => {
    expect(listingIn('[]', asked).branch).toEqual([]);
    expect(listingIn('  \n', asked)).toEqual({ branch: undefined, problem: undefined });
  });
});
