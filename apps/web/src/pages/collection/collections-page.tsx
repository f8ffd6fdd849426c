/** All collections, with the newest paintings of each. */
import type { Hex } from '@pentimento/core';
import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useConfig } from '../../services/context.ts';
import { type Collection, listCollections, readToken } from '../../services/indexer.ts';
import { useLive } from '../../services/live.ts';
import { useForm } from '../../services/pinned-model.ts';
import { Button, linkButton } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { priceInWords } from '../../ui/format.ts';
import { useTitle } from '../../ui/title.ts';
import { TokenPicture } from '../../ui/token-picture.tsx';

export function CollectionsPage(): ReactNode {
  useTitle('Collections');
  useLive();
  const { proofServer } = useConfig();
  const pages = useInfiniteQuery({
    queryKey: ['collections', 'all'],
    queryFn: ({ pageParam, signal }) => listCollections(proofServer, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const collections = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="grid gap-8">
      <h1>Collections</h1>
      {pages.error && <Failure error={pages.error} title="Collections not loaded" onRetry={() => void pages.refetch()} />}
      {pages.isLoading && <Waiting />}
      {pages.isSuccess && collections.length === 0 && <p>No collection has been deployed on this chain yet.</p>}
      <ul className="grid gap-x-8 gap-y-12 sm:grid-cols-2 lg:grid-cols-3">
        {collections.map((collection) => (
          <CollectionCard key={collection.address} collection={collection} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <div>
          <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            More collections
          </Button>
        </div>
      )}
    </div>
  );
}

function CollectionCard({ collection }: { readonly collection: Collection }): ReactNode {
  const { address, name, minted, maxSupply, mintCost, paused } = collection;
  return (
    <li className="grid content-start gap-3">
      <Previews collection={collection} />
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2>
            <Link to="/collection/$address" params={{ address }} className="no-underline hover:underline">
              {name}
            </Link>
          </h2>
          <p className="mt-1 text-sm text-soft">
            {minted} of {maxSupply} minted. {paused ? 'Paused' : priceInWords(mintCost)}
          </p>
        </div>
        <Link to="/collection/$address" params={{ address }} className={linkButton('plain')} aria-label={`Look at ${name}`}>
          Look
        </Link>
      </div>
    </li>
  );
}

const PREVIEWS = 4;

/** The newest paintings, as one square. */
function Previews({ collection }: { readonly collection: Collection }): ReactNode {
  const { proofServer } = useConfig();
  const form = useForm(collection.address as Hex);
  const ids = collection.previewTokens.slice(0, PREVIEWS);
  const tokens = useQueries({
    queries: ids.map((tokenId) => ({
      queryKey: ['token', collection.address, tokenId],
      queryFn: () => readToken(proofServer, collection.address, tokenId),
      staleTime: 60_000,
    })),
  });
  return (
    <div className="grid aspect-square grid-cols-2 bg-surface" aria-hidden="true">
      {tokens.map(({ data }, i) => (
        <div key={ids[i]} className={tokens.length === 1 ? 'col-span-2' : ''}>
          {data ? <TokenPicture token={data} form={form} label="" /> : <div className="skeleton aspect-square" />}
        </div>
      ))}
      {tokens.length === 0 && <p className="col-span-2 self-end p-4 text-soft">Nothing minted yet</p>}
    </div>
  );
}

function Waiting(): ReactNode {
  return (
    <div className="grid gap-8 sm:grid-cols-2 lg:grid-cols-3" role="status" aria-label="Loading collections">
      {[1, 2, 3].map((i) => (
        <div key={i} className="skeleton aspect-square" />
      ))}
    </div>
  );
}
