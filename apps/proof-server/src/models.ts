/** The models that this server proves, found by commitment or by name. */
import { BaseError, OBJECTIVES, type Objective } from '@pentimento/core';
import { type Cost, chooseLayout, searchLayouts } from '@pentimento/layers';
import { type FolderModel, loadModels } from '@pentimento/serving/http';

export interface ServedModel extends FolderModel {
  /** Predicted before any key exists; the first call for a model searches its layouts. */
  cost(objective: Objective): Cost;
}

export interface Models {
  readonly all: readonly ServedModel[];
  /** Undefined when the model of this commitment is not here. */
  get(commitment: string): ServedModel | undefined;
  /** Throws `model/not-found`. */
  find(commitmentOrName: string): ServedModel;
}

/** Throws as `loadModels`. */
export async function openModels(folders: readonly string[]): Promise<Models> {
  const all = (await loadModels(folders)).map(withCosts);
  const get = (commitment: string) => all.find(({ model }) => model.manifest.commitment === commitment);
  return {
    all,
    get,
    find: (wanted) => {
      const found = get(wanted.toLowerCase()) ?? all.find(({ model }) => model.manifest.name === wanted);
      if (found) return found;
      const names = all.map(({ model }) => model.manifest.name).join(', ');
      throw new BaseError({
        code: 'model/not-found',
        message: `Expected the commitment or name of a model here (${names}), got ${JSON.stringify(wanted)}.`,
      });
    },
  };
}

function withCosts({ folder, model }: FolderModel): ServedModel {
  const costs = new Map<Objective, Cost>();
  const cost = (objective: Objective): Cost => {
    if (costs.size === 0) {
      const candidates = searchLayouts(model);
      for (const each of OBJECTIVES) costs.set(each, chooseLayout(candidates, each).cost);
    }
    return costs.get(objective) as Cost;
  };
  return { folder, model, cost };
}
