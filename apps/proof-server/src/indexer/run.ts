/**
 * The indexer's life: it follows the chain from start to stop, whatever the node does. A node that is down, a chain that was started anew and a
 * platform that is not deployed yet are states that it reports and waits through, never reasons to end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readBook } from '@pentimento/chain/address-book';
import { isLocal } from '@pentimento/chain/connection';
import { BaseError, type Hex } from '@pentimento/core';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type { Database } from '../database.ts';
import type { Models } from '../models.ts';
import { type Step, step } from './follow.ts';
import { createLive, type Live } from './live.ts';
import { type Node, openNode } from './node.ts';
import { createRoyalties, type Royalties } from './royalties.ts';
import { beginAnew, type Identity, readIdentity } from './store.ts';
import type { NameOf } from './views.ts';

const POLL_MS = { local: 250, public: 4_000 };
const BACKOFF_MS = { first: 500, last: 15_000 };
/** Most blocks of one range; halved when the node refuses, doubled again afterwards. */
const RANGE = 500;

export interface IndexerStatus {
  /** `waiting` for a platform to be deployed, `behind` the chain, `current`, or `unreachable`: no answer, or only such as do not fit each other. */
  readonly state: 'starting' | 'waiting' | 'behind' | 'current' | 'unreachable';
  readonly head: number | null;
  readonly indexed: number | null;
  /** One sentence; null when all is well. */
  readonly problem: string | null;
}

export interface Indexer {
  readonly rpcUrl: string;
  readonly nameOf: NameOf;
  readonly royalties: Royalties;
  readonly live: Live;
  status(): IndexerStatus;
  stop(): Promise<void>;
}

export interface IndexerOptions {
  readonly config: Config;
  readonly database: Database;
  readonly metrics: Registry;
  readonly models: Models;
}

/** Starts to follow the chain at `config.rpcUrl`. */
export async function startIndexer({ config, database, metrics, models }: IndexerOptions): Promise<Indexer> {
  const rpcUrl = config.rpcUrl ?? '';
  const node = openNode(rpcUrl, models);
  const nameOf: NameOf = (commitment) => models.get(commitment)?.model.manifest.name ?? null;
  const live = createLive(database, nameOf);
  const stopping = new AbortController();
  const gauges = createGauges(metrics);
  let status: IndexerStatus = { state: 'starting', head: null, indexed: null, problem: null };
  const report = (change: Partial<IndexerStatus>) => {
    status = { ...status, ...change };
    gauges.head.set(status.head ?? 0);
    gauges.indexed.set(status.indexed ?? 0);
  };
  const following = follow({ factory: config.factory, database, node, live, gauges, report, stopping: stopping.signal });
  const stop = async () => {
    stopping.abort();
    await following;
  };
  return { rpcUrl, nameOf, royalties: createRoyalties(node), live, status: () => status, stop };
}

interface Following {
  readonly factory: Hex | undefined;
  readonly database: Database;
  readonly node: Node;
  readonly live: Live;
  readonly gauges: ReturnType<typeof createGauges>;
  readonly report: (change: Partial<IndexerStatus>) => void;
  readonly stopping: AbortSignal;
}

async function follow({ factory, database, node, live, gauges, report, stopping }: Following): Promise<void> {
  let limit = RANGE;
  let pauseMs = BACKOFF_MS.first;
  while (!stopping.aborted) {
    try {
      const place = await findPlatform(database, node, factory);
      if (place === undefined) {
        report({
          state: 'waiting',
          problem: 'Expected a platform on this chain (pentimento deploy), but there is none that PENTIMENTO_FACTORY or the address book names.',
        });
        await wait(POLL_MS.local, stopping);
        continue;
      }
      const done = await step({ database, node, limit, ...place });
      const current = done.indexed === done.head;
      report({ state: current ? 'current' : 'behind', head: done.head, indexed: done.indexed ?? null, problem: null });
      await announce(done, live, gauges);
      [limit, pauseMs] = [Math.min(RANGE, limit * 2), BACKOFF_MS.first];
      if (current) await wait(isLocal(Number(place.identity.chainId)) ? POLL_MS.local : POLL_MS.public, stopping);
    } catch (error) {
      gauges.failures.inc();
      const passing = isPassing(error, pauseMs);
      if (!passing) report({ state: 'unreachable', problem: problemOf(error) });
      limit = Math.max(1, Math.floor(limit / 2));
      await wait(passing ? BACKOFF_MS.first : pauseMs, stopping);
      pauseMs = Math.min(BACKOFF_MS.last, pauseMs * 2);
    }
  }
}

async function announce({ undoneAfter, facts }: Step, live: Live, gauges: ReturnType<typeof createGauges>): Promise<void> {
  if (undoneAfter !== undefined) {
    gauges.reorganisations.inc();
    live.undone();
  }
  await live.added(facts);
}

interface Place {
  readonly identity: Identity;
  readonly start: number;
}

/** The platform that the settings or the address book name; another one than the stored begins with empty tables. */
async function findPlatform(database: Database, node: Node, configured: Hex | undefined): Promise<Place | undefined> {
  const chainId = await node.chainId();
  const book = await readBook(chainId);
  const factory = configured ?? book?.factory;
  if (factory === undefined) return undefined;
  const start = book?.factory === factory && !isLocal(chainId) ? (book.block ?? 0) : 0;
  const stored = await readIdentity(database);
  if (stored && stored.chainId === String(chainId) && stored.factory === factory.toLowerCase()) return { identity: stored, start };
  const identity = await node.identity(chainId, factory);
  if (identity === undefined) return undefined;
  await beginAnew(database, identity);
  return { identity, start };
}

/** A chain that changes while it is read, or a faster indexer, is no problem; a node whose answers do not fit each other again and again is. */
function isPassing(error: unknown, pauseMs: number): boolean {
  const code = error instanceof BaseError ? error.code : '';
  return code === 'indexer/moved' || (code === 'indexer/inconsistent' && pauseMs < BACKOFF_MS.last);
}

function problemOf(error: unknown): string {
  if (error instanceof BaseError) return error.message;
  const message = error instanceof Error ? ((error as { shortMessage?: string }).shortMessage ?? error.message) : String(error);
  return `Expected the chain's node and the database to answer, got: ${(message.split('\n')[0] ?? '').replace(/\.$/, '')}.`;
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function createGauges(metrics: Registry) {
  const registers = [metrics];
  return {
    head: new Gauge({ name: 'pentimento_indexer_head_block', help: 'Last block of the chain', registers }),
    indexed: new Gauge({ name: 'pentimento_indexer_indexed_block', help: 'Last indexed block', registers }),
    reorganisations: new Counter({ name: 'pentimento_indexer_reorganisations_total', help: 'Times that blocks were undone', registers }),
    failures: new Counter({ name: 'pentimento_indexer_failures_total', help: 'Steps that failed and were tried again', registers }),
  };
}
