/** The painting that waits to be minted: written by the style page, read by the mint page. It holds no photo. */
import type { Hex } from '@pentimento/core';
import { address, count, type Decoder, hex, nullable, object, text } from './check.ts';

const decodeDraft = object({
  model: object({ name: text, commitment: hex }),
  collection: nullable(address),
  latent: hex,
  pose: count,
  dial: nullable(text),
});

export interface Draft {
  readonly model: { readonly name: string; readonly commitment: Hex };
  readonly collection: Hex | null;
  readonly latent: Hex;
  readonly pose: number;
  readonly dial: string | null;
}

const KEY = 'pentimento.draft';

export function writeDraft(storage: Pick<Storage, 'setItem'>, draft: Draft): void {
  storage.setItem(KEY, JSON.stringify(draft));
}

/** Undefined when there is none, or none of this version. */
export function readDraft(storage: Pick<Storage, 'getItem'>): Draft | undefined {
  try {
    return (decodeDraft as Decoder<Draft>)(JSON.parse(storage.getItem(KEY) ?? 'null'), 'the draft');
  } catch {
    return undefined;
  }
}
