/**
 * Server-sent events. The browser's EventSource reconnects by itself after a lost connection and sends `Last-Event-ID`; after an answer
 * that is no event stream it gives up, so a new one is opened here a little later.
 */
import { BaseError } from '@pentimento/core';
import type { Decoder } from './check.ts';

export interface Subscription<T> {
  readonly url: string;
  /** Event names by decoder of their data. */
  readonly events: Readonly<Record<string, Decoder<T>>>;
  readonly onEvent: (name: string, data: T) => void;
  /** Told when the stream breaks off (false) and when it is open again (true). */
  readonly onState?: (open: boolean) => void;
}

const REOPEN_MS = 2000;

/** Listens until the returned function is called. Events that cannot be read are reported as a lost stream, never guessed at. */
export function subscribe<T>({ url, events, onEvent, onState }: Subscription<T>): () => void {
  let closed = false;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(url);
    source.onopen = () => onState?.(true);
    source.onerror = () => {
      onState?.(false);
      if (source?.readyState === EventSource.CLOSED && !closed) timer = setTimeout(open, REOPEN_MS);
    };
    for (const [name, decode] of Object.entries(events)) {
      source.addEventListener(name, (event) => deliver(decode, (event as MessageEvent<string>).data, (data) => onEvent(name, data), onState));
    }
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}

function deliver<T>(decode: Decoder<T>, text: string, onData: (data: T) => void, onState: ((open: boolean) => void) | undefined): void {
  let data: T;
  try {
    data = decode(JSON.parse(text), 'an event');
  } catch (cause) {
    if (!(cause instanceof BaseError) && !(cause instanceof SyntaxError)) throw cause;
    onState?.(false);
    return;
  }
  onData(data);
}
