/**
 * Where programs keep what they can make again or must not lose: keys, SRS, deployments and databases, in `.pentimento` of the project or in
 * PENTIMENTO_HOME; and processes that end with the one that started them. For Node alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT: string = fileURLToPath(new URL('../../..', import.meta.url));

export function home(...parts: readonly string[]): string {
  return join(process.env.PENTIMENTO_HOME ?? join(PROJECT, '.pentimento'), ...parts);
}

/** A model's folder: a path, or the name of a model that comes with the project. */
export function modelFolder(name: string): string {
  const bundled = join(PROJECT, 'models', name);
  return !existsSync(resolve(name)) && existsSync(bundled) ? bundled : resolve(name);
}

/** Writes beside the target and renames, so that no reader ever sees half a file. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(resolve(path)), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

/** Ends process $0 when standard input closes; a line on it calls that off. */
const WATCH = 'read line || { kill -TERM "$0"; sleep 10; kill -KILL "$0"; } 2>/dev/null';

/**
 * Makes a child end when this process is gone, however it ended: a shell waits at a pipe that only this process holds open. Where there is no
 * `sh` the child ends with this process only if that ends in order.
 */
export function endWithThisProcess(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const watch = spawn('sh', ['-c', WATCH, String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watch.once('error', () => undefined).unref();
  watch.stdin.on('error', () => undefined);
  (watch.stdin as Socket).unref();
  child.once('exit', () => watch.stdin.end('\n'));
}
