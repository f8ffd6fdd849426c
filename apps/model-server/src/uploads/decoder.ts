/**
 * Uploads are decoded outside this process, each in a child of its own that is ended afterwards: what a hostile picture does to its child
 * reaches neither the server nor the next picture. Children are started ahead, so that nobody waits for one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { BaseError } from '@pentimento/core';
import { PHOTO_BYTES, photoOf } from '@pentimento/pictures';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface DecoderOptions {
  /** Children that wait for an upload. */
  readonly ready: number;
  readonly timeoutMs: number;
  /** Resident memory of a child. */
  readonly memoryBytes: number;
}

export interface Decoder {
  /**
   * The photo `[3, 64, 64]` of floats in 0..1 in an upload. Throws `image/*` for one that is refused, `image/too-slow` and `image/too-big` when
   * it needs more time or memory than allowed, and `preview/decoder-lost` when the child ended for another reason.
   */
  readonly decode: (upload: Uint8Array) => Promise<Float32Array>;
  /** Process ids of the children that wait or work. */
  readonly children: () => readonly number[];
  readonly close: () => void;
}

export function startDecoder(options: DecoderOptions): Decoder {
  const waiting: ChildProcess[] = [];
  const alive = new Set<ChildProcess>();
  let closed = false;

  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [CHILD, String(options.memoryBytes)], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    alive.add(child);
    child.once('close', () => {
      alive.delete(child);
      const position = waiting.indexOf(child);
      if (position >= 0) waiting.splice(position, 1);
    });
    // A child that is gone before its upload is written says so by its exit.
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
    return child;
  };
  const refill = () => {
    while (!closed && waiting.length < options.ready) waiting.push(start());
  };
  refill();

  return {
    decode: async (upload) => {
      const child = waiting.shift() ?? start();
      try {
        return await decodeIn(child, upload, options.timeoutMs);
      } finally {
        child.kill('SIGKILL');
        refill();
      }
    },
    children: () => [...alive].flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    close: () => {
      closed = true;
      for (const child of alive) child.kill('SIGKILL');
    },
  };
}

async function decodeIn(child: ChildProcess, upload: Uint8Array, timeoutMs: number): Promise<Float32Array> {
  let slow = false;
  const timer = setTimeout(() => {
    slow = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const read = Promise.all([buffer(child.stdout as NodeJS.ReadableStream), buffer(child.stderr as NodeJS.ReadableStream), ended]);
    child.stdin?.end(upload);
    const [pixels, report, status] = await read;
    if (status === 0 && pixels.byteLength === PHOTO_BYTES) return photoOf(pixels);
    if (slow) fail('image/too-slow', `Expected a picture that is decoded within ${timeoutMs / 1000} s, got one that takes longer.`);
    if (status === 2) fail('image/too-big', 'Expected a picture that is decoded within the memory of a decoder, got one that needs more.');
    if (status === 1) refuse(report);
    throw new BaseError({
      code: 'preview/decoder-lost',
      message: 'Expected the decoder to finish this picture, but it ended early; try again.',
      retryable: true,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What the child says is not trusted: any code of the reader, in a sentence of bounded length. */
function refuse(report: Buffer): never {
  const { code, message } = JSON.parse(report.toString('utf8')) as { code: unknown; message: unknown };
  const known = typeof code === 'string' && /^image\/[a-z-]{1,30}$/.test(code);
  fail(known ? code : 'image/damaged', String(message).slice(0, 300));
}

function fail(code: string, message: string): never {
  throw new BaseError({ code, message });
}
