/** The page's side of the conversation with a worker. */
import { BaseError } from '@pentimento/core';
import type { Envelope, Reply } from './messages.ts';

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: BaseError) => void;
}

export interface Asker {
  /** Rejects with the worker's BaseError. */
  ask<Answer>(request: unknown): Promise<Answer>;
  stop(): void;
}

export function askerOf(worker: Worker): Asker {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    const entry = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) entry?.reject(new BaseError(data.error));
    else entry?.resolve(data.answer);
  });
  worker.addEventListener('error', (event) => {
    const error = new BaseError({ code: 'worker/failed', message: `Expected the page's worker to run, but it stopped: ${event.message}.` });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return {
    ask: <Answer>(request: unknown) =>
      new Promise<Answer>((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as Waiting['resolve'], reject });
        worker.postMessage({ id: lastId, request } satisfies Envelope<unknown>);
      }),
    stop: () => worker.terminate(),
  };
}
