/**
 * One plain sentence for everything that can go wrong: the contracts' custom errors through their shared table, the services' own
 * sentences, and what wallets and nodes refuse.
 */
import { type ContractError, contractErrorOf, errorSentence } from '@pentimento/contracts/errors';
import { BaseError } from '@pentimento/core';
import { formatEther, BaseError as ViemError } from 'viem';

/** What a failure calls for; a page offers its way on by it. */
export type FailureKind =
  | 'rejected'
  | 'funds'
  | 'taken'
  | 'sold-out'
  | 'paused'
  | 'window'
  | 'claim'
  | 'account'
  | 'payment'
  | 'limit'
  | 'unreachable'
  | 'other';

const KINDS: Readonly<Record<string, FailureKind>> = {
  AlreadyMinted: 'taken',
  ImageTaken: 'taken',
  SoldOut: 'sold-out',
  EnforcedPause: 'paused',
  SaleClosed: 'window',
  SaleNotOpen: 'window',
  ClaimExpired: 'claim',
  NotClaimed: 'claim',
  CreatorMismatch: 'account',
  WrongPayment: 'payment',
  WalletLimitReached: 'limit',
  NotOnAllowlist: 'limit',
};

export function kindOf(error: unknown): FailureKind {
  const contract = contractErrorOf(error);
  if (contract !== undefined) return KINDS[contract.name] ?? 'other';
  if (isRejection(error)) return 'rejected';
  if (/insufficient funds|exceeds the balance|InsufficientFunds/i.test(chainOf(error))) return 'funds';
  if ((error instanceof BaseError && error.code === 'service/unreachable') || /HttpRequestError|Failed to fetch/.test(chainOf(error)))
    return 'unreachable';
  return 'other';
}

/** The sentence to show; never a stack, a request's body or an internal name alone. */
export function sentenceOf(error: unknown): string {
  const contract = contractErrorOf(error);
  if (contract !== undefined) return contractSentence(contract);
  const kind = kindOf(error);
  if (kind === 'rejected') return 'You declined in your wallet. Nothing was sent, and nothing is lost.';
  if (kind === 'funds') return 'Your account does not hold enough for the price and the gas. Add funds, or use another account.';
  if (/ChainMismatchError/.test(chainOf(error))) return 'Your wallet is on another network. Nothing was sent; switch the network and try again.';
  if (error instanceof BaseError) return error.message;
  if (kind === 'unreachable') return 'The chain cannot be reached. Your work is kept; try again in a moment.';
  if (error instanceof ViemError) return `${error.shortMessage.split('\n')[0]?.replace(/\.?$/, '.')}`;
  return error instanceof Error ? error.message : 'Something failed that has no name.';
}

/** Errors whose arguments are seconds since 1970; people read dates. */
const TIMES: readonly string[] = ['ClaimExpired', 'ClaimTooYoung', 'SaleClosed', 'SaleNotOpen'];

function contractSentence({ name, args }: ContractError): string {
  if (name === 'WrongPayment') {
    const [expected, actual] = args.map((wei) => `${formatEther(BigInt(String(wei)))} ETH`);
    return `The price has changed: the mint costs ${expected} now, and ${actual} was offered.`;
  }
  const readable = TIMES.includes(name) ? args.map((seconds) => new Date(Number(seconds) * 1000).toLocaleString()) : args;
  return errorSentence(name, readable) ?? `The contract refused with ${name}.`;
}

/** A wallet's "no" (EIP-1193, code 4001), wherever it stands in the chain of causes. */
function isRejection(error: unknown): boolean {
  for (let e = error as { code?: unknown; cause?: unknown } | undefined; e !== undefined && e !== null; e = e.cause as typeof e) {
    if (e.code === 4001) return true;
  }
  return /User rejected|UserRejected/i.test(chainOf(error));
}

/** Names and messages of the error and its causes, to search in. */
function chainOf(error: unknown): string {
  const parts: string[] = [];
  for (let e = error as Error | undefined; e instanceof Error; e = e.cause as Error | undefined) parts.push(e.name, e.message);
  return parts.join(' ');
}
