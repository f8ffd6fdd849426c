/** What is new on chain, as the indexer sees it, handed to the queries that show it. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useConfig } from './context.ts';
import { subscribe } from './events.ts';
import { type Collection, decodeCollection, decodeToken, type Token } from './indexer.ts';

export interface Live {
  /** The newest token since the page was opened. */
  readonly token: Token | undefined;
  /** False while the indexer cannot be heard. */
  readonly open: boolean;
}

/** Refreshes lists of tokens and collections when something is minted or deployed. */
export function useLive(): Live {
  const { proofServer } = useConfig();
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>({ token: undefined, open: true });
  useEffect(
    () =>
      subscribe<Token | Collection>({
        url: `${proofServer.url}/v1/events`,
        events: { token: decodeToken, collection: decodeCollection },
        onState: (open) => setLive((now) => ({ ...now, open })),
        onEvent: (_name, data) => {
          if ('tokenId' in data) setLive({ token: data, open: true });
          for (const key of ['tokens', 'collection', 'collections', 'token']) void queries.invalidateQueries({ queryKey: [key] });
        },
      }),
    [proofServer, queries],
  );
  return live;
}
