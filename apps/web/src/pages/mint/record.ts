/**
 * A mint under way: everything that must survive leaving the page, as a reducer over what has happened. What was paid for, the claim's
 * salt and the proof, is thrown away only when it has become worthless.
 */
import { type Bundle, type Hex, parseBundle } from '@pentimento/core';
import { tokenIdOf } from '../../picture/token-id.ts';
import { address, count, type Decoder, decimal, hex, identifier, nullable, number, object, text } from '../../services/check.ts';
import type { Draft } from '../../services/draft.ts';

export interface MintRecord {
  readonly version: 1;
  readonly chainId: number;
  readonly collection: Hex;
  readonly model: { readonly name: string; readonly commitment: Hex };
  readonly latent: Hex;
  readonly pose: number;
  readonly dial: string | null;
  /** For whom claim and proof are made; from the first claim on. */
  readonly creator: Hex | null;
  /** Of the claim's commitment: kept before the claim is sent, so that a claim is never lost with the page. */
  readonly salt: Hex | null;
  /** Chain time, in seconds, from which the claim can be minted. */
  readonly claim: { readonly mintableFrom: number; readonly gas: string | null } | null;
  readonly proofId: string | null;
  /** Why no proof is being made: it was cancelled, or it failed with this sentence. */
  readonly stopped: string | null;
  readonly bundle: Bundle | null;
  /** The proof was found valid in this browser. */
  readonly checked: { readonly verifyMs: number; readonly srs: string } | null;
  readonly mintTransaction: Hex | null;
  readonly receipt: { readonly transaction: Hex; readonly paid: string; readonly gas: string } | null;
}

export type MintEvent =
  | { readonly type: 'claiming'; readonly creator: Hex; readonly salt: Hex }
  | { readonly type: 'claimed'; readonly mintableFrom: number; readonly gas: string | null }
  | { readonly type: 'claim-lost' }
  | { readonly type: 'proof-submitted'; readonly id: string }
  | { readonly type: 'proof-stopped'; readonly sentence: string }
  | { readonly type: 'proof-wanted' }
  | { readonly type: 'proven'; readonly bundle: Bundle }
  | { readonly type: 'checked'; readonly verifyMs: number; readonly srs: string }
  | { readonly type: 'mint-sent'; readonly transaction: Hex }
  | { readonly type: 'mint-failed' }
  | { readonly type: 'minted'; readonly transaction: Hex; readonly paid: string; readonly gas: string }
  | { readonly type: 'account-changed' };

const NO_CLAIM = { creator: null, salt: null, claim: null } as const;
const NO_PROOF = { proofId: null, stopped: null, bundle: null, checked: null } as const;

export function recordOf(draft: Draft & { readonly collection: Hex }, chainId: number): MintRecord {
  const { model, collection, latent, pose, dial } = draft;
  return { version: 1, chainId, collection, model, latent, pose, dial, ...NO_CLAIM, ...NO_PROOF, mintTransaction: null, receipt: null };
}

export function advance(record: MintRecord, event: MintEvent): MintRecord {
  switch (event.type) {
    case 'claiming':
      // Another creator's proof is worthless; the same creator's outlives an expired claim.
      return { ...record, ...(record.creator === event.creator ? {} : NO_PROOF), creator: event.creator, salt: event.salt, claim: null };
    case 'claimed':
      return { ...record, claim: { mintableFrom: event.mintableFrom, gas: event.gas } };
    case 'claim-lost':
      return { ...record, salt: null, claim: null };
    case 'proof-submitted':
      return { ...record, proofId: event.id, stopped: null };
    case 'proof-stopped':
      return { ...record, ...NO_PROOF, stopped: event.sentence };
    case 'proof-wanted':
      return { ...record, ...NO_PROOF };
    case 'proven':
      return { ...record, bundle: event.bundle, stopped: null };
    case 'checked':
      return { ...record, checked: { verifyMs: event.verifyMs, srs: event.srs } };
    case 'mint-sent':
      return { ...record, mintTransaction: event.transaction };
    case 'mint-failed':
      return { ...record, mintTransaction: null };
    case 'minted':
      return { ...record, mintTransaction: null, receipt: { transaction: event.transaction, paid: event.paid, gas: event.gas } };
    case 'account-changed':
      return { ...record, ...NO_CLAIM, ...NO_PROOF };
  }
}

export const STEPS = ['connect', 'network', 'claim', 'prove', 'verify', 'mint', 'receipt'] as const;
export type Step = (typeof STEPS)[number];

export interface World {
  /** Lower case. */
  readonly account: Hex | undefined;
  readonly rightNetwork: boolean;
}

/** The step that is to be done now. */
export function stepOf(record: MintRecord, { account, rightNetwork }: World): Step {
  if (record.receipt !== null) return 'receipt';
  if (record.mintTransaction !== null) return 'mint';
  if (account === undefined) return 'connect';
  if (!rightNetwork) return 'network';
  if (record.claim === null) return 'claim';
  if (record.bundle === null) return 'prove';
  return record.checked === null ? 'verify' : 'mint';
}

/** Claim and proof belong to another account than the connected one. */
export function isForeign({ creator, receipt, mintTransaction }: MintRecord, { account }: World): boolean {
  return receipt === null && mintTransaction === null && account !== undefined && creator !== null && creator !== account;
}

/** The bundle states this mint and no other: its painting, its model, its creator, its collection and its chain. */
export function isProofOf(bundle: Bundle, { latent, pose, model, creator, collection, chainId }: MintRecord): boolean {
  const samePainting = bundle.latent === latent && bundle.pose === pose && bundle.modelCommitment === model.commitment;
  return samePainting && bundle.creator === creator && bundle.collection === collection && bundle.chainId === String(chainId);
}

// Keeping

const PREFIX = 'pentimento.mint.';

const decodeRecord = object({
  version: count,
  chainId: count,
  collection: address,
  model: object({ name: text, commitment: hex }),
  latent: hex,
  pose: count,
  dial: nullable(text),
  creator: nullable(address),
  salt: nullable(hex),
  claim: nullable(object({ mintableFrom: number, gas: nullable(decimal) })),
  proofId: nullable(identifier),
  stopped: nullable(text),
  bundle: nullable((value) => parseBundle(JSON.stringify(value), 'the kept proof')),
  checked: nullable(object({ verifyMs: number, srs: text })),
  mintTransaction: nullable(hex),
  receipt: nullable(object({ transaction: hex, paid: decimal, gas: decimal })),
});

export const keyOf = (chainId: number, collection: string, tokenId: string): string => `${PREFIX}${chainId}.${collection}.${tokenId}`;

export function saveRecord(storage: Pick<Storage, 'setItem'>, record: MintRecord): void {
  storage.setItem(keyOf(record.chainId, record.collection, tokenIdOf(record)), JSON.stringify(record));
}

/** The kept record; undefined when there is none, or when it is not one that this version wrote. */
export function loadRecord(storage: Pick<Storage, 'getItem'>, key: string): MintRecord | undefined {
  try {
    const record = (decodeRecord as Decoder<unknown>)(JSON.parse(storage.getItem(key) ?? 'null'), key) as MintRecord;
    return record.version === 1 && key === keyOf(record.chainId, record.collection, tokenIdOf(record)) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Every mint of this chain that is kept, those that are not finished first. */
export function listRecords(storage: Pick<Storage, 'getItem' | 'key' | 'length'>, chainId: number): MintRecord[] {
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '').filter((key) => key.startsWith(`${PREFIX}${chainId}.`));
  const records = keys.flatMap((key) => loadRecord(storage, key) ?? []);
  return records.sort((a, b) => Number(a.receipt !== null) - Number(b.receipt !== null));
}

export function dropRecord(storage: Pick<Storage, 'removeItem'>, record: MintRecord): void {
  storage.removeItem(keyOf(record.chainId, record.collection, tokenIdOf(record)));
}
