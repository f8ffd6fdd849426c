/** The mint under way as the page's state, written to the browser's storage at every step. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { tokenIdOf } from '../../picture/token-id.ts';
import { readerOf } from '../../wallet/transact.ts';
import { advance, loadRecord, type MintEvent, type MintRecord, saveRecord } from './record.ts';
import { readSale } from './sale.ts';

export type Dispatch = (event: MintEvent) => void;

/** The record under a key, and what changes it. What is kept is read anew for each event, so that a second tab is not overwritten blindly. */
export function useRecord(key: string): { record: MintRecord | undefined; dispatch: Dispatch } {
  const [record, setRecord] = useState(() => loadRecord(localStorage, key));
  const dispatch = useCallback(
    (event: MintEvent) => {
      const now = loadRecord(localStorage, key);
      if (now === undefined) return;
      const next = advance(now, event);
      saveRecord(localStorage, next);
      setRecord(next);
    },
    [key],
  );
  return { record, dispatch };
}

const SALE_POLL_MS = 4000;

export function useSale(record: MintRecord, account: `0x${string}` | undefined) {
  const wagmi = useWagmiConfig();
  return useQuery({
    queryKey: ['sale', record.collection, tokenIdOf(record), account],
    queryFn: () => readSale(readerOf(wagmi), record.collection, BigInt(tokenIdOf(record)), account),
    refetchInterval: SALE_POLL_MS,
  });
}
