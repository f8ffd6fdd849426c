/** Every error that a contract can revert with has one plain sentence, and no sentence is without an error. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_SENTENCES, errorSentence } from '../errors.ts';
import { compiled } from './fixture.ts';

const sourceFolder = new URL('../src/', import.meta.url);
const sources = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sol'));

interface ErrorEntry {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly { readonly name: string }[];
}

/** From the compiler's ABIs, without the contracts of the tests. */
const errors = new Map(
  Object.values(compiled)
    .filter(({ source }) => source.startsWith('src/'))
    .flatMap(({ abi }) => abi as readonly ErrorEntry[])
    .filter(({ type }) => type === 'error')
    .map((entry) => [entry.name, entry.inputs.map((input) => input.name)] as const),
);

describe('the table of sentences', () => {
  test('names exactly the errors of the compiled contracts', () => {
    expect(Object.keys(ERROR_SENTENCES).sort()).toEqual([...errors.keys()].sort());
  });

  test('names every error that a source declares', () => {
    const declared = sources.flatMap((name) =>
      [...readFileSync(new URL(name, sourceFolder), 'utf8').matchAll(/^\s+error (\w+)\(/gm)].map((m) => m[1]),
    );
    expect(declared.length).toBeGreaterThan(40);
    for (const name of declared) expect(ERROR_SENTENCES, name).toHaveProperty(name as string);
  });

  test.each(Object.entries(ERROR_SENTENCES))('%s is one sentence about its own arguments', (name, sentence) => {
    expect(sentence).toMatch(/^Expected .*[^.]\.$/);
    for (const [, argument] of sentence.matchAll(/\{(\w+)\}/g)) expect(errors.get(name), argument).toContain(argument);
  });

  test('fills in the arguments', () => {
    expect(errorSentence('WrongPayment', [5n, 4n])).toBe('Expected a payment of exactly 5 wei, got 4.');
    expect(errorSentence('toString')).toBeUndefined();
  });
});
