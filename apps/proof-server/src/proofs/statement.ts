/** A request for a proof, checked where it enters: what is to be shown, and with which keys. */
import { createHash } from 'node:crypto';
import { BaseError, encodePrompt, type Hex, hexToBytes, type Objective } from '@pentimento/core';
import { KEY_FORMAT } from '@pentimento/engine';
import { isAddress } from 'viem';
import type { Models, ServedModel } from '../models.ts';

/** As it comes; the route's schema has checked the types. */
export interface Submission {
  readonly model: string;
  readonly objective?: Objective;
  readonly latent: string;
  readonly pose: number;
  readonly chainId: string;
  readonly collection: string;
  readonly creator: string;
}

export interface Statement {
  readonly model: ServedModel;
  readonly objective: Objective;
  /** Lower-case, as are the addresses. */
  readonly latent: Hex;
  readonly pose: number;
  readonly chainId: string;
  readonly collection: Hex;
  readonly creator: Hex;
}

const MAX_CHAIN_ID = 2n ** 64n - 1n;
const ZERO = /^0x0{40}$/;

/** Throws `model/*`, `statement/*`, `bytes/*` or `context/*`. */
export function parseSubmission(submission: Submission, models: Models): Statement {
  const model = models.find(submission.model);
  const latent = hexToBytes(submission.latent.toLowerCase());
  const { length } = model.model.manifest.latent;
  if (latent.length !== length) {
    throw new BaseError({ code: 'model/latent-length', message: `Expected a latent of ${length} elements, got ${latent.length}.` });
  }
  encodePrompt(latent, submission.pose);
  return {
    model,
    objective: submission.objective ?? 'fast',
    latent: submission.latent.toLowerCase() as Hex,
    pose: submission.pose,
    chainId: chainId(submission.chainId),
    collection: address('collection', submission.collection),
    creator: address('creator', submission.creator),
  };
}

/** Two submissions with one key are one proof; other keys or another setup make another one. */
export function statementKey({ model, objective, latent, pose, chainId, collection, creator }: Statement): string {
  const keys = [KEY_FORMAT, process.env.PENTIMENTO_SRS ?? 'development', model.model.manifest.commitment, objective];
  const parts = [...keys, latent, pose, chainId, collection, creator];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function chainId(text: string): string {
  if (/^[1-9]\d{0,19}$/.test(text) && BigInt(text) <= MAX_CHAIN_ID) return text;
  throw new BaseError({
    code: 'context/chain-id',
    message: `Expected chainId to be a decimal number in 1..${MAX_CHAIN_ID}, got ${JSON.stringify(text)}.`,
  });
}

/** With letters of both cases they have to be the checksum of EIP-55. */
function address(field: 'collection' | 'creator', text: string): Hex {
  if (isAddress(text) && !ZERO.test(text)) return text.toLowerCase() as Hex;
  const message = `Expected ${field} to be an address, 0x and 40 hexadecimal digits and not zero, got ${JSON.stringify(text.slice(0, 60))}.`;
  throw new BaseError({ code: 'context/address', message });
}
