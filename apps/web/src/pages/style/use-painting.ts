/** The painting: what the server found, moved by the sliders and painted by the integer reference in a worker; with undo and redo. */
import { BaseError, bytesToHex, hexToBytes } from '@pentimento/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Picture, PictureForm } from '../../picture/pixels.ts';
import { useConfig } from '../../services/context.ts';
import { formOf, type ModelInfo } from '../../services/model-server.ts';
import { useKept } from '../../ui/kept.ts';
import { type Decoder, openDecoder } from '../../worker/decoder.ts';
import type { Direction } from '../../worker/directions.ts';
import { type Edits, editedLatent, untouched } from './edits.ts';
import { changed, type History, historyOf, redone, settled, undone } from './history.ts';
import type { FoundPreview } from './use-source.ts';

export const DIRECTIONS = 5;

interface Session {
  readonly found: FoundPreview;
  readonly model: ModelInfo;
  readonly history: History<Edits>;
}

export function usePainting(model: ModelInfo | undefined, found: FoundPreview | undefined, seed: number) {
  const [session, setSession] = useKept<Session | undefined>('style.painting', undefined);
  const { decoder, failure: modelFailure } = useDecoder(model);
  useEffect(() => {
    if (model === undefined || found === undefined || found.model !== model.name) return;
    setSession((now) => (now?.found === found ? now : { found, model, history: historyOf(untouched(found.pose, seed)) }));
  }, [found, model, seed, setSession]);
  const current = session !== undefined && session.model.name === model?.name && found !== undefined ? session : undefined;
  const foundLatent = current?.found.latent;
  const base = useMemo(() => (foundLatent === undefined ? undefined : hexToBytes(foundLatent)), [foundLatent]);
  const directions = useDirections(model, base);
  const edits = current?.history.present;
  const latent = useMemo(() => (base && edits ? editedLatent(base, directions ?? [], edits) : undefined), [base, directions, edits]);
  const painted = usePainted(decoder, model, latent, edits?.pose, current?.found);
  const update = useCallback(
    (change: (history: History<Edits>) => History<Edits>) => setSession((now) => now && { ...now, history: change(now.history) }),
    [setSession],
  );
  return {
    ...{ base, latent, edits, directions, painted: painted.picture, failure: modelFailure ?? painted.failure, history: current?.history },
    edit: (part: Partial<Edits>, gesture = '') => update((history) => changed(history, { ...history.present, ...part }, gesture)),
    settle: () => update(settled),
    undo: () => update(undone),
    redo: () => update(redone),
    reset: () => update((history) => changed(history, untouched(current?.found.pose ?? history.present.pose, seed), '')),
  };
}

export type Painting = ReturnType<typeof usePainting>;

function useDecoder(model: ModelInfo | undefined): { decoder: Decoder | undefined; failure: unknown } {
  const { modelServer } = useConfig();
  const [state, setState] = useState<{ decoder: Decoder | undefined; failure: unknown }>({ decoder: undefined, failure: undefined });
  useEffect(() => {
    if (model === undefined) return;
    let left = false;
    const decoder = openDecoder(modelServer, model);
    const tell = (next: { decoder: Decoder | undefined; failure: unknown }) => left || setState(next);
    tell({ decoder: undefined, failure: undefined });
    decoder.ready
      .then((files) => assertListed(model, files))
      .then(
        () => tell({ decoder, failure: undefined }),
        (failure: unknown) => tell({ decoder: undefined, failure }),
      );
    return () => {
      left = true;
      decoder.stop();
    };
  }, [modelServer, model]);
  return state;
}

/** The list of models, which nothing proves, says the same as the files. */
function assertListed(model: ModelInfo, { latentLength, form }: Awaited<Decoder['ready']>): void {
  const shape = (length: number, { kind, width, height, palette }: PictureForm) => [length, kind, width, height, ...palette].join().toLowerCase();
  if (shape(model.latentLength, formOf(model)) === shape(latentLength, form)) return;
  const message = `Expected the list of models to give ${model.name} the size and the colours of its files, but they differ.`;
  throw new BaseError({ code: 'model/wrong-commitment', message });
}

/** In a worker of their own: a slider that is already there must not wait for the search for others. */
function useDirections(model: ModelInfo | undefined, base: Uint8Array | undefined): readonly Direction[] | undefined {
  const { modelServer } = useConfig();
  const [found, setFound] = useState<{ base: Uint8Array; directions: readonly Direction[] } | undefined>();
  const [name, commitment] = [model?.name, model?.commitment];
  useEffect(() => {
    if (name === undefined || commitment === undefined || base === undefined) return;
    const decoder = openDecoder(modelServer, { name, commitment });
    decoder.directions(base, DIRECTIONS).then(
      (directions) => setFound({ base, directions }),
      () => undefined,
    );
    return decoder.stop;
  }, [modelServer, name, commitment, base]);
  return found !== undefined && found.base === base ? found.directions : undefined;
}

/** User Timing entry of each change, from the new latent to its pixels on the canvas. */
const MEASURE = 'slider-to-pixels';

function usePainted(
  decoder: Decoder | undefined,
  model: ModelInfo | undefined,
  latent: Uint8Array | undefined,
  pose: number | undefined,
  found: FoundPreview | undefined,
) {
  const [painted, setPainted] = useState<{ bytes: Uint8Array; model: ModelInfo } | undefined>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (decoder === undefined || latent === undefined || model === undefined) return;
    const start = performance.now();
    setFailure(undefined);
    decoder.decodeLatest(latent).then(
      (bytes) => {
        if (bytes === undefined) return;
        setPainted({ bytes, model });
        requestAnimationFrame(() => performance.measure(MEASURE, { start }));
        if (found !== undefined && bytesToHex(latent) === found.latent && bytesToHex(bytes) !== found.picture) {
          setFailure(new Error('The model server painted something else than the model does. Nothing of it can be proven; try another model.'));
        }
      },
      (error: unknown) => setFailure(error),
    );
  }, [decoder, latent, model, found]);
  const bytes = painted?.model === model ? painted?.bytes : undefined;
  const shown = bytes ?? (found && model && found.model === model.name ? hexToBytes(found.picture) : undefined);
  const picture = useMemo<Picture | undefined>(
    () => (shown === undefined || model === undefined || pose === undefined ? undefined : { form: formOf(model), bytes: shown, pose }),
    [shown, model, pose],
  );
  return { picture, failure };
}
