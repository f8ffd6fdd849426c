#!/usr/bin/env node
/**
 * `pentimento` from any folder and under any Node from 20 on: TypeScript is run by the Node that the repository pins, so an older one hands over
 * to it. Plain JavaScript, because that older one reads it.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const MAIN = new URL('../src/main.ts', import.meta.url);
const TYPESCRIPT_SINCE = 24;

if (Number.parseInt(process.versions.node, 10) >= TYPESCRIPT_SINCE) await import(MAIN.href);
else {
  const node = createRequire(import.meta.url).resolve('node/bin/node');
  const child = spawn(node, [fileURLToPath(MAIN), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself, and twice would mean "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
