/**
 * One SQL dialect on two engines: PostgreSQL in this process (PGlite, a folder of ours) or a PostgreSQL server. Both give the same JavaScript
 * values: int8 as number (nothing here counts past 2^53; amounts are numeric or text), numeric as string, timestamptz as Date, json parsed.
 * A json parameter is passed as text. What PGlite lacks is added here: a lock that the operating system holds, since two processes on one
 * folder silently lose rows, and a limit on the time of a statement, since after a full disk its statements never end.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import { BaseError } from '@pentimento/core';
import { home } from '@pentimento/core/node';
import pg from 'pg';
import { type ConstructorOptions, fromPglite } from 'pg-boss';

const INT8 = 20;
/** After this the embedded engine is taken for dead; a new process opens it with every acknowledged row. */
const STATEMENT_LIMIT_MS = 60_000;
const CONNECTIONS = 10;

export interface Database {
  /** Rows of one statement with `$1`, `$2`, ... for values. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * All of `work` or, when it throws, nothing. Inside, use only the database that `work` gets: the embedded engine has one connection, so a
   * statement on the outer one would wait for ever. Not nested.
   */
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OpenDatabase extends Database {
  /** True when no other process can have this database open. */
  readonly embedded: boolean;
  /** Several statements without values. */
  execute(sql: string): Promise<void>;
  /** How the job queue connects to the same database. */
  readonly queueOptions: ConstructorOptions;
}

/** Opens PostgreSQL at `url`, or the embedded database in `home('database')`. Throws `database/locked` and `database/unreachable`. */
export function openDatabase(url: string | undefined): Promise<OpenDatabase> {
  return url === undefined ? openEmbedded(home('database')) : openServer(url);
}

async function openEmbedded(folder: string): Promise<OpenDatabase> {
  mkdirSync(folder, { recursive: true });
  const lock = holdLock(folder);
  const engine = await PGlite.create({ dataDir: join(folder, 'pglite'), parsers: { [INT8]: Number } }).catch((cause: unknown) => {
    lock.close();
    throw new BaseError({ code: 'database/unreadable', message: `Expected a readable database in ${folder}, got: ${String(cause)}.`, cause });
  });
  return {
    embedded: true,
    queueOptions: { db: fromPglite(engine), backend: 'pglite' },
    query: <Row>(sql: string, values?: readonly unknown[]) => rowsOf<Row>(engine, sql, values),
    execute: async (sql) => void (await limited(engine.exec(sql))),
    transaction: (work) =>
      engine.transaction((inner) => work({ query: <Row>(sql: string, values?: readonly unknown[]) => rowsOf<Row>(inner, sql, values), ...NESTED })),
    close: async () => {
      await engine.close();
      lock.close();
    },
  };
}

async function rowsOf<Row>(engine: Pick<PGlite, 'query'>, sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return (await limited(engine.query(sql, [...values]))).rows as Row[];
}

/** SQLite's exclusive transaction: the operating system ends it with the process, however that ends. */
function holdLock(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    const message = `Expected no other server on the database in ${folder}, but one has it open; stop it, or use PostgreSQL through DATABASE_URL.`;
    throw new BaseError({ code: 'database/locked', message, cause });
  }
}

async function limited<T>(statement: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    process.stderr.write('{"level":60,"msg":"The embedded database does not answer; this process ends, start it again."}\n');
    process.exit(3);
  }, STATEMENT_LIMIT_MS);
  try {
    return await statement;
  } finally {
    clearTimeout(timer);
  }
}

async function openServer(url: string): Promise<OpenDatabase> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    types,
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_LIMIT_MS,
  });
  // A connection that the server ends while idle is replaced at the next statement.
  pool.on('error', () => undefined);
  await pool.query('SELECT 1').catch(async (cause: Error) => {
    await pool.end();
    throw unreachable(cause);
  });
  return {
    embedded: false,
    queueOptions: { connectionString: url, backend: 'postgres' },
    query: async <Row>(sql: string, values: readonly unknown[] = []) => (await pool.query(sql, [...values]).catch(refused)).rows as Row[],
    execute: async (sql) => void (await pool.query(sql)),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (database: Database) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(refused);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work({
      query: async <Row>(sql: string, values: readonly unknown[] = []) => (await client.query(sql, [...values])).rows as Row[],
      ...NESTED,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    return refused(error);
  } finally {
    client.release(broken);
  }
}

/** What the server says of a statement goes on as it is; that it does not answer, stops or has no room is an error that passes. */
function refused(cause: unknown): never {
  if (cause instanceof pg.DatabaseError && !/^(08|53|57P)/.test(cause.code ?? '')) throw cause;
  if (cause instanceof BaseError) throw cause;
  throw unreachable(cause as Error);
}

function unreachable(cause: Error): BaseError {
  const message = `Expected the PostgreSQL server at DATABASE_URL to answer, got: ${(cause.message || 'no connection').replace(/\.$/, '')}.`;
  return new BaseError({ code: 'database/unreachable', message, cause, retryable: true, details: { retryAfterSeconds: 5 } });
}

/** What a transaction does not have. */
const NESTED: Pick<Database, 'transaction' | 'close'> = {
  transaction: () => Promise.reject(new RangeError('a transaction inside a transaction')),
  close: () => Promise.reject(new RangeError('close inside a transaction')),
};
