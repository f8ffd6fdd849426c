/**
 * Where programs keep what they can make again or must not lose: keys, SRS, deployments and databases, in `.pentimento` of the project or in
 * PENTIMENTO_HOME. For Node alone.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
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
