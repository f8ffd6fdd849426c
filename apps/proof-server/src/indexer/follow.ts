/**
 * One step along the chain: undo what was reorganised, then read one bounded range of blocks and add it. All reading comes before the one
 * transaction that writes. A range is taken only if its headers join each other and what is stored, and its logs are those that were asked for,
 * each in a place of its own, with those headers' hashes: a block's hash commits to all blocks before it, so a change of the chain while we
 * read cannot pass.
 */
import type { Hex } from '@pentimento/core';
import type { Database } from '../database.ts';
import { type ChainLog, collectionsIn, EVENTS, type Fact, factsOf } from './events.ts';
import { inconsistent, inOrder, type Node } from './node.ts';
import { append, cutAfter, type Header, type Identity, readBlocks, readCollections, readTip, type StoredBlock, WINDOW } from './store.ts';

export interface Step {
  /** Last block of the chain. */
  readonly head: number;
  /** Last indexed block; undefined when there is none. */
  readonly indexed: number | undefined;
  /** The block after which everything was undone; undefined when nothing was, -1 when nothing is left. */
  readonly undoneAfter: number | undefined;
  /** What was added. */
  readonly facts: readonly Fact[];
}

export interface StepOptions {
  readonly database: Database;
  readonly node: Node;
  readonly identity: Identity;
  /** First block that can matter. */
  readonly start: number;
  /** Most blocks to read. */
  readonly limit: number;
}

export async function step(options: StepOptions): Promise<Step> {
  const { database, node, limit } = options;
  const tip = await readTip(database);
  const { number: head, hash } = await node.head();
  if (tip && tip.hash !== hash && !(await isOnChain(node, head, tip))) {
    const ancestor = await undo(database, node, head);
    return { head, indexed: (await readTip(database))?.number, undoneAfter: ancestor, facts: [] };
  }
  const from = tip === undefined ? Math.min(options.start, head) : tip.number + 1;
  if (from > head) return { head, indexed: tip?.number, undoneAfter: undefined, facts: [] };
  const to = Math.min(from + limit - 1, head);
  const facts = await addRange(options, tip, from, to);
  return { head, indexed: to, undoneAfter: undefined, facts };
}

/** Cuts off what the chain no longer has; the window of the block that is last then may have been forgotten, and is read again. */
async function undo(database: Database, node: Node, head: number): Promise<number> {
  const stored = await readBlocks(database, 0);
  const ancestor = await commonAncestor(node, head, stored);
  const kept = stored.filter(({ number }) => number <= ancestor);
  const headers = kept.length === 0 ? [] : await headersOf(node, windowOf(ancestor), kept);
  assertJoined(headers, kept);
  await cutAfter(database, ancestor, headers);
  return ancestor;
}

async function isOnChain(node: Node, head: number, { number, hash }: StoredBlock): Promise<boolean> {
  return number <= head && (await node.header(number)).hash === hash;
}

/** Number of the last stored block that the chain has too, -1 for none: what is below a common block is common. */
async function commonAncestor(node: Node, head: number, stored: readonly StoredBlock[]): Promise<number> {
  let [common, different] = [-1, stored.length];
  while (different - common > 1) {
    const middle = Math.floor((common + different) / 2);
    if (await isOnChain(node, head, stored[middle] as StoredBlock)) common = middle;
    else different = middle;
  }
  return stored[common]?.number ?? -1;
}

async function addRange({ database, node, identity }: StepOptions, tip: StoredBlock | undefined, from: number, to: number): Promise<Fact[]> {
  const before = await node.header(to);
  const logs = await platformLogs(node, identity, await readCollections(database), from, to);
  const facts = await factsOf(logs, node);
  const stored = tip ? [tip, ...(await readBlocks(database, to - WINDOW + 1))] : [];
  const numbers = [...(tip ? [] : [0]), from, to, ...logs.map(({ block }) => block), ...windowOf(to)];
  const headers = await headersOf(node, numbers, stored);
  assertJoined(headers, stored);
  const hashes = new Map(headers.map(({ number, hash }) => [number, hash]));
  const foreign = logs.some(({ block, blockHash }) => hashes.get(block) !== blockHash);
  if (foreign || hashes.get(to) !== before.hash) throw inconsistent(`blocks ${from} to ${to} of one chain`);
  await append(database, { after: tip, headers, facts, to });
  return facts;
}

/** Logs of factory, registry and collections, also of collections that begin in these blocks, in the chain's order. */
async function platformLogs(node: Node, { factory, registry }: Identity, known: readonly Hex[], from: number, to: number): Promise<ChainLog[]> {
  const read = (kind: keyof typeof EVENTS, emitters: readonly Hex[]) => node.logs({ emitters, events: EVENTS[kind], from, to });
  const [created, registered, older] = await Promise.all([read('factory', [factory]), read('registry', [registry]), read('collection', known)]);
  const younger = await read('collection', collectionsIn(created));
  const logs = [...created, ...registered, ...older, ...younger].sort(inOrder);
  const repeated = logs.find((log, i) => i > 0 && inOrder(logs[i - 1] as ChainLog, log) === 0);
  if (repeated) throw inconsistent(`one log ${repeated.index} of block ${repeated.block}`);
  return logs;
}

/** Headers that are not stored yet, ascending. */
async function headersOf(node: Node, numbers: readonly number[], stored: readonly StoredBlock[]): Promise<Header[]> {
  const known = new Set(stored.map(({ number }) => number));
  const wanted = [...new Set(numbers)].filter((number) => !known.has(number)).sort((a, b) => a - b);
  return Promise.all(wanted.map((number) => node.header(number)));
}

function assertJoined(headers: readonly Header[], stored: readonly StoredBlock[]): void {
  const hashes = new Map([...stored, ...headers].map(({ number, hash }) => [number, hash]));
  for (const { number, parentHash } of headers) {
    const parent = hashes.get(number - 1);
    if (parent !== undefined && parent !== parentHash) throw inconsistent(`the parent of block ${number}`);
  }
}

/** The last `WINDOW` blocks up to one. */
const windowOf = (last: number): number[] => Array.from({ length: Math.min(WINDOW, last + 1) }, (_, i) => last - i);
