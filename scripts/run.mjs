/** Child processes of the repository's chores: captured, timed, and run with the project's own tools first on the path. Plain Node >= 20. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, 'node_modules', '.bin');

/** Where rustup puts cargo, for a shell that does not have it on its path. */
const CARGO = join(homedir(), '.cargo', 'bin');

/** The caller's environment with `node_modules/.bin` first on the path. */
export function projectEnv() {
  return { ...process.env, PATH: [BIN, process.env.PATH, CARGO].join(delimiter) };
}

/** The caller's environment without `node_modules/.bin`: for what may replace that folder while it runs. */
export function systemEnv() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== BIN);
  return { ...process.env, PATH: [...path, CARGO].join(delimiter) };
}

/**
 * Runs one command to its end and never throws: `{ code, output, durationMs }`, with stdout and stderr in `output`.
 * A command that does not exist has the code 127. With `echo`, the output is also passed on while it comes.
 */
export function run(command, args, { cwd = ROOT, env = projectEnv(), echo = false } = {}) {
  return new Promise((resolve) => {
    const start = performance.now();
    const chunks = [];
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const finish = (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8'), durationMs: performance.now() - start });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        chunks.push(chunk);
        if (echo) process.stdout.write(chunk);
      });
    }
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/** `1.2 s`. */
export function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/** The last `count` lines of a text, indented for a report. */
export function tail(text, count) {
  const lines = text.trimEnd().split('\n').slice(-count);
  return lines.map((line) => `    ${line}`).join('\n');
}
