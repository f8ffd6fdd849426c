/** An allowlist from its file. */
import { readFile } from 'node:fs/promises';
import { type Allowlist, buildAllowlist, entriesOf } from '@pentimento/contracts/allowlist';
import { BaseError, type Hex } from '@pentimento/core';
import { isAddress } from 'viem';

/** Reads one address a line; blank lines and what follows `#` are ignored. Throws `cli/usage`. */
export async function readAllowlist(path: string): Promise<Allowlist> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new BaseError({ code: 'cli/usage', message: `Expected to read an allowlist at ${path}, got: ${cause.message}.`, cause });
  });
  const accounts = entriesOf(text);
  const wrong = accounts.find((line) => !isAddress(line, { strict: false }));
  if (wrong !== undefined || accounts.length === 0) {
    throw new BaseError({ code: 'cli/usage', message: `Expected one address a line in ${path}, got ${wrong?.slice(0, 60) ?? 'none'}.` });
  }
  return buildAllowlist(accounts as Hex[]);
}
