/** The mint under way: steps, what is thrown away when, and its keeping. */
import type { Bundle } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import {
  advance,
  isForeign,
  isProofOf,
  keyOf,
  listRecords,
  loadRecord,
  type MintEvent,
  type MintRecord,
  recordOf,
  saveRecord,
  stepOf,
} from '../src/pages/mint/record.ts';
import { tokenIdOf } from '../src/picture/token-id.ts';

const ALICE = `0x${'a1'.repeat(20)}` as const;
const BOB = `0x${'b0'.repeat(20)}` as const;
const COLLECTION = `0x${'c0'.repeat(20)}` as const;
const SALT = `0x${'55'.repeat(32)}` as const;
const TRANSACTION = `0x${'77'.repeat(32)}` as const;
const LATENT = `0x${'01'.repeat(128)}` as const;
const DRAFT = {
  model: { name: 'nouns-s', commitment: `0x${'ee'.repeat(32)}` },
  collection: COLLECTION,
  latent: LATENT,
  pose: 31,
  dial: null,
} as const;
const BUNDLE: Bundle = {
  ...{
    format: 'pentimento-bundle',
    version: 1,
    model: 'nouns-s',
    modelCommitment: DRAFT.model.commitment,
    objective: 'fast',
    srs: 'insecure-development',
  },
  ...{ latent: LATENT, index: '0x00', pose: 31, chainId: '31337', collection: COLLECTION, creator: ALICE, proof: '0x01' },
};
const AT_HOME = { account: ALICE, rightNetwork: true };

const after = (...events: readonly MintEvent[]): MintRecord => events.reduce(advance, recordOf(DRAFT, 31337));
const CLAIMED: readonly MintEvent[] = [
  { type: 'claiming', creator: ALICE, salt: SALT },
  { type: 'claimed', mintableFrom: 100, gas: '48000' },
];
const PROVEN: readonly MintEvent[] = [...CLAIMED, { type: 'proof-submitted', id: 'p1' }, { type: 'proven', bundle: BUNDLE }];
const CHECKED: readonly MintEvent[] = [...PROVEN, { type: 'checked', verifyMs: 60, srs: 'insecure-development' }];

class MemoryStorage {
  readonly #values = new Map<string, string>();
  get length() {
    return this.#values.size;
  }
  key = (i: number) => [...this.#values.keys()][i] ?? null;
  getItem = (key: string) => this.#values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#values.set(key, value);
  removeItem = (key: string) => void this.#values.delete(key);
}

describe('stepOf', () => {
  it.each([
    ['connect', [], { account: undefined, rightNetwork: false }],
    ['network', [], { account: ALICE, rightNetwork: false }],
    ['claim', [], AT_HOME],
    ['claim', [{ type: 'claiming', creator: ALICE, salt: SALT }], AT_HOME],
    ['prove', CLAIMED, AT_HOME],
    ['verify', PROVEN, AT_HOME],
    ['mint', CHECKED, AT_HOME],
    ['connect', CHECKED, { account: undefined, rightNetwork: false }],
    ['mint', [...CHECKED, { type: 'mint-sent', transaction: TRANSACTION }], { account: undefined, rightNetwork: false }],
    ['receipt', [...CHECKED, { type: 'minted', transaction: TRANSACTION, paid: '1', gas: '2' }], { account: undefined, rightNetwork: false }],
  ] as const)('is %s', (step, events, world) => {
    expect(stepOf(after(...events), world)).toBe(step);
  });
});

describe('advance', () => {
  it('keeps the proof when the claim has expired, and asks for a new claim', () => {
    const record = after(...CHECKED, { type: 'claim-lost' });
    expect(record).toMatchObject({ bundle: BUNDLE, claim: null, salt: null, creator: ALICE });
    expect(stepOf(record, AT_HOME)).toBe('claim');
    expect(
      stepOf(advance(advance(record, { type: 'claiming', creator: ALICE, salt: SALT }), { type: 'claimed', mintableFrom: 1, gas: null }), AT_HOME),
    ).toBe('mint');
  });

  it('throws the proof of another creator away', () => {
    expect(after(...CHECKED, { type: 'claiming', creator: BOB, salt: SALT })).toMatchObject({
      creator: BOB,
      bundle: null,
      proofId: null,
      checked: null,
      claim: null,
    });
  });

  it('keeps the claim when a proof stops, and says why', () => {
    const record = after(...CLAIMED, { type: 'proof-submitted', id: 'p1' }, { type: 'proof-stopped', sentence: 'It failed.' });
    expect(record).toMatchObject({ proofId: null, stopped: 'It failed.', claim: { mintableFrom: 100 }, salt: SALT });
    expect(advance(record, { type: 'proof-submitted', id: 'p2' })).toMatchObject({ proofId: 'p2', stopped: null });
  });

  it('goes back to the offer when a mint failed, with claim and proof', () => {
    const record = after(...CHECKED, { type: 'mint-sent', transaction: TRANSACTION }, { type: 'mint-failed' });
    expect(record).toEqual(after(...CHECKED));
  });

  it('starts over for another account', () => {
    expect(after(...CHECKED, { type: 'account-changed' })).toEqual(after());
  });
});

describe('isForeign', () => {
  it('is so for another account, until the mint is sent', () => {
    expect(isForeign(after(...CLAIMED), { account: BOB, rightNetwork: true })).toBe(true);
    expect(isForeign(after(...CLAIMED), AT_HOME)).toBe(false);
    expect(isForeign(after(), { account: BOB, rightNetwork: true })).toBe(false);
    expect(isForeign(after(...CLAIMED), { account: undefined, rightNetwork: false })).toBe(false);
    expect(isForeign(after(...CHECKED, { type: 'mint-sent', transaction: TRANSACTION }), { account: BOB, rightNetwork: true })).toBe(false);
  });
});

describe('isProofOf', () => {
  const RECORD = after(...PROVEN);

  it('is so for a proof of this mint', () => expect(isProofOf(BUNDLE, RECORD)).toBe(true));

  it.each<Partial<Bundle>>([
    { latent: `0x${'02'.repeat(128)}` },
    { pose: 30 },
    { modelCommitment: `0x${'ef'.repeat(32)}` },
    { creator: BOB },
    { collection: BOB },
    { chainId: '1' },
  ])('is not so for a proof of something else: %j', (other) => expect(isProofOf({ ...BUNDLE, ...other }, RECORD)).toBe(false));
});

describe('keeping', () => {
  it('gives back every record that it kept', () => {
    const storage = new MemoryStorage();
    for (const events of [[], CLAIMED, PROVEN, CHECKED, [...CHECKED, { type: 'minted', transaction: TRANSACTION, paid: '1', gas: '2' } as const]]) {
      const record = after(...events);
      saveRecord(storage, record);
      expect(loadRecord(storage, keyOf(31337, COLLECTION, tokenIdOf(record)))).toEqual(record);
    }
  });

  it('knows the token id of a statement', () => {
    // keccak256 of 128 bytes 01 and the byte 1f, by `web3_sha3` of a node.
    expect(tokenIdOf(DRAFT)).toBe('107727531809667574376955225943119359935631746364033623173629329399054560245985');
  });

  it.each(['', '{', 'null', '{"version":1}', '[]'])('finds nothing in %j', (text) => {
    const storage = new MemoryStorage();
    storage.setItem('pentimento.mint.31337.x.1', text);
    expect(loadRecord(storage, 'pentimento.mint.31337.x.1')).toBeUndefined();
  });

  it('refuses a record under another statement’s key', () => {
    const storage = new MemoryStorage();
    storage.setItem(keyOf(31337, COLLECTION, '5'), JSON.stringify(after(...CLAIMED)));
    expect(loadRecord(storage, keyOf(31337, COLLECTION, '5'))).toBeUndefined();
  });

  it('lists the records of a chain, unfinished ones first', () => {
    const storage = new MemoryStorage();
    saveRecord(storage, after({ type: 'minted', transaction: TRANSACTION, paid: '1', gas: '2' }));
    saveRecord(storage, { ...after(), pose: 30 });
    saveRecord(storage, { ...after(), pose: 29, chainId: 1 });
    storage.setItem('other', '{}');
    expect(listRecords(storage, 31337).map(({ pose }) => pose)).toEqual([30, 31]);
  });
});
