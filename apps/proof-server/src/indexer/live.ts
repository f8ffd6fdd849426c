/** What is new, for who listens: objects as the API shows them, each time that a fact about them was added. */
import type { Database } from '../database.ts';
import type { Fact } from './events.ts';
import { getClaim, getCollection, getToken, listModels, type NameOf } from './views.ts';

export interface LiveEvent {
  /** `reload` has no data: after a reorganisation or a long way, what is shown must be fetched again. */
  readonly kind: 'token' | 'collection' | 'claim' | 'model' | 'reload';
  readonly data: unknown;
}

export interface Live {
  /** Returns how to stop listening. */
  listen(listener: (event: LiveEvent) => void): () => void;
  added(facts: readonly Fact[]): Promise<void>;
  undone(): void;
}

/** More facts than this at once are a catch-up, not news. */
const MOST = 200;

export function createLive(database: Database, nameOf: NameOf): Live {
  const listeners = new Set<(event: LiveEvent) => void>();
  const tell = (event: LiveEvent) => {
    for (const listener of listeners) listener(event);
  };
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    added: async (facts) => {
      if (listeners.size === 0 || facts.length === 0) return;
      if (facts.length > MOST) return tell({ kind: 'reload', data: null });
      for (const [kind, fact] of subjectsOf(facts)) {
        // Another server may have undone the block since.
        const data = await dataOf(database, nameOf, kind, fact).catch(() => undefined);
        if (data !== undefined) tell({ kind, data });
      }
    },
    undone: () => tell({ kind: 'reload', data: null }),
  };
}

type Kind = Exclude<LiveEvent['kind'], 'reload'>;

const KINDS: Readonly<Record<Fact['table'], Kind | undefined>> = {
  chain_models: 'model',
  chain_uses: 'model',
  chain_collections: 'collection',
  chain_settings: 'collection',
  chain_tokens: 'token',
  chain_transfers: 'token',
  chain_claims: 'claim',
  chain_payouts: undefined,
};

/** Each thing once, however many facts tell of it. */
function subjectsOf(facts: readonly Fact[]): (readonly [Kind, Fact])[] {
  const subjects = new Map<string, readonly [Kind, Fact]>();
  for (const fact of facts) {
    const kind = KINDS[fact.table];
    if (kind !== undefined) subjects.set(`${kind} ${nameIn(kind, fact)}`, [kind, fact]);
  }
  return [...subjects.values()];
}

function nameIn(kind: Kind, { values, block, logIndex }: Fact): string {
  if (kind === 'model') return String(values.model ?? values.id);
  if (kind === 'collection') return String(values.collection ?? values.address);
  return kind === 'token' ? `${values.collection} ${values.token ?? values.id}` : `${block} ${logIndex}`;
}

async function dataOf(database: Database, nameOf: NameOf, kind: Kind, fact: Fact): Promise<unknown> {
  const name = nameIn(kind, fact);
  if (kind === 'model') return (await listModels(database, nameOf, name))[0];
  if (kind === 'collection') return getCollection(database, name);
  if (kind === 'claim') return getClaim(database, fact.block, fact.logIndex);
  const [collection = '', token = ''] = name.split(' ');
  return getToken(database, collection, token);
}
