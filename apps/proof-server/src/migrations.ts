/** The tables, as an ordered list of changes: each is applied once, in a transaction with its number. A change that was released is never edited. */
import { BaseError } from '@pentimento/core';
import type { OpenDatabase } from './database.ts';
import { INDEXER_SCHEMA } from './indexer/schema.ts';
import { PROOFS_SCHEMA } from './proofs/schema.ts';

/** By owner, because the two lists grow independently. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = { proofs: PROOFS_SCHEMA, indexer: INDEXER_SCHEMA };

/** Two servers that start together on one PostgreSQL take turns. */
const TURN = 7007;

/** Brings the database to this version. Throws `database/newer` when a newer program has been here. */
export async function migrate(database: OpenDatabase): Promise<void> {
  await database.transaction(async (db) => {
    await db.query('SELECT pg_advisory_xact_lock($1)', [TURN]);
    await db.query('CREATE TABLE IF NOT EXISTS migrations (owner text PRIMARY KEY, applied integer NOT NULL)');
    const rows = await db.query<{ owner: string; applied: number }>('SELECT owner, applied FROM migrations');
    const applied = new Map(rows.map((row) => [row.owner, row.applied]));
    for (const [owner, changes] of Object.entries(SCHEMAS)) {
      const done = applied.get(owner) ?? 0;
      if (done > changes.length) {
        const message = `Expected a database of at most version ${changes.length} of ${owner}, got version ${done}: a newer program has used it.`;
        throw new BaseError({ code: 'database/newer', message });
      }
      for (const change of changes.slice(done)) for (const statement of statementsOf(change)) await db.query(statement);
      await db.query('INSERT INTO migrations VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET applied = excluded.applied', [owner, changes.length]);
    }
  });
}

/** The embedded engine takes one statement at a time; no statement of ours has a semicolon inside. */
function statementsOf(change: string): string[] {
  return change
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
