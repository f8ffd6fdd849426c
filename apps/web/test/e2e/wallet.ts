/**
 * A wallet that a page finds by EIP-6963. The page has its provider only; what it decides is decided here, so that it outlives a reload. It
 * holds no key: requests go to the real node, whose accounts are unlocked. It can be told to decline, and to be on another network.
 */
import type { Hex } from '@pentimento/core';
import type { BrowserContext } from 'playwright-core';
import { CHAIN_ID } from './platform.ts';

export const WALLET_NAME = 'Tester wallet';
const OTHER_CHAIN_ID = 10;

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export class TestWallet {
  readonly account: Hex;
  /** Methods that are declined, with the code of a person who says no. */
  readonly declines = new Set<string>();
  /** Every request that a person would have seen. */
  readonly asked: string[] = [];
  readonly #rpcUrl: string;
  /** The network that it is on, and those that it knows. */
  #chainId = CHAIN_ID;
  #known: readonly number[] = [CHAIN_ID, OTHER_CHAIN_ID];
  #granted = false;
  #context: BrowserContext | undefined;

  constructor(rpcUrl: string, account: Hex) {
    this.#rpcUrl = rpcUrl;
    this.account = account;
  }

  get chainId(): number {
    return this.#chainId;
  }

  /** On a network that is not the platform's; that one has to be added first. */
  leaveForOtherNetwork(): void {
    this.#chainId = OTHER_CHAIN_ID;
    this.#known = [OTHER_CHAIN_ID];
  }

  /** Announces it in every page of the context. */
  async install(context: BrowserContext): Promise<void> {
    this.#context = context;
    await context.exposeFunction('testerWallet', (method: string, params: readonly unknown[]) => this.#answer(method, params));
    await context.addInitScript(announceInPage, WALLET_NAME);
  }

  async #answer(method: string, params: readonly unknown[]): Promise<{ result: unknown } | { error: Refusal }> {
    try {
      return { result: await this.#request(method, params) };
    } catch (error) {
      return { error: error as Refusal };
    }
  }

  async #request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (PERSONAL.has(method)) this.asked.push(method);
    if (this.declines.has(method)) throw { code: 4001, message: 'User rejected the request.' } satisfies Refusal;
    switch (method) {
      case 'eth_chainId':
        return hex(this.#chainId);
      case 'eth_requestAccounts':
        this.#granted = true;
        return [this.account];
      case 'eth_accounts':
        return this.#granted ? [this.account] : [];
      case 'wallet_switchEthereumChain':
        return this.#switch(Number((params[0] as { chainId: string }).chainId));
      case 'wallet_addEthereumChain':
        return this.#add(Number((params[0] as { chainId: string }).chainId));
      default:
        if (method.startsWith('wallet_')) throw { code: -32601, message: `There is no ${method}.` } satisfies Refusal;
        return this.#forward(method, params);
    }
  }

  /** Like the common wallets, it switches to what was added. */
  #add(added: number): Promise<null> {
    this.#known = [...this.#known, added];
    return this.#switch(added);
  }

  async #switch(wanted: number): Promise<null> {
    if (!this.#known.includes(wanted)) throw { code: 4902, message: `Chain ${wanted} has not been added.` } satisfies Refusal;
    this.#chainId = wanted;
    await this.#emit('chainChanged', hex(wanted));
    return null;
  }

  async #emit(event: string, value: unknown): Promise<void> {
    for (const page of this.#context?.pages() ?? []) {
      await page.evaluate((detail) => window.dispatchEvent(new CustomEvent('tester-wallet', { detail })), { event, value });
    }
  }

  /** A wallet on another network does not reach this chain. */
  async #forward(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#chainId !== CHAIN_ID)
      throw { code: -32603, message: `Expected chain ${CHAIN_ID}, the wallet is on ${this.#chainId}.` } satisfies Refusal;
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(this.#rpcUrl, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const { result, error } = (await response.json()) as { result?: unknown; error?: Refusal };
    if (error !== undefined) throw error;
    return result;
  }
}

/** What a wallet shows to its owner before it answers. */
const PERSONAL = new Set(['eth_requestAccounts', 'eth_sendTransaction', 'wallet_switchEthereumChain', 'wallet_addEthereumChain']);

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Runs in the page, before its own scripts. */
function announceInPage(name: string): void {
  type Listener = (value: unknown) => void;
  type Answer = { result?: unknown; error?: { message: string } };
  const ask = (window as unknown as { testerWallet(method: string, params: readonly unknown[]): Promise<Answer> }).testerWallet;
  const listeners: [string, Listener][] = [];
  const provider = {
    request: async ({ method, params = [] }: { method: string; params?: readonly unknown[] }) => {
      const { result, error } = await ask(method, params);
      if (error !== undefined) throw Object.assign(new Error(error.message), error);
      return result;
    },
    on: (event: string, listener: Listener) => listeners.push([event, listener]),
    removeListener: (event: string, listener: Listener) => {
      const place = listeners.findIndex(([e, l]) => e === event && l === listener);
      if (place >= 0) listeners.splice(place, 1);
    },
  };
  window.addEventListener('tester-wallet', (told) => {
    const { event, value } = (told as CustomEvent<{ event: string; value: unknown }>).detail;
    for (const [wanted, listener] of listeners) if (wanted === event) listener(value);
  });
  const icon = 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg"/%3E';
  const info = { uuid: '3f0e9c56-2b1d-4c3a-9f57-6f2d8c1a7b40', name, icon, rdns: 'test.pentimento.tester' };
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}
