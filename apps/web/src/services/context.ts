/** What was loaded before the first page: configuration, and the local test wallet where there is one. */
import { createContext, useContext } from 'react';
import type { LocalTestWallet } from '../wallet/local-test-wallet.ts';
import type { Config } from './config.ts';

export interface Surroundings {
  readonly config: Config;
  readonly testWallet: LocalTestWallet | undefined;
}

export const SurroundingsContext = createContext<Surroundings | undefined>(undefined);

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext);
  if (surroundings === undefined) throw new Error('Expected the page to be within its surroundings.');
  return surroundings;
}

export const useConfig = (): Config => useSurroundings().config;
