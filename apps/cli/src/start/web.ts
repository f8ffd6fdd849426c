/** The dApp's files: built by vite when a source is newer than what was built. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import type { Output } from '../output.ts';
import { logOf, openLog } from './services.ts';

export const WEB = join(PROJECT, 'apps', 'web');
const BUILT = join(WEB, 'dist', 'index.html');
/** What the pages are made of. */
const SOURCES = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) => join(WEB, name)),
  ...['circuit', 'core', 'layers', 'verifier'].map((name) => join(PROJECT, 'packages', name, 'src')),
  ...['abi', 'errors.ts'].map((name) => join(PROJECT, 'contracts', name)),
];

/** Throws `cli/build-failed`. */
export async function buildWeb(output: Output): Promise<void> {
  const built = existsSync(BUILT) ? (await stat(BUILT)).mtimeMs : 0;
  if (Math.max(...(await Promise.all(SOURCES.map(newest)))) <= built) return;
  output.progress('Building the pages (only after a change)');
  const name = 'the build of the pages';
  const log = openLog(name);
  const require = createRequire(join(WEB, 'package.json'));
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  // Of React's two builds, the one for users, whatever this process is run as.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [vite, 'build'], { cwd: WEB, env, stdio: ['ignore', log, log] });
  closeSync(log);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0)
    throw new BaseError({ code: 'cli/build-failed', message: `Expected the pages to build, got status ${status}; the log is ${logOf(name)}.` });
}

/** Last change of a file, or of any in a folder; 0 when there is none. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const names = await readdir(path);
  return Math.max(0, ...(await Promise.all(names.map((name) => newest(join(path, name))))));
}
