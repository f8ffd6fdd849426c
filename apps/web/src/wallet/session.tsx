/** The connected account, as the pages need it. */
import type { Hex } from '@pentimento/core';
import { useConnection } from 'wagmi';
import { useConfig } from '../services/context.ts';
import { TEST_WALLET_RDNS } from './local-test-wallet.ts';

export interface Session {
  readonly account: Hex | undefined;
  /** The wallet is on the chain of this installation. */
  readonly rightNetwork: boolean;
  readonly walletName: string | undefined;
  readonly testWallet: boolean;
  /** A connection of an earlier visit is being taken up. */
  readonly settling: boolean;
}

export function useSession(): Session {
  const { chain } = useConfig();
  const { address, chainId, connector, status } = useConnection();
  return {
    account: address?.toLowerCase() as Hex | undefined,
    rightNetwork: chainId === chain.id,
    walletName: connector?.name,
    testWallet: connector?.id === TEST_WALLET_RDNS,
    settling: status === 'reconnecting',
  };
}
