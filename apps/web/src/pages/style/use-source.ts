/** What is to be painted and by whom: photo, crop, collection or model, dial and seed; and the model server's answer to it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useCollections, useModels } from '../../services/catalogue.ts';
import { useConfig } from '../../services/context.ts';
import type { Collection } from '../../services/indexer.ts';
import { type ModelInfo, type Preview, requestPreview } from '../../services/model-server.ts';
import { useKept } from '../../ui/kept.ts';
import { CENTRE, type Crop } from './crop.ts';
import { type Photo, squareBlob } from './photo.ts';
import { parseStyleSearch } from './search.ts';

/** A collection with its model, or a model that no collection has. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly model: ModelInfo;
  readonly collection: Collection | undefined;
}

export interface FoundPreview extends Preview {
  /** Name of the model that found it. */
  readonly model: string;
}

export function useSource() {
  const [photo, setPhoto] = useKept<Photo | undefined>('style.photo', undefined);
  const [crop, setCrop] = useKept<Crop>('style.crop', CENTRE);
  const [settledCrop, setSettledCrop] = useState(crop);
  const { choiceId, setChoiceId, keepChoice } = useChoiceId();
  const [dial, setDial] = useKept<string>('style.dial', '');
  const [seed, setSeed] = useKept('style.seed', 1);
  const choices = useChoices();
  const choice = choices.list.find(({ id }) => id === choiceId) ?? choices.list.find(isOpen) ?? choices.list[0];
  useChoiceKept(choice, choices.collections.isSuccess, keepChoice);
  const activeDial = choice === undefined ? null : choice.model.dials.includes(dial) ? dial : choice.model.defaultDial;
  const preview = usePreview(photo, settledCrop, choice?.model, activeDial, seed);
  const open = (next: Photo | undefined) => {
    setPhoto(next);
    setCrop(CENTRE);
    setSettledCrop(CENTRE);
  };
  return {
    ...{ photo, open, crop, setCrop, settleCrop: setSettledCrop, choices, choice, setChoiceId, dial: activeDial, setDial, seed, setSeed, preview },
  };
}

export type Source = ReturnType<typeof useSource>;

/** The choice is a part of the address, so that a link can lead to a collection; coming back without one keeps the last. */
function useChoiceId() {
  const { collection, model } = useSearch({ from: '/' });
  const navigate = useNavigate();
  const [kept, setKept] = useKept('style.choice', '');
  const named = collection ?? model;
  useEffect(() => {
    if (named !== undefined) setKept(named);
  }, [named, setKept]);
  const setChoiceId = (id: string) => void navigate({ to: '/', search: parseStyleSearch({ collection: id, model: id }), replace: true });
  return { choiceId: named ?? kept, setChoiceId, keepChoice: setKept };
}

/** What nobody has chosen is a choice as well, once a photo may be painted with it: another collection that appears does not change it. */
function useChoiceKept(choice: Choice | undefined, settled: boolean, keep: (id: string) => void): void {
  const id = settled ? choice?.id : undefined;
  useEffect(() => {
    if (id !== undefined) keep(id);
  }, [id, keep]);
}

function useChoices() {
  const models = useModels();
  const collections = useCollections();
  const list = models.data === undefined ? [] : choicesOf(models.data, collections.data?.items ?? []);
  return { list, models, collections };
}

/** Whoever comes can mint something in it now, as far as the indexer knows. */
function isOpen({ collection }: Choice): boolean {
  return collection !== undefined && !collection.paused && !collection.allowlist && collection.minted < collection.maxSupply;
}

/** Collections first, then the models that none of them has. */
function choicesOf(models: readonly ModelInfo[], collections: readonly Collection[]): Choice[] {
  const withModel = collections.flatMap((collection) => {
    const model = models.find(({ commitment }) => commitment === collection.modelCommitment);
    return model === undefined ? [] : [{ id: collection.address as string, label: `${collection.name} (${model.name})`, model, collection }];
  });
  const used = new Set(withModel.map(({ model }) => model.name));
  const rest = models.filter(({ name }) => !used.has(name));
  return [...withModel, ...rest.map((model) => ({ id: model.name, label: `${model.name}, no collection yet`, model, collection: undefined }))];
}

function usePreview(photo: Photo | undefined, crop: Crop, model: ModelInfo | undefined, dial: string | null, seed: number) {
  const { modelServer } = useConfig();
  return useQuery({
    queryKey: ['preview', photo?.id, crop, model?.name, dial, seed],
    enabled: photo !== undefined && model !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<FoundPreview> => {
      const sent = await squareBlob(photo as Photo, crop);
      const found = await requestPreview(modelServer, { model: model as ModelInfo, photo: sent, dial, seed, signal });
      return { ...found, model: (model as ModelInfo).name };
    },
  });
}
