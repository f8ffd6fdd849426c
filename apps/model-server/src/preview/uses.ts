/** How many photos each model has styled here, kept in a file that is written whole before a preview is answered. */
import { readFile } from 'node:fs/promises';
import { BaseError } from '@pentimento/core';
import { writeWhole } from '@pentimento/core/node';

export interface Uses {
  readonly of: (commitment: string) => number;
  /** Adds one and returns the new count when it is on disk. */
  readonly add: (commitment: string) => Promise<number>;
}

/** Throws `uses/unreadable` for a file that is there and holds something else. */
export async function openUses(path: string): Promise<Uses> {
  const counts = await readCounts(path);
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  /** One write at a time; whoever comes meanwhile shares the next one. */
  const save = (): Promise<void> => {
    next ??= writing
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        writing = writeWhole(path, `${JSON.stringify(Object.fromEntries(counts))}\n`);
        return writing;
      });
    return next;
  };
  return {
    of: (commitment) => counts.get(commitment) ?? 0,
    add: async (commitment) => {
      const count = (counts.get(commitment) ?? 0) + 1;
      counts.set(commitment, count);
      await save();
      return count;
    },
  };
}

async function readCounts(path: string): Promise<Map<string, number>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? '{}' : unreadable(path, error)));
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    if (entries.every(([, count]) => Number.isSafeInteger(count) && (count as number) >= 0)) return new Map(entries as [string, number][]);
  } catch (cause) {
    return unreadable(path, cause);
  }
  return unreadable(path);
}

function unreadable(path: string, cause?: unknown): never {
  const message = `Expected ${path} to hold a count for each model, got something else; move it away to start from zero.`;
  throw new BaseError({ code: 'uses/unreadable', message, ...(cause === undefined ? {} : { cause }) });
}
