/** The owner's page: own collections with their sales, and the fees of own models. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useConfig } from '../../services/context.ts';
import { listCollections, listRegisteredModels, readAccount } from '../../services/indexer.ts';
import { useLive } from '../../services/live.ts';
import { linkButton } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { useTitle } from '../../ui/title.ts';
import { WalletList } from '../../wallet/connect-dialog.tsx';
import { useSession } from '../../wallet/session.tsx';
import { CollectionPanel } from './collection-panel.tsx';
import { ModelPanel } from './model-panel.tsx';

export function StudioPage(): ReactNode {
  useTitle('Studio');
  useLive();
  const { account, settling } = useSession();
  return (
    <div className="grid gap-8">
      <h1>Studio</h1>
      {account === undefined ? (
        <div className="grid max-w-md gap-4">
          <p>Connect the account that owns a collection or a model, to see its sales and to change them.</p>
          {settling ? <p role="status">Taking up your wallet…</p> : <WalletList />}
        </div>
      ) : (
        <Owned account={account} />
      )}
    </div>
  );
}

/** Collections of an installation that are looked through for one's own. */
const MAX_PAGES = 10;

function useOwned(account: string) {
  const { proofServer } = useConfig();
  return useQuery({
    queryKey: ['collections', 'owned', account],
    queryFn: async ({ signal }) => {
      const found = [];
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const { items, next } = await listCollections(proofServer, cursor, signal);
        found.push(...items.filter(({ owner }) => owner.toLowerCase() === account));
        if (next === null) break;
        cursor = next;
      }
      return found;
    },
  });
}

function Owned({ account }: { readonly account: string }): ReactNode {
  const { proofServer } = useConfig();
  const collections = useOwned(account);
  const models = useQuery({ queryKey: ['registry'], queryFn: ({ signal }) => listRegisteredModels(proofServer, signal) });
  const state = useQuery({ queryKey: ['account', account], queryFn: ({ signal }) => readAccount(proofServer, account, signal) });
  const error = collections.error ?? models.error;
  if (error) {
    const again = () => {
      void collections.refetch();
      void models.refetch();
    };
    return <Failure error={error} title="Not loaded" onRetry={again} />;
  }
  if (collections.data === undefined || models.data === undefined)
    return <div role="status" aria-label="Loading your studio" className="skeleton h-48" />;
  const own = models.data.filter(({ owner }) => owner.toLowerCase() === account);
  if (own.length === 0 && collections.data.length === 0) return <Nothing />;
  return (
    <div className="grid gap-12">
      {own.length > 0 && <ModelPanel account={account as `0x${string}`} models={own} owed={state.data?.owed} onChange={() => void state.refetch()} />}
      {collections.data.map((collection) => (
        <CollectionPanel key={collection.address} collection={collection} onChange={() => void collections.refetch()} />
      ))}
    </div>
  );
}

function Nothing(): ReactNode {
  return (
    <div className="grid max-w-xl justify-items-start gap-4">
      <p>
        This account owns no collection and no model on this chain. A collection is deployed from a terminal:{' '}
        <code className="hash">npm run pentimento -- deploy</code>
      </p>
      <Link to="/collections" className={linkButton('plain')}>
        Look at the collections
      </Link>
    </div>
  );
}
