/** The fields of the sale's form, as text, and what they mean. */
import { formatEther, parseEther } from 'viem';
import type { Collection } from '../../services/indexer.ts';
import type { SaleSettings } from './use-owner-call.ts';

export interface SaleFields {
  /** Ether. */
  readonly price: string;
  /** `YYYY-MM-DDThh:mm` in local time; empty for no limit. */
  readonly start: string;
  readonly end: string;
  readonly walletLimit: string;
}

const MAX_PRICE = 2n ** 96n - 1n;
const MAX_LIMIT = 2 ** 32 - 1;

export function fieldsOf({ price, start, end, walletLimit }: Pick<Collection, 'price' | 'start' | 'end' | 'walletLimit'>): SaleFields {
  return { price: formatEther(BigInt(price)), start: localTime(start), end: localTime(end), walletLimit: String(walletLimit) };
}

/** The settings, or by field the sentence that says what is wrong. */
export function settingsOf(
  fields: SaleFields,
): { readonly settings: SaleSettings } | { readonly problems: Partial<Record<keyof SaleFields, string>> } {
  const problems: Partial<Record<keyof SaleFields, string>> = {};
  const price = /^\d{1,12}(\.\d{1,18})?$/.test(fields.price.trim()) ? parseEther(fields.price.trim()) : -1n;
  if (price < 0n || price > MAX_PRICE) problems.price = 'Expected an amount of ether, such as 0.05.';
  const [start, end] = [seconds(fields.start), seconds(fields.end)];
  if (Number.isNaN(start)) problems.start = 'Expected a date and a time, or nothing.';
  if (Number.isNaN(end)) problems.end = 'Expected a date and a time, or nothing.';
  else if (end > 0 && end <= start) problems.end = 'Expected an end after the start.';
  const walletLimit = /^\d{1,10}$/.test(fields.walletLimit.trim()) ? Number(fields.walletLimit) : Number.NaN;
  if (!(walletLimit <= MAX_LIMIT)) problems.walletLimit = 'Expected a whole number, 0 for no limit.';
  return Object.keys(problems).length > 0 ? { problems } : { settings: { price, start, end, walletLimit } };
}

function seconds(local: string): number {
  return local === '' ? 0 : Math.floor(new Date(local).getTime() / 1000);
}

function localTime(at: number): string {
  if (at === 0) return '';
  const date = new Date(at * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
