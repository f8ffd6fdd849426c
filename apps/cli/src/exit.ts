/** How the program ends. */
import { BaseError, problemFor } from '@pentimento/core';

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

/** Status of a command that ended with this error, by the one table of codes; an error without a row is a defect. */
export function exitStatus(error: unknown): number {
  return EXIT[(error instanceof BaseError ? problemFor(error.code)?.ending : undefined) ?? 'internal'];
}
