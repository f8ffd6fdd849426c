/** The Pentimento models that this server serves. Folders that hold models of one name are its versions 1, 2, ... in the order given. */
import { type FolderModel, loadModels } from '@pentimento/serving/http';

export interface VersionedModel extends FolderModel {
  /** From 1. */
  readonly version: number;
}

/** Throws as `loadModels`. */
export async function openModels(folders: readonly string[]): Promise<readonly VersionedModel[]> {
  const models = await loadModels(folders);
  return models.map((served, i) => ({ ...served, version: 1 + models.slice(0, i).filter((other) => nameOf(other) === nameOf(served)).length }));
}

const nameOf = ({ model }: FolderModel): string => model.manifest.name;
