/** What the address of the style page says: a collection, or a model without one. Anything malformed is left out. */
import { accountIn } from '../../addresses.ts';

export interface StyleSearch {
  readonly collection?: string;
  readonly model?: string;
}

export function parseStyleSearch(search: Record<string, unknown>): StyleSearch {
  const collection = accountIn(search.collection);
  const model = String(search.model ?? '');
  if (collection !== undefined) return { collection };
  return /^[\w.-]{1,64}$/.test(model) ? { model } : {};
}
