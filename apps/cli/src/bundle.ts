/** A proof bundle from a file. */
import { readFile } from 'node:fs/promises';
import { BaseError, type Bundle, parseBundle } from '@pentimento/core';

/** Throws `bundle/*` with one sentence when the file is not a whole bundle of this version. */
export async function readBundle(path: string): Promise<Bundle> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new BaseError({ code: 'bundle/not-found', message: `Expected to read a proof bundle at ${path}, got: ${cause.message}.` });
  });
  return parseBundle(text, path);
}
