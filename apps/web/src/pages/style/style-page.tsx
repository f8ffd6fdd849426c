/** The style page: a photo becomes a painting of a collection. Works without a wallet. */
import { bytesToHex } from '@pentimento/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { writeDraft } from '../../services/draft.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { useTitle } from '../../ui/title.ts';
import { Controls } from './controls.tsx';
import { Easel } from './easel.tsx';
import { SENT_SIZE } from './photo.ts';
import { PhotoPicker } from './photo-picker.tsx';
import { SourcePanel } from './source-panel.tsx';
import { Steps } from './steps.tsx';
import { type Painting, usePainting } from './use-painting.ts';
import { type Source, useSource } from './use-source.ts';
import { Variations } from './variations.tsx';
import { Welcome } from './welcome.tsx';

export function StylePage(): ReactNode {
  useTitle('Style');
  const source = useSource();
  const { photo, preview, choice } = source;
  const found = preview.isPlaceholderData && preview.data?.model !== choice?.model.name ? undefined : preview.data;
  const painting = usePainting(choice?.model, found, source.seed);
  const easel = useFocusOnArrival(photo !== undefined);
  return (
    <div className="grid gap-x-8 gap-y-8 md:grid-cols-[minmax(0,1fr)_18rem] lg:grid-cols-[minmax(0,1fr)_17rem_17rem]">
      <h1 className={photo ? 'sr-only' : 'col-span-full'}>Paint a photo in a collection’s hand</h1>
      {photo ? (
        <div className="max-md:contents md:row-span-2 md:grid md:content-start md:gap-5 md:self-start lg:sticky lg:top-4">
          <div className="max-md:sticky max-md:top-0 max-md:z-10 max-md:-mx-4 max-md:bg-ground max-md:px-4 max-md:py-2">
            <div ref={easel} tabIndex={-1} className="mx-auto outline-none max-md:max-w-[min(100%,42dvh)]">
              <Easel picture={painting.painted} photo={photo} crop={source.crop} busy={preview.isFetching} />
            </div>
          </div>
          <div className="flex flex-wrap items-start justify-between gap-3">
            <Steps painting={painting} />
            <MintLink source={source} painting={painting} />
          </div>
          {choice && painting.base && <Variations model={choice.model} painting={painting} />}
        </div>
      ) : (
        <div className="md:row-span-2 lg:col-span-2 lg:row-span-1">
          <Welcome />
          <PhotoPicker onPhoto={source.open} large />
        </div>
      )}
      <div className="grid content-start gap-6 max-md:order-2">
        <Failures source={source} painting={painting} />
        <SourcePanel source={source} />
        <Privacy />
      </div>
      {photo && (
        <div className="grid content-start gap-6 max-md:order-1">
          <Controls painting={painting} width={choice?.model.image.width ?? 32} />
        </div>
      )}
    </div>
  );
}

/** The first photo replaces what was focused, so the keyboard goes on at the painting. */
function useFocusOnArrival(arrived: boolean): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef(arrived);
  useEffect(() => {
    if (arrived && !before.current) element.current?.focus({ preventScroll: true });
    before.current = arrived;
  }, [arrived]);
  return element;
}

function Failures({ source, painting }: { readonly source: Source; readonly painting: Painting }): ReactNode {
  const { preview, photo } = source;
  return (
    <>
      {photo && preview.error && <Failure error={preview.error} title="Not painted" onRetry={() => void preview.refetch()} />}
      {painting.failure !== undefined && <Failure error={painting.failure} title="Model not usable" />}
    </>
  );
}

function MintLink({ source, painting }: { readonly source: Source; readonly painting: Painting }): ReactNode {
  const navigate = useNavigate();
  const { choice, dial, preview } = source;
  const mint = () => {
    if (painting.latent === undefined || painting.edits === undefined || choice === undefined) return;
    const { name, commitment } = choice.model;
    const collection = choice.collection?.address ?? null;
    writeDraft(localStorage, { model: { name, commitment }, collection, latent: bytesToHex(painting.latent), pose: painting.edits.pose, dial });
    void navigate({ to: '/mint', search: collection === null ? {} : { collection } });
  };
  return (
    <div className="grid gap-2">
      <Button
        weight="primary"
        className="min-h-12 text-lg"
        disabled={painting.latent === undefined || preview.isFetching || choice?.collection === undefined}
        onClick={mint}
      >
        Mint this painting
      </Button>
      {choice !== undefined && choice.collection === undefined && (
        <p className="text-sm text-soft">No collection on this chain uses {choice.model.name}, so its paintings cannot be minted here.</p>
      )}
    </div>
  );
}

function Privacy(): ReactNode {
  return (
    <section aria-labelledby="privacy" className="border-t border-line pt-4 text-sm text-soft">
      <h2 id="privacy" className="mb-1 font-sans text-sm font-semibold text-ink">
        What leaves this page
      </h2>
      <p>
        Only the square that you see, {SENT_SIZE} by {SENT_SIZE} pixels and without the photo's metadata, goes to the model server. It looks for the
        nearest painting and keeps no picture, only a count. Everything after that is painted here, in your browser. A mint publishes the painting and
        its latent, never the photo.
      </p>
    </section>
  );
}
