/** What the server and a proving child say to each other; all of it is JSON, big numbers as decimal text. */
import type { Bundle, Objective } from '@pentimento/core';
import type { Statement } from './statement.ts';

/** Which keys: a model's folder and what its layout is searched for. */
export interface KitName {
  readonly folder: string;
  readonly objective: Objective;
}

/** The same for the same keys. */
export const kitId = ({ folder, objective }: KitName): string => JSON.stringify([folder, objective]);

export interface ProofRequest extends KitName, Omit<Statement, 'model'> {}

/** `open` answers with `opened`, `prove` with `proof`, both with `failed` where they fail; `stage` comes in between. */
export type ToChild = ({ readonly type: 'open' } & KitName) | ({ readonly type: 'prove' } & ProofRequest) | { readonly type: 'cancel' };

export type FromChild =
  | { readonly type: 'stage'; readonly stage: string }
  /** The circuit and its verifying key as JSON texts. */
  | { readonly type: 'opened'; readonly ir: string; readonly vk: string }
  | { readonly type: 'proof'; readonly bundle: Bundle; readonly proveMs: number; readonly peakRssBytes: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
