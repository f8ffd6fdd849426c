/** The indexer's tables: what is stored of the chain, appended to and cut off, each in one transaction. */
import { BaseError, type Hex } from '@pentimento/core';
import type { Database } from '../database.ts';
import type { Fact } from './events.ts';

/** The chain and the platform on it that the tables are about; addresses in lower case. */
export interface Identity {
  readonly chainId: string;
  readonly factory: Hex;
  readonly registry: Hex;
  readonly protocol: Hex;
  readonly protocolBps: number;
}

export interface StoredBlock {
  readonly number: number;
  readonly hash: Hex;
}

export interface Header extends StoredBlock {
  readonly parentHash: Hex;
  readonly at: Date;
}

export interface Batch {
  /** The last block before it; undefined at the beginning. */
  readonly after: StoredBlock | undefined;
  /** Of every block with facts and of the last block, at least. */
  readonly headers: readonly Header[];
  /** In the chain's order. */
  readonly facts: readonly Fact[];
  readonly to: number;
}

/** Blocks below the last one whose hashes are kept although nothing of ours happened in them: a reorganisation within them costs no rescan. */
export const WINDOW = 64;

/** Servers on one database take turns. */
const TURN = 7008;

export async function readIdentity(db: Database): Promise<Identity | undefined> {
  const sql = 'SELECT chain_id AS "chainId", factory, registry, protocol, protocol_bps AS "protocolBps" FROM chain_identity';
  return (await db.query<Identity>(sql))[0];
}

/** Drops everything and begins with another chain or platform. */
export async function beginAnew(db: Database, { chainId, factory, registry, protocol, protocolBps }: Identity): Promise<void> {
  await inTurn(db, async (tx) => {
    await tx.query('DELETE FROM chain_blocks');
    await tx.query('DELETE FROM chain_identity');
    const sql = 'INSERT INTO chain_identity (chain_id, factory, registry, protocol, protocol_bps) VALUES ($1, $2, $3, $4, $5)';
    await tx.query(sql, [chainId, factory, registry, protocol, protocolBps]);
  });
}

/** The last indexed block. */
export async function readTip(db: Database): Promise<StoredBlock | undefined> {
  return (await db.query<StoredBlock>('SELECT number, hash FROM chain_blocks ORDER BY number DESC LIMIT 1'))[0];
}

/** Blocks whose hash is kept, from `from` on, ascending. */
export function readBlocks(db: Database, from: number): Promise<readonly StoredBlock[]> {
  return db.query<StoredBlock>('SELECT number, hash FROM chain_blocks WHERE number >= $1 ORDER BY number', [from]);
}

export async function readCollections(db: Database): Promise<readonly Hex[]> {
  return (await db.query<{ address: Hex }>('SELECT address FROM chain_collections ORDER BY block, log_index')).map(({ address }) => address);
}

/** Forgets every block after `number` with its facts, and adds headers of earlier blocks without facts. */
export function cutAfter(db: Database, number: number, headers: readonly Header[]): Promise<void> {
  return inTurn(db, async (tx) => {
    await tx.query('DELETE FROM chain_blocks WHERE number > $1', [number]);
    await insertHeaders(tx, headers);
  });
}

/** Adds a batch. Throws `indexer/moved` when the last block is no longer the one that the batch was read after. */
export function append(db: Database, { after, headers, facts, to }: Batch): Promise<void> {
  return inTurn(db, async (tx) => {
    const tip = await readTip(tx);
    if (tip?.hash !== after?.hash) {
      throw new BaseError({ code: 'indexer/moved', message: 'Expected to be the only indexer, but another one was faster.', retryable: true });
    }
    await insertHeaders(tx, headers);
    for (const fact of facts) await insertFact(tx, fact);
    const busy = [0, ...facts.map(({ block }) => block)];
    await tx.query('UPDATE chain_blocks SET busy = true WHERE number = ANY($1::bigint[])', [busy]);
    await tx.query('DELETE FROM chain_blocks WHERE number <= $1 AND NOT busy', [to - WINDOW]);
  });
}

async function insertHeaders(tx: Database, headers: readonly Header[]): Promise<void> {
  for (const { number, hash, at } of headers) {
    await tx.query('INSERT INTO chain_blocks (number, hash, at) VALUES ($1, $2, $3)', [number, hash, at]);
  }
}

async function insertFact(tx: Database, { table, block, logIndex, values }: Fact): Promise<void> {
  const columns = Object.keys(values);
  const places = columns.map((_, i) => `$${i + 3}`);
  // A token's number in its collection counts every mint, burned ones included.
  if (table === 'chain_tokens') {
    columns.push('number');
    places.push(`(SELECT count(*) + 1 FROM chain_tokens WHERE collection = $${columns.indexOf('collection') + 3})`);
  }
  const sql = `INSERT INTO ${table} (block, log_index, ${columns.join(', ')}) VALUES ($1, $2, ${places.join(', ')})`;
  await tx.query(sql, [block, logIndex, ...Object.values(values)]);
}

function inTurn(db: Database, work: (tx: Database) => Promise<void>): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [TURN]);
    await work(tx);
  });
}
