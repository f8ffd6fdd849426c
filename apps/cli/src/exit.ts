/** How the program ends: one table from error codes to exit statuses. */
import { BaseError } from '@pentimento/core';

export const EXIT = {
  ok: 0,
  /** The answer is no: a proof was refused, a token does not exist. */
  negative: 1,
  /** The input or the command line is not usable. */
  input: 2,
  /** The machine, a service or a file of our own is not as it should be. */
  environment: 3,
  /** A defect of the program. */
  internal: 4,
  cancelled: 130,
} as const;

/** First matching prefix wins. */
const TABLE: readonly (readonly [prefix: string, status: number])[] = [
  ['engine/cancelled', EXIT.cancelled],
  ['cli/cancelled', EXIT.cancelled],
  ['cli/refused', EXIT.negative],
  ['cli/usage', EXIT.input],
  ['image/', EXIT.input],
  ['style/', EXIT.input],
  ['model/', EXIT.input],
  ['statement/', EXIT.input],
  ['bundle/', EXIT.input],
  ['bytes/', EXIT.input],
  ['circuit/', EXIT.input],
  ['chain/refused', EXIT.negative],
  ['chain/key', EXIT.input],
  ['chain/', EXIT.environment],
  ['cli/', EXIT.environment],
  ['engine/', EXIT.environment],
  ['verifier/', EXIT.environment],
];

export function exitStatus(error: unknown): number {
  if (!(error instanceof BaseError)) return EXIT.internal;
  return TABLE.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? EXIT.internal;
}
