/** wagmi's configuration for the one chain of this installation; wallets announce themselves (EIP-6963), no wallet's own code is included. */
import { type Chain, defineChain } from 'viem';
import { createConfig, http, type Config as WagmiConfig } from 'wagmi';
import type { Config } from '../services/config.ts';

function chainOf({ chain }: Config): Chain {
  return defineChain({
    id: chain.id,
    name: chain.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [chain.rpcUrl] } },
  });
}

const POLLING_MS = 1000;

export function walletConfig(config: Config): WagmiConfig {
  const chain = chainOf(config);
  return createConfig({
    chains: [chain],
    transports: { [chain.id]: http(config.chain.rpcUrl, { retryCount: 1 }) },
    multiInjectedProviderDiscovery: true,
    pollingInterval: POLLING_MS,
  });
}
