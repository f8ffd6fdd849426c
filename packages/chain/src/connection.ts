/** A connection to an Ethereum node, and what its refusals mean: every failure becomes one sentence with the code `chain/*`. */
import { contractErrorOf, errorSentence } from '@pentimento/contracts/errors';
import { BaseError, type Hex } from '@pentimento/core';
import {
  type Account,
  type Chain,
  ContractFunctionExecutionError,
  createPublicClient,
  createWalletClient,
  defineChain,
  ExecutionRevertedError,
  HttpRequestError,
  http,
  type PublicClient,
  RpcRequestError,
  TimeoutError,
  type TransactionReceipt,
  type Transport,
  BaseError as ViemError,
  type WalletClient,
} from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';

/** The mnemonic that every development node knows; never of any worth. */
const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';
const LOCAL_CHAINS = [31337, 1337];

export interface Connection {
  readonly url: string;
  readonly chainId: number;
  readonly account: Account;
  readonly reader: PublicClient;
  readonly wallet: WalletClient<Transport, Chain, Account>;
}

/** Whether a chain is one of the development nodes' own. */
export const isLocal = (chainId: number): boolean => LOCAL_CHAINS.includes(chainId);

/** Signs with PENTIMENTO_PRIVATE_KEY; on a local chain without one, with the development account. */
export async function connect(url: string): Promise<Connection> {
  const chainId = await createPublicClient({ transport: http(url, { retryCount: 1 }) })
    .getChainId()
    .catch((cause: Error) => {
      throw new BaseError({
        code: 'chain/unreachable',
        message: `Expected an Ethereum node to answer at ${url}, got no answer.`,
        cause,
        retryable: true,
      });
    });
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const account = accountFor(chainId);
  return {
    url,
    chainId,
    account,
    // viem would keep a block's number for the polling interval: whoever waits for the block of a receipt would wait for the one before.
    reader: createPublicClient({ chain, transport, pollingInterval: 100, cacheTime: 0 }) as PublicClient,
    wallet: createWalletClient({ chain, transport, account, pollingInterval: 100 }),
  };
}

function accountFor(chainId: number): Account {
  const key = process.env.PENTIMENTO_PRIVATE_KEY;
  if (key !== undefined) {
    if (!/^0x[0-9a-fA-F]{64}$/.test(key))
      throw new BaseError({ code: 'chain/key', message: 'Expected PENTIMENTO_PRIVATE_KEY to be 0x and 64 hexadecimal digits.' });
    return privateKeyToAccount(key as Hex);
  }
  if (isLocal(chainId)) return mnemonicToAccount(DEVELOPMENT_MNEMONIC);
  throw new BaseError({ code: 'chain/key', message: `Expected PENTIMENTO_PRIVATE_KEY to be set for chain ${chainId}.` });
}

/** The receipt of a transaction; `chain/refused` when it was reverted. */
export async function succeeded({ reader }: Connection, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') {
    throw new BaseError({ code: 'chain/refused', message: `Expected transaction ${hash} to succeed, but it was reverted.` });
  }
  return receipt;
}

/**
 * Whether reading a contract failed by what is on the chain: nothing there, or one that reverts or answers something else. Otherwise the node
 * has failed, and nothing is known of the contract.
 */
export function failedOnChain(error: unknown): boolean {
  if (!(error instanceof ContractFunctionExecutionError)) return false;
  const has = (...kinds: readonly (abstract new (...args: never[]) => Error)[]) =>
    error.walk((cause) => kinds.some((kind) => cause instanceof kind)) !== null;
  return has(ExecutionRevertedError) || !has(RpcRequestError, HttpRequestError, TimeoutError);
}

/** A refusal by a contract is the contract's own error in a sentence; anything else is the node's. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof BaseError) throw cause;
    const message = ((cause instanceof ViemError ? cause.shortMessage : (cause as Error).message).split('\n')[0] as string).replace(/\.$/, '');
    const error = contractErrorOf(cause);
    if (error) {
      const sentence = errorSentence(error.name, error.args) ?? '';
      throw new BaseError({ code: 'chain/refused', message: `The contract refused to ${what}: ${error.name}. ${sentence}`.trim(), cause });
    }
    if (/revert/i.test(message)) throw new BaseError({ code: 'chain/refused', message: `The contract refused to ${what}: ${message}.`, cause });
    throw new BaseError({ code: 'chain/failed', message: `Expected the node to ${what}, got: ${message}.`, cause });
  }
}
