/** The models that a server is told to serve. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';

export interface FolderModel {
  readonly folder: string;
  readonly model: Model;
}

/** Loads and checks the models in `folders`: each a model's folder or a folder of them. Throws `model/*`, and `config/invalid` for none. */
export async function loadModels(folders: readonly string[]): Promise<readonly FolderModel[]> {
  const models = await Promise.all(folders.flatMap(modelFolders).map(async (folder) => ({ folder, model: await loadModel(folder) })));
  if (models.length > 0) return models;
  throw new BaseError({ code: 'config/invalid', message: `Expected a model in PENTIMENTO_MODELS, found none in ${folders.join(', ')}.` });
}

function modelFolders(folder: string): string[] {
  const holdsModel = (path: string) => existsSync(join(path, 'manifest.json'));
  if (holdsModel(folder) || !existsSync(folder)) return [folder];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(holdsModel);
}
