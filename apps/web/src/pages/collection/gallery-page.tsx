/** A collection's wall: a page of paintings as the address says, newest first, and new ones as they are minted. */
import type { Hex } from '@pentimento/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useConfig } from '../../services/context.ts';
import { type Collection, listTokens, readCollection, type Token, type TokenPage } from '../../services/indexer.ts';
import { useLive } from '../../services/live.ts';
import { useForm } from '../../services/pinned-model.ts';
import { AllCollections } from '../../ui/all-collections.tsx';
import { linkButton } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { dateTime, priceInWords, shortened } from '../../ui/format.ts';
import { useTitle } from '../../ui/title.ts';
import { TokenPicture } from '../../ui/token-picture.tsx';
import { useSession } from '../../wallet/session.tsx';
import { Filters } from './filters.tsx';
import { accountOf, type GallerySearch } from './search.ts';

/** Divisible by the columns of every width. */
const PAGE_SIZE = 24;

export function GalleryPage(): ReactNode {
  const { address } = useParams({ from: '/collection/$address' });
  const search = useSearch({ from: '/collection/$address' });
  const { proofServer } = useConfig();
  const live = useLive();
  const collection = useQuery({ queryKey: ['collection', address], queryFn: ({ signal }) => readCollection(proofServer, address, signal) });
  useTitle(collection.data?.name ?? 'Collection');
  const tokens = useTokens(address, search);
  if (collection.error && !collection.data) {
    return (
      <Failure error={collection.error} title="Collection not loaded" onRetry={() => void collection.refetch()} elsewhere={<AllCollections />} />
    );
  }
  const fresh = live.token?.collection === address.toLowerCase() ? live.token : undefined;
  return (
    <div className="grid gap-8">
      <Heading collection={collection.data} />
      <Filters address={address} search={search} />
      {!live.open && (
        <p role="status" className="text-sm text-soft">
          New mints cannot be heard just now; what is shown may be behind.
        </p>
      )}
      <p role="status" className="sr-only">
        {fresh ? `Painting ${fresh.number} was minted just now.` : ''}
      </p>
      {tokens.error ? (
        <Failure error={tokens.error} title="Paintings not loaded" onRetry={() => void tokens.refetch()} />
      ) : (
        <Wall address={address as Hex} page={tokens.data} search={search} fresh={fresh?.tokenId} />
      )}
    </div>
  );
}

function useTokens(address: string, search: GallerySearch) {
  const { proofServer } = useConfig();
  const { account } = useSession();
  const [creator, owner] = [accountOf(search.creator, account), accountOf(search.owner, account)];
  const query = { sort: search.sort ?? 'newest', creator, owner, search: search.search, cursor: search.cursor, limit: PAGE_SIZE } as const;
  return useQuery({
    queryKey: ['tokens', address, query],
    queryFn: ({ signal }) => listTokens(proofServer, address, query, signal),
    placeholderData: keepPreviousData,
  });
}

function Heading({ collection }: { readonly collection: Collection | undefined }): ReactNode {
  if (collection === undefined) return <div className="skeleton h-24 max-w-xl" role="status" aria-label="Loading the collection" />;
  const { name, minted, maxSupply, owner, end, address } = collection;
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-4">
      <div>
        <h1>{name}</h1>
        <p className="mt-3 text-soft">
          {minted} of {maxSupply} minted. {saleInWords(collection)}. By <span className="hash whitespace-nowrap">{shortened(owner)}</span>
          {end > 0 && !isClosed(collection) && `, until ${dateTime(end * 1000)}`}
        </p>
      </div>
      <Link to="/" search={{ collection: address }} className={linkButton('primary')} aria-label={`Paint for this collection, ${name}`}>
        Paint for this collection
      </Link>
    </div>
  );
}

const isClosed = ({ end }: Collection): boolean => end > 0 && Date.now() >= end * 1000;

function saleInWords(collection: Collection): string {
  const { minted, maxSupply, mintCost, paused, allowlist } = collection;
  if (minted >= maxSupply) return 'Sold out';
  if (paused) return 'Minting is paused';
  if (isClosed(collection)) return 'The sale has ended';
  return allowlist ? `${priceInWords(mintCost)}, for accounts on its allowlist` : priceInWords(mintCost);
}

interface WallProps {
  readonly address: Hex;
  readonly page: TokenPage | undefined;
  readonly search: GallerySearch;
  readonly fresh: string | undefined;
}

function Wall({ address, page, search, fresh }: WallProps): ReactNode {
  const form = useForm(address);
  if (page === undefined) return <Skeletons />;
  if (page.items.length === 0) return <Empty address={address} filtered={Object.keys(search).length > 0} />;
  return (
    <div className="grid gap-8">
      <p role="status" className="text-sm text-soft">
        {page.total} {page.total === 1 ? 'painting' : 'paintings'}
      </p>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-6 sm:grid-cols-3 sm:gap-x-6 lg:grid-cols-4">
        {page.items.map((token) => (
          <Work key={token.tokenId} address={address} token={token} fresh={token.tokenId === fresh}>
            <TokenPicture token={token} form={form} label={`Painting ${token.number}`} />
          </Work>
        ))}
      </ul>
      <nav aria-label="Pages of the collection" className="flex gap-3">
        {search.cursor !== undefined && (
          <Link to="/collection/$address" params={{ address }} search={withoutCursor(search)} className={linkButton('plain')}>
            First page
          </Link>
        )}
        {page.next !== null && (
          <Link to="/collection/$address" params={{ address }} search={{ ...search, cursor: page.next }} className={linkButton('plain')}>
            Next page
          </Link>
        )}
      </nav>
    </div>
  );
}

function withoutCursor({ cursor: _, ...rest }: GallerySearch): GallerySearch {
  return rest;
}

interface WorkProps {
  readonly address: string;
  readonly token: Token;
  readonly fresh: boolean;
  readonly children: ReactNode;
}

/** A new one carries the ochre trace for a while. */
function Work({ address, token, fresh, children }: WorkProps): ReactNode {
  const [marked, setMarked] = useState(fresh);
  useEffect(() => {
    if (!fresh) return;
    setMarked(true);
    const timer = setTimeout(() => setMarked(false), 8000);
    return () => clearTimeout(timer);
  }, [fresh]);
  return (
    <li>
      <Link to="/collection/$address/$tokenId" params={{ address, tokenId: token.tokenId }} className="group block no-underline">
        <div className={`outline-trace ${marked ? 'outline-4' : 'outline-0'} group-hover:outline-2 group-hover:outline-ink`}>{children}</div>
        <p className="mt-2 flex justify-between gap-2 text-sm">
          <span className="font-semibold">No. {token.number}</span>
          <span className="hash text-soft">{shortened(token.creator)}</span>
        </p>
      </Link>
    </li>
  );
}

function Skeletons(): ReactNode {
  return (
    <div role="status" aria-label="Loading paintings" className="grid grid-cols-2 gap-4 sm:grid-cols-3 sm:gap-6 lg:grid-cols-4">
      {Array.from({ length: 8 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places on a wall
        <div key={i} className="skeleton aspect-square" />
      ))}
    </div>
  );
}

function Empty({ address, filtered }: { readonly address: string; readonly filtered: boolean }): ReactNode {
  return (
    <div className="grid justify-items-start gap-4 border-t border-line pt-6">
      <p>{filtered ? 'No painting fits these filters.' : 'The wall is empty. The first painting could be yours.'}</p>
      {filtered ? (
        <Link to="/collection/$address" params={{ address }} search={{}} className={linkButton('plain')}>
          Show all
        </Link>
      ) : (
        <Link to="/" search={{ collection: address }} className={linkButton('primary')}>
          Paint a photo
        </Link>
      )}
    </div>
  );
}
