/** The indexer on a real chain, with a gate before the node that can be shut, led to another chain, and made to lie. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { answerProblems } from '@pentimento/serving/http';
import Fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { type Address, type Client, createCollection, generator, mintAs, type Platform, someMinting } from '../../../../contracts/test/fixture.ts';
import { readConfig } from '../../src/config.ts';
import { type OpenDatabase, openDatabase } from '../../src/database.ts';
import { type Node, openNode } from '../../src/indexer/node.ts';
import { indexerRoutes } from '../../src/indexer/routes.ts';
import { type Indexer, startIndexer } from '../../src/indexer/run.ts';
import { FACT_TABLES } from '../../src/indexer/schema.ts';
import { beginAnew, type Identity, readTip } from '../../src/indexer/store.ts';
import { migrate } from '../../src/migrations.ts';
import { openModels } from '../../src/models.ts';
import { PROBLEM_SCHEMA } from '../../src/proofs/schemas.ts';
import type { Context } from '../../src/server.ts';

const PATIENCE_MS = 30_000;

export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Of JSON-RPC. */
export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export const honest = (_call: Call, answer: Answer): Answer => answer;

export interface Gate {
  readonly url: string;
  /** Shut: every connection is cut. */
  open: boolean;
  /** The node behind it. */
  target: string;
  /** What the gate makes of the node's answer to a call. */
  say: (call: Call, answer: Answer) => Answer;
  /** Blocks of the longest range of logs that was asked for. */
  longestRange: number;
  close(): Promise<void>;
}

export async function openGate(target: string): Promise<Gate> {
  const server: Server = createServer((request, response) => {
    if (!gate.open) return request.socket.destroy();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks);
      noteRanges(body.toString());
      try {
        const headers = { 'content-type': 'application/json' };
        const answers = (await (await fetch(gate.target, { method: 'POST', headers, body })).json()) as (Answer & { id: number })[];
        const calls = new Map((JSON.parse(body.toString()) as (Call & { id: number })[]).map((call) => [call.id, call]));
        const said = answers.map(({ id, ...answer }) => ({ id, ...gate.say(calls.get(id) as Call, answer) }));
        response.setHeader('content-type', 'application/json').end(JSON.stringify(said));
      } catch {
        request.socket.destroy();
      }
    });
  });
  const noteRanges = (body: string) => {
    for (const [, from, to] of body.matchAll(/"fromBlock":"(0x[0-9a-f]+)","toBlock":"(0x[0-9a-f]+)"/g)) {
      gate.longestRange = Math.max(gate.longestRange, Number(to) - Number(from) + 1);
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gate: Gate = { url, open: true, target, say: honest, longestRange: 0, close };
  return gate;
}

/** An empty database in a folder of its own, or the one in `home`. */
export async function openFolder(home?: string): Promise<{ readonly database: OpenDatabase; readonly home: string }> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'pentimento-indexer-')));
  process.env.PENTIMENTO_HOME = folder;
  const database = await openDatabase(undefined);
  await migrate(database);
  return { database, home: folder };
}

export interface Stepping {
  /** Reads at the address that was given: a chain, or a gate before it. */
  readonly node: Node;
  readonly identity: Identity;
  readonly database: OpenDatabase;
  close(): Promise<void>;
}

/** What `step` takes, over empty tables. */
export async function openStepping(rpcUrl: string, { factory }: Platform): Promise<Stepping> {
  const node = openNode(rpcUrl, await openModels([join(PROJECT, 'models', 'nouns-s')]));
  const identity = await node.identity(31337, factory.address);
  if (identity === undefined) throw new Error('the platform has no factory');
  const { database, home } = await openFolder();
  await beginAnew(database, identity);
  const close = async () => {
    await database.close();
    await rm(home, { recursive: true });
  };
  return { node, identity, database, close };
}

/** A collection of its own, with one token. */
export async function mintOne(platform: Platform, seed: number): Promise<void> {
  const collection = await createCollection(platform);
  const creator = platform.accounts[1] as Address;
  await mintAs(platform, collection, someMinting(generator(seed), collection, creator), creator);
}

export interface Indexed {
  readonly database: OpenDatabase;
  readonly indexer: Indexer;
  readonly app: FastifyInstance;
  /** The body of an answer with status 200. */
  get<T>(path: string): Promise<T>;
  /** Ends the indexer; its database stays open. */
  end(): Promise<void>;
}

/** An indexer with its routes. */
export async function startIndexed(rpcUrl: string, factory: Hex, database: OpenDatabase): Promise<Indexed> {
  const config = readConfig({ PENTIMENTO_RPC: rpcUrl, PENTIMENTO_FACTORY: factory });
  const models = await openModels([join(PROJECT, 'models', 'nouns-s'), join(PROJECT, 'models', 'strokes-rgb')]);
  const indexer = await startIndexer({ config, database, models, metrics: new Registry() });
  const app = Fastify({ forceCloseConnections: true, ajv: { customOptions: { coerceTypes: false } } });
  answerProblems(app);
  app.addSchema(PROBLEM_SCHEMA);
  indexerRoutes(app, { database, indexer } as unknown as Context);
  const get = async <T>(path: string): Promise<T> => {
    const { statusCode, body } = await app.inject(path);
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`);
    return JSON.parse(body) as T;
  };
  const end = async () => {
    await app.close();
    await indexer.stop();
  };
  return { database, indexer, app, get, end };
}

/** Resolves when the chain's last block is the last indexed one. */
export async function upToDate({ database, indexer }: Pick<Indexed, 'database' | 'indexer'>, client: Client): Promise<void> {
  await until(async () => {
    const head = await client.getBlock();
    return (await readTip(database))?.hash === head.hash && indexer.status().state === 'current';
  });
}

export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(20)) {
    if (await condition()) return;
  }
  throw new Error('what was waited for did not happen');
}

export type Contents = Readonly<Record<string, readonly unknown[]>>;

/** Every row of every table, in the order of the chain. */
export async function contents(database: OpenDatabase): Promise<Contents> {
  const tables: Record<string, readonly unknown[]> = {
    identity: await database.query('SELECT * FROM chain_identity'),
    blocks: await database.query('SELECT * FROM chain_blocks ORDER BY number'),
  };
  for (const table of FACT_TABLES) tables[table] = await database.query(`SELECT * FROM ${table} ORDER BY block, log_index`);
  return tables;
}

/** The same tables, made in an emptied database by an indexer that knows nothing but the chain as it is now. */
export async function freshContents(rpcUrl: string, factory: Hex, client: Client, database: OpenDatabase): Promise<Contents> {
  await database.execute('DELETE FROM chain_blocks; DELETE FROM chain_identity');
  const fresh = await startIndexed(rpcUrl, factory, database);
  await upToDate(fresh, client);
  await fresh.end();
  return contents(database);
}
