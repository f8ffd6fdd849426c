/** Where chain and services are: `/config.json`, written by the server of the page, so that one build fits every address. */
import { count, type Decoder, flag, object, text, url } from './check.ts';
import type { Service } from './http.ts';

export interface Config {
  readonly chain: { readonly id: number; readonly name: string; readonly rpcUrl: string };
  readonly modelServer: Service;
  readonly proofServer: Service;
  /** The local test wallet is wanted; it is offered on a local chain only. */
  readonly developmentWallet: boolean;
}

/** Chain ids of development nodes, whose accounts are unlocked and whose money is worthless. */
const LOCAL_CHAINS: readonly number[] = [31337, 1337];

export const isLocalChain = (chainId: number): boolean => LOCAL_CHAINS.includes(chainId);

const decodeConfig = object({
  chain: object({ id: count, name: text, rpcUrl: url }),
  modelServer: url,
  proofServer: url,
  developmentWallet: flag,
});

/** Throws `service/unexpected-answer` when it is not a whole configuration. */
export const parseConfig: Decoder<Config> = (value, path) => {
  const { chain, modelServer, proofServer, developmentWallet } = decodeConfig(value, path);
  return {
    chain: { ...chain, rpcUrl: trimmed(chain.rpcUrl) },
    modelServer: { name: 'the model server', url: trimmed(modelServer) },
    proofServer: { name: 'the proof server', url: trimmed(proofServer) },
    developmentWallet: developmentWallet && isLocalChain(chain.id),
  };
};

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  return parseConfig(await response.json(), 'config.json');
}

const trimmed = (address: string): string => address.replace(/\/+$/, '');
