/** The models that this server proves, found by commitment or by name. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError, type Objective } from '@pentimento/core';
import { type Cost, chooseLayout, type Model, searchLayouts } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';

export interface ServedModel {
  readonly folder: string;
  readonly model: Model;
  /** Predicted before any key exists; the first call for a model searches its layouts. */
  cost(objective: Objective): Cost;
}

export interface Models {
  readonly all: readonly ServedModel[];
  /** Throws `model/not-found`. */
  find(commitmentOrName: string): ServedModel;
}

/** Loads the models in `folders`: each a model's folder or a folder of them. Throws `model/*` for one that is not whole. */
export async function openModels(folders: readonly string[]): Promise<Models> {
  const all = await Promise.all(folders.flatMap(modelFolders).map(openModel));
  if (all.length === 0) {
    throw new BaseError({ code: 'config/invalid', message: `Expected a model in PENTIMENTO_MODELS, found none in ${folders.join(', ')}.` });
  }
  return {
    all,
    find: (wanted) => {
      const found = all.find(({ model: { manifest } }) => manifest.commitment === wanted.toLowerCase() || manifest.name === wanted);
      if (found) return found;
      const names = all.map(({ model }) => model.manifest.name).join(', ');
      throw new BaseError({
        code: 'model/not-found',
        message: `Expected the commitment or name of a model here (${names}), got ${JSON.stringify(wanted)}.`,
      });
    },
  };
}

function modelFolders(folder: string): string[] {
  const holdsModel = (path: string) => existsSync(join(path, 'manifest.json'));
  if (holdsModel(folder) || !existsSync(folder)) return [folder];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(holdsModel);
}

async function openModel(folder: string): Promise<ServedModel> {
  const model = await loadModel(folder);
  const costs = new Map<Objective, Cost>();
  const cost = (objective: Objective): Cost => {
    if (costs.size === 0) {
      const candidates = searchLayouts(model);
      for (const each of ['fast', 'gas', 'memory'] as const) costs.set(each, chooseLayout(candidates, each).cost);
    }
    return costs.get(objective) as Cost;
  };
  return { folder, model, cost };
}
