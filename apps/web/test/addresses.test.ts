/** What addresses of pages say, and what is left out. */
import { describe, expect, it } from 'vitest';
import { SEARCH } from '../src/addresses.ts';
import { accountOf, parseGallerySearch } from '../src/pages/collection/search.ts';
import { parseMintSearch } from '../src/pages/mint/search.ts';
import { parseStyleSearch } from '../src/pages/style/search.ts';
import { readDraft, writeDraft } from '../src/services/draft.ts';

const ACCOUNT = `0x${'Ab'.repeat(20)}`;

describe('parseGallerySearch', () => {
  it('keeps what is well formed, in lower case', () => {
    const search = { sort: 'oldest', creator: ACCOUNT, owner: 'me', search: ' 12 ', cursor: '10-3' };
    expect(parseGallerySearch(search)).toEqual({ sort: 'oldest', creator: ACCOUNT.toLowerCase(), owner: 'me', search: '12', cursor: '10-3' });
  });

  it('leaves out defaults and whatever else', () => {
    expect(parseGallerySearch({ sort: 'newest', creator: '0x12', owner: '<script>', search: '', cursor: 'a b', other: 1 })).toEqual({});
  });

  it('takes a number, as the router reads digits', () => {
    expect(parseGallerySearch({ search: 42 })).toEqual({ search: '42' });
  });
});

describe('accountOf', () => {
  it('is the connected account for `me`', () => {
    expect(accountOf('me', '0x1')).toBe('0x1');
    expect(accountOf('me', undefined)).toBeUndefined();
    expect(accountOf('0x2', '0x1')).toBe('0x2');
  });
});

describe('parseMintSearch', () => {
  it('keeps an address and a token id', () => {
    expect(parseMintSearch({ collection: ACCOUNT, token: '123' })).toEqual({ collection: ACCOUNT.toLowerCase(), token: '123' });
    expect(parseMintSearch({ collection: '0x12', token: '-1' })).toEqual({});
  });
});

describe('parseStyleSearch', () => {
  it('names a collection or a model', () => {
    expect(parseStyleSearch({ collection: ACCOUNT })).toEqual({ collection: ACCOUNT.toLowerCase() });
    expect(parseStyleSearch({ model: 'nouns-l64' })).toEqual({ model: 'nouns-l64' });
    expect(parseStyleSearch({ collection: '0x1', model: '../x' })).toEqual({});
  });
});

describe('an address', () => {
  it('carries every digit of a token and is read as it is written', () => {
    const search = { collection: ACCOUNT.toLowerCase(), token: String(2n ** 256n - 1n) };
    const written = SEARCH.stringifySearch(search);
    expect(written).toBe(`?collection=${search.collection}&token=${search.token}`);
    expect(parseMintSearch(SEARCH.parseSearch(written))).toEqual(search);
    expect(parseMintSearch(SEARCH.parseSearch('?token=7'))).toEqual({ token: '7' });
  });
});

describe('draft', () => {
  it('goes from page to page, and damaged ones are none', () => {
    let kept = '';
    const storage = {
      getItem: () => kept,
      setItem: (_: string, value: string) => {
        kept = value;
      },
    };
    const draft = { model: { name: 'nouns-s', commitment: '0x12' }, collection: null, latent: '0x0102', pose: 31, dial: 'faithful' } as const;
    writeDraft(storage, draft);
    expect(readDraft(storage)).toEqual(draft);
    kept = kept.replace('0x0102', 'latent');
    expect(readDraft(storage)).toBeUndefined();
  });
});
