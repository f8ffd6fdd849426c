/** What the page and its workers say to each other. Every request has an id; a worker answers each one once. */
import type { Setup } from '@pentimento/circuit';
import type { Bundle } from '@pentimento/core';
import type { PictureForm } from '../picture/pixels.ts';
import type { PinnedModel } from '../services/pinned-model.ts';
import type { CircuitFile } from '../services/proof-server.ts';
import type { Direction } from './directions.ts';

export type DecoderRequest =
  | { readonly kind: 'open'; readonly manifestUrl: string; readonly weightsUrl: string; readonly commitment: string }
  | { readonly kind: 'decode'; readonly latent: Uint8Array }
  | { readonly kind: 'directions'; readonly latent: Uint8Array; readonly count: number };

export interface DecoderAnswers {
  /** What the model's files say, which its commitment covers. */
  readonly open: { readonly latentLength: number; readonly form: PictureForm };
  /** The bytes before the pose: palette indices or channel values. */
  readonly decode: { readonly picture: Uint8Array; readonly decodeMs: number };
  readonly directions: { readonly directions: readonly Direction[] };
}

/** A circuit as a server sent it, and what the collection pins: nothing of the first is believed without the second. */
export interface PinnedCircuit {
  readonly circuit: CircuitFile;
  readonly pinned: PinnedModel;
}

export type VerifierRequest = ({ readonly kind: 'setup' } & PinnedCircuit) | ({ readonly kind: 'verify'; readonly bundle: Bundle } & PinnedCircuit);

export interface VerifierAnswers {
  readonly setup: Setup;
  readonly verify: {
    readonly valid: boolean;
    readonly instances: number;
    readonly proofBytes: number;
    readonly verifyMs: number;
    readonly setup: Setup;
  };
}

export interface Envelope<Request> {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };
