/**
 * The local test wallet: an EIP-1193 provider, announced by EIP-6963, that hands requests to a development node, whose accounts are
 * unlocked. Offered on the chain ids of development nodes alone, after the node itself has said that it is one.
 */
import type { Hex } from '@pentimento/core';
import { isLocalChain } from '../services/config.ts';

const TEST_WALLET_NAME = 'Local test wallet (worthless test money)';
export const TEST_WALLET_RDNS = 'local.pentimento.test';

const GRANT = 'pentimento.test-wallet';

const ICON =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" shape-rendering="crispEdges"%3E%3Cpath fill="%23d9822b" d="M1 4h14v9H1z"/%3E%3Cpath fill="%23131c19" d="M11 7h4v3h-4z"/%3E%3C/svg%3E';

interface Request {
  readonly method: string;
  readonly params?: readonly unknown[];
}

type Listener = (value: unknown) => void;

class ProviderError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Provider of the node at `rpcUrl`; the account of `setAccount` comes first, and with it becomes the active one. */
export class LocalTestWallet {
  readonly #rpcUrl: string;
  readonly #chainId: number;
  readonly #listeners = new Map<string, Set<Listener>>();
  #first = 0;

  constructor(rpcUrl: string, chainId: number) {
    if (!isLocalChain(chainId)) throw new RangeError(`Expected a development chain for the test wallet, got chain ${chainId}.`);
    this.#rpcUrl = rpcUrl;
    this.#chainId = chainId;
  }

  async request({ method, params = [] }: Request): Promise<unknown> {
    if (method === 'eth_chainId') return `0x${this.#chainId.toString(16)}`;
    if (method === 'eth_requestAccounts') return this.#grant();
    if (method === 'eth_accounts') return this.#granted() ? this.#accounts() : [];
    if (method === 'wallet_revokePermissions') return this.#revoke();
    if (method === 'wallet_switchEthereumChain' || method === 'wallet_addEthereumChain') return this.#switch(params[0]);
    if (method.startsWith('wallet_')) throw new ProviderError(4200, `The local test wallet has no ${method}.`);
    return this.#call(method, params);
  }

  on(event: string, listener: Listener): this {
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(listener));
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  /** Makes the account at this position of the node's list the active one. */
  async setAccount(position: number): Promise<void> {
    this.#first = position;
    const accounts = await this.#accounts();
    for (const listener of this.#listeners.get('accountsChanged') ?? []) listener(accounts);
  }

  /** The node's accounts in its own order. */
  nodeAccounts(): Promise<readonly Hex[]> {
    return this.#call('eth_accounts', []) as Promise<readonly Hex[]>;
  }

  async #accounts(): Promise<readonly Hex[]> {
    const accounts = await this.nodeAccounts();
    const active = accounts[this.#first];
    return active === undefined ? accounts : [active, ...accounts.filter((account) => account !== active)];
  }

  /** Like any wallet it shows its accounts only after it was asked, and remembers that it was. */
  #grant(): Promise<readonly Hex[]> {
    localStorage.setItem(GRANT, 'yes');
    return this.#accounts();
  }

  #granted(): boolean {
    return localStorage.getItem(GRANT) === 'yes';
  }

  #revoke(): null {
    localStorage.removeItem(GRANT);
    return null;
  }

  #switch(wanted: unknown): null {
    const chainId = Number((wanted as { chainId?: string } | undefined)?.chainId);
    if (chainId !== this.#chainId) throw new ProviderError(4902, `The local test wallet knows chain ${this.#chainId} only.`);
    return null;
  }

  async #call(method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(this.#rpcUrl, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { code: number; message: string; data?: unknown } };
    if (error !== undefined) throw Object.assign(new ProviderError(error.code, error.message), { data: error.data });
    return result;
  }
}

/** Announces the wallet, now and whenever a page asks (EIP-6963), if the node says that it is a development node. */
export async function announceTestWallet(rpcUrl: string, chainId: number): Promise<LocalTestWallet | undefined> {
  const provider = new LocalTestWallet(rpcUrl, chainId);
  const version = await provider.request({ method: 'web3_clientVersion' }).catch(() => '');
  if (!/anvil|hardhat/i.test(String(version))) return undefined;
  const detail = Object.freeze({
    info: Object.freeze({ uuid: 'a8d6e0c2-5f6b-4d63-9a2b-0f5c3a9e7d11', name: TEST_WALLET_NAME, icon: ICON, rdns: TEST_WALLET_RDNS }),
    provider,
  });
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
  return provider;
}
