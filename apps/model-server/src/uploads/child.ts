/**
 * Decodes one upload and ends: the bytes come on standard input, the 64x64 RGB pixels go to standard output. A refusal is one line of JSON on
 * standard error and the exit status 1; more memory than allowed is the exit status 2. It has no environment, and nothing else to lose.
 */
import { buffer } from 'node:stream/consumers';
import { BaseError } from '@pentimento/core';
import { decodePhoto } from '@pentimento/pictures';
import sharp from 'sharp';

const WATCH_MS = 10;

const memoryLimit = Number(process.argv[2]);
sharp.concurrency(1);
sharp.cache(false);

const upload = await buffer(process.stdin);
// The decoder works on a thread of its own, so this one can watch it.
const watch = setInterval(assertMemory, WATCH_MS);
try {
  process.stdout.write(await decodePhoto(upload, 'the picture'));
  assertMemory();
} catch (error) {
  const { code, message } =
    error instanceof BaseError ? error : { code: 'image/damaged', message: 'Expected the picture to be one that can be decoded.' };
  process.stderr.write(JSON.stringify({ code, message }));
  process.exitCode = 1;
} finally {
  clearInterval(watch);
}

/** The peak of resident memory, which Node gives in KiB, against the limit. */
function assertMemory(): void {
  if (process.resourceUsage().maxRSS * 1024 > memoryLimit) process.exit(2);
}
