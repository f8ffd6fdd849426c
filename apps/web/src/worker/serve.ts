/** A worker's side of the conversation: answers requests, and turns what is thrown into an error that can be sent. */
import { BaseError } from '@pentimento/core';
import type { Envelope, Reply } from './messages.ts';

/** A worker's own global object; TypeScript's `dom` library knows the page's only. */
interface WorkerPort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export function serve<Request>(answer: (request: Request) => Promise<unknown>): void {
  const port = globalThis as unknown as WorkerPort;
  port.addEventListener('message', async ({ data }: MessageEvent<Envelope<Request>>) => {
    let reply: Reply;
    try {
      reply = { id: data.id, answer: await answer(data.request) };
    } catch (cause) {
      reply = { id: data.id, error: { code: cause instanceof BaseError ? cause.code : 'worker/failed', message: (cause as Error).message } };
    }
    port.postMessage(reply);
  });
}
