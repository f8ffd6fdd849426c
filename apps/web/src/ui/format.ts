/** Numbers, addresses and times as people read them. */
import { formatEther } from 'viem';

/** First and last digits of an address, hash or token id. */
export const shortened = (id: string): string => (id.length <= 13 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`);

/** Wei as ether, exactly; `free` for none. */
export function ether(wei: bigint | string): string {
  const amount = BigInt(wei);
  return amount === 0n ? 'free' : `${formatEther(amount)} ETH`;
}

/** What a mint costs: `Free to mint`, `0.05 ETH each`. */
export const priceInWords = (wei: string): string => (wei === '0' ? 'Free to mint' : `${ether(wei)} each`);

const MICRO_ETHER = 10n ** 12n;

/** Wei as ether, rounded up to six decimals. */
export function aboutEther(wei: bigint): string {
  return `${formatEther(((wei + MICRO_ETHER - 1n) / MICRO_ETHER) * MICRO_ETHER)} ETH`;
}

/** Rounded up to what a person plans with: `a few seconds`, `about 40 s`, `about 3 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds <= 5) return 'a few seconds';
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s`;
  return `about ${Math.ceil(seconds / 60)} min`;
}

/** Elapsed time to the second: `7 s`, `1 min 12 s`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A contract may name seconds that no calendar has. */
export function dateTime(at: string | number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'a time beyond the calendar' : DATE.format(date);
}
