/** What the address of a gallery says: order, filters, search and place. Anything malformed is left out. */
import { accountIn } from '../../addresses.ts';

export interface GallerySearch {
  /** `newest` when absent. */
  readonly sort?: 'oldest';
  /** Lower-case address, or `me` for the connected account. */
  readonly creator?: string;
  readonly owner?: string;
  readonly search?: string;
  /** Where the page begins, as the server gave it; the first page when absent. */
  readonly cursor?: string;
}

const MAX_SEARCH = 100;
const MAX_CURSOR = 100;

export function parseGallerySearch(search: Record<string, unknown>): GallerySearch {
  const text = (name: string) => (typeof search[name] === 'string' || typeof search[name] === 'number' ? String(search[name]).trim() : '');
  const account = (name: string) => (text(name).toLowerCase() === 'me' ? 'me' : (accountIn(text(name)) ?? ''));
  const found = {
    sort: text('sort') === 'oldest' ? 'oldest' : '',
    creator: account('creator'),
    owner: account('owner'),
    search: text('search').slice(0, MAX_SEARCH),
    cursor: /^[\w-]+$/.test(text('cursor')) ? text('cursor').slice(0, MAX_CURSOR) : '',
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== '')) as GallerySearch;
}

/** The account that a filter names; undefined without one, or for `me` without a wallet. */
export function accountOf(filter: string | undefined, me: string | undefined): string | undefined {
  return filter === 'me' ? me : filter;
}
