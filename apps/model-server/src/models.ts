/** The Pentimento models that this server serves. Folders that hold models of one name are its versions 1, 2, ... in the order given. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';

export interface FolderModel {
  readonly folder: string;
  readonly model: Model;
  /** From 1. */
  readonly version: number;
}

/** Loads and checks the models in `folders`: each a model's folder or a folder of them. Throws `model/*`, and `config/invalid` for none. */
export async function openModels(folders: readonly string[]): Promise<readonly FolderModel[]> {
  const models: FolderModel[] = [];
  for (const folder of folders.flatMap(modelFolders)) {
    const model = await loadModel(folder);
    const version = 1 + models.filter((other) => other.model.manifest.name === model.manifest.name).length;
    models.push({ folder, model, version });
  }
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
