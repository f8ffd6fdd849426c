/** Models from a folder; the only file of this package that needs Node. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { parseManifest } from './manifest.ts';
import { type Model, parseModel } from './model.ts';

/**
 * Reads and checks `manifest.json` and the weights file that it names.
 * Throws `model/not-found` when a file cannot be read, and everything that `parseManifest` and `parseModel` throw.
 */
export async function loadModel(dir: string): Promise<Model> {
  const manifest = parseManifest((await read(dir, 'manifest.json')).toString('utf8'));
  return parseModel(manifest, await read(dir, manifest.weights.file));
}

async function read(dir: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, file));
  } catch (cause) {
    throw new BaseError({ code: 'model/not-found', message: `Expected a readable ${file} in the model folder ${dir}, found none.`, cause });
  }
}
