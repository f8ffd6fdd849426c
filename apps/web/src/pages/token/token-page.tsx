/** One painting: picture, traits, history, downloads, and the proof. */
import type { Hex } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useConfig } from '../../services/context.ts';
import { type Collection, readCollection, readToken, type Token } from '../../services/indexer.ts';
import { useLive } from '../../services/live.ts';
import { usePinnedModel } from '../../services/pinned-model.ts';
import { AllCollections } from '../../ui/all-collections.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { dateTime, ether, shortened } from '../../ui/format.ts';
import { useTitle } from '../../ui/title.ts';
import { TokenPicture, useTokenPicture } from '../../ui/token-picture.tsx';
import { Downloads } from './downloads.tsx';
import { ProofPanel } from './proof-panel.tsx';
import { bytesKey } from './token-bundle.ts';
import { Traits } from './traits.tsx';

export function TokenPage(): ReactNode {
  const { address, tokenId } = useParams({ from: '/collection/$address/$tokenId' });
  const { proofServer } = useConfig();
  useLive();
  // A token that was minted a moment ago may not be indexed yet.
  const token = useQuery({
    queryKey: ['token', address, tokenId],
    queryFn: ({ signal }) => readToken(proofServer, address, tokenId, signal),
    retry: 4,
    retryDelay: 700,
  });
  const collection = useQuery({ queryKey: ['collection', address], queryFn: ({ signal }) => readCollection(proofServer, address, signal) });
  const title = token.data === undefined ? 'Painting' : `No. ${token.data.number}`;
  useTitle(title);
  const error = token.error ?? collection.error;
  if (error && (!token.data || !collection.data)) {
    const again = () => {
      void token.refetch();
      void collection.refetch();
    };
    return <Failure error={error} title="Painting not loaded" onRetry={again} elsewhere={<AllCollections />} />;
  }
  if (token.data === undefined || collection.data === undefined) return <Loading />;
  return <Painting token={token.data} collection={collection.data} title={title} />;
}

interface PaintingProps {
  readonly token: Token;
  readonly collection: Collection;
  readonly title: string;
}

function Painting({ token, collection, title }: PaintingProps): ReactNode {
  const address = collection.address as Hex;
  const { data: pinned, error, refetch } = usePinnedModel(address);
  const form = pinned?.form;
  const picture = useTokenPicture(token, form);
  return (
    <div className="grid gap-12">
      <div className="grid gap-x-12 gap-y-6 md:grid-cols-[minmax(0,1fr)_minmax(0,24rem)]">
        <div className="w-full md:max-w-[calc(100dvh-8rem)]">
          <TokenPicture token={token} form={form} label={`Painting ${token.number} of ${collection.name}`} />
        </div>
        <div className="grid content-start gap-6">
          <div>
            <p className="mb-2">
              <Link to="/collection/$address" params={{ address }}>
                {collection.name}
              </Link>
            </p>
            <h1>{title}</h1>
          </div>
          <Holders token={token} />
          <Downloads {...{ token, collection, picture }} />
          <Traits {...{ form, picture, pose: token.pose }} />
        </div>
      </div>
      {error && !pinned && <Failure error={error} title="Collection not read from the chain" onRetry={() => void refetch()} />}
      <ProofPanel key={bytesKey(token)} token={token} pinned={pinned} />
      <History token={token} />
    </div>
  );
}

function Holders({ token }: { readonly token: Token }): ReactNode {
  return (
    <Facts
      facts={[
        ['Owner', <Account key="owner" address={token.owner} what="owner" />],
        ['Creator', <Account key="creator" address={token.creator} what="creator" />],
        ['Minted', dateTime(token.mintedAt)],
        ['Paid', ether(token.paid)],
      ]}
    />
  );
}

function Account({ address, what }: { readonly address: string; readonly what: string }): ReactNode {
  return (
    <span className="-my-2 flex flex-wrap items-baseline justify-between gap-2">
      <span className="hash">{shortened(address)}</span>
      <CopyButton what={what} text={address} />
    </span>
  );
}

function History({ token }: { readonly token: Token }): ReactNode {
  const verbs = { mint: 'Minted by', transfer: 'Went to', burn: 'Burned by' } as const;
  return (
    <section aria-labelledby="history" className="grid gap-4">
      <h2 id="history">History</h2>
      <ol className="grid">
        {token.history.map(({ kind, from, to, at, transaction }) => (
          <li key={transaction + kind} className="flex flex-wrap justify-between gap-x-6 border-t border-line py-2">
            <span>
              {verbs[kind]} <span className="hash">{shortened(kind === 'burn' ? from : to)}</span>
            </span>
            <span className="text-soft">
              {dateTime(at)}, <span className="hash">{shortened(transaction)}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Loading(): ReactNode {
  return (
    <div role="status" aria-label="Loading the painting" className="grid gap-8 md:grid-cols-[1fr_24rem]">
      <div className="skeleton aspect-square" />
      <div className="skeleton h-40" />
    </div>
  );
}
