/** A line of work: some at once, some waiting, and whoever comes after these is told to try again. */
import { BaseError } from '@pentimento/core';

export type Line = <T>(work: () => Promise<T>) => Promise<T>;

/** Throws `preview/busy`, which is retryable, when `waiting` are waiting already. */
export function createLine({ running, waiting }: { readonly running: number; readonly waiting: number }): Line {
  let active = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (active >= running) {
      if (queue.length >= waiting) {
        throw new BaseError({
          code: 'preview/busy',
          message: `Expected fewer than ${running + waiting} previews at once; try again.`,
          retryable: true,
        });
      }
      // Whoever ends hands its place over, so `active` stays.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else active++;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else active--;
    }
  };
}
