/** What the address of the style page says: a collection, or a model without one. Anything malformed is left out. */

export interface StyleSearch {
  readonly collection?: string;
  readonly model?: string;
}

export function parseStyleSearch(search: Record<string, unknown>): StyleSearch {
  const collection = String(search.collection ?? '').toLowerCase();
  const model = String(search.model ?? '');
  if (/^0x[0-9a-f]{40}$/.test(collection)) return { collection };
  return /^[\w.-]{1,64}$/.test(model) ? { model } : {};
}
