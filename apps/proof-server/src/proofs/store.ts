/**
 * The rows of proofs, and every change of them. A running proof has a lease, a random token of the attempt that runs it: only who holds it can
 * change the row, so what an attempt that was given up says later is refused. Each change and its event are one statement.
 */
import { randomUUID } from 'node:crypto';
import { BaseError, type Objective } from '@pentimento/core';
import type { PhaseProgress } from '@pentimento/prover/phases';
import type { Database } from '../database.ts';
import { type Statement, statementKey } from './statement.ts';

export type Status = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What changes in a proof; times as ISO 8601 in events. */
export interface State {
  readonly status: Status;
  readonly phase: string | null;
  readonly progress: number;
  readonly etaMs: number | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: Failure | null;
  /** SHA-256 of the bundle. */
  readonly bundle: string | null;
}

export interface ProofRow extends Omit<Statement, 'model'> {
  readonly id: string;
  readonly model: { readonly name: string; readonly commitment: string };
  readonly createdAt: string;
  readonly version: number;
  readonly crashes: number;
  readonly state: State;
}

export interface ProofEvent {
  readonly version: number;
  readonly state: State;
}

const STATE = `jsonb_build_object('status', status, 'phase', phase, 'progress', progress, 'etaMs', eta_ms, 'startedAt', started_at,
  'finishedAt', finished_at, 'error', error, 'bundle', bundle)`;
const ROW = `id, jsonb_build_object('name', model_name, 'commitment', model_commitment) AS model, objective, latent, pose, chain_id AS "chainId",
  collection, creator, created_at AS "createdAt", version, crashes, ${STATE} AS state`;
const LIVE = `status IN ('queued', 'running')`;

/** A change of the proofs that `where` selects, with its event; gives the rows after it. */
const change = (set: string, where: string): string => `
  WITH changed AS (UPDATE proofs SET version = version + 1, ${set} WHERE ${where} RETURNING *),
       logged AS (INSERT INTO proof_events (proof, version, state) SELECT id, version, ${STATE} FROM changed)
  SELECT ${ROW} FROM changed`;

/** A new proof in the queue; undefined when one of the same statement is live or has succeeded. */
export async function insertProof(db: Database, statement: Statement): Promise<ProofRow | undefined> {
  const { name, commitment } = statement.model.model.manifest;
  const { objective, latent, pose, chainId, collection, creator } = statement;
  const sql = `
    WITH changed AS (
      INSERT INTO proofs (id, statement, model_name, model_commitment, objective, latent, pose, chain_id, collection, creator)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING *),
    logged AS (INSERT INTO proof_events (proof, version, state) SELECT id, version, ${STATE} FROM changed)
    SELECT ${ROW} FROM changed`;
  const values = [randomUUID(), statementKey(statement), name, commitment, objective, latent, pose, chainId, collection, creator];
  return first(await db.query<Raw>(sql, values));
}

/** The proof that a statement shares. */
export async function findShared(db: Database, statement: Statement): Promise<ProofRow | undefined> {
  const sql = `SELECT ${ROW} FROM proofs WHERE statement = $1 AND status IN ('queued', 'running', 'succeeded')`;
  return first(await db.query<Raw>(sql, [statementKey(statement)]));
}

/** A UUID; other texts are not asked for, because a database cannot take all of them. */
const ID = /^[0-9a-f-]{36}$/;

/** Throws `proof/not-found`. */
export async function getProof(db: Database, id: string): Promise<ProofRow> {
  const row = ID.test(id) ? first(await db.query<Raw>(`SELECT ${ROW} FROM proofs WHERE id = $1`, [id])) : undefined;
  if (row) return row;
  throw new BaseError({ code: 'proof/not-found', message: `Expected the id of a proof here, got ${JSON.stringify(id.slice(0, 60))}.` });
}

export async function eventsAfter(db: Database, id: string, version: number): Promise<readonly ProofEvent[]> {
  const sql = 'SELECT version, state FROM proof_events WHERE proof = $1 AND version > $2 ORDER BY version';
  const rows = await db.query<ProofEvent>(sql, [id, version]);
  return rows.map((row) => ({ version: row.version, state: withIsoTimes(row.state) }));
}

/** Proofs that are to run before this one. */
export async function positionOf(db: Database, id: string): Promise<number> {
  const sql = `SELECT count(*) AS ahead FROM proofs WHERE status = 'queued' AND ordinal < (SELECT ordinal FROM proofs WHERE id = $1)`;
  return (await db.query<{ ahead: number }>(sql, [id]))[0]?.ahead ?? 0;
}

export async function liveProofs(db: Database): Promise<readonly ProofRow[]> {
  return (await db.query<Raw>(`SELECT ${ROW} FROM proofs WHERE ${LIVE} ORDER BY ordinal`)).map(rowOf);
}

export async function queuedCount(db: Database): Promise<number> {
  return (await db.query<{ n: number }>(`SELECT count(*) AS n FROM proofs WHERE status = 'queued'`))[0]?.n ?? 0;
}

/** Mean time of the last five proofs with the keys that these two expressions name. */
const meanOf = (commitment: string, objective: string): string => `(SELECT avg(prove_ms)::double precision FROM (SELECT prove_ms FROM proofs
  WHERE model_commitment = ${commitment} AND objective = ${objective} AND prove_ms IS NOT NULL ORDER BY finished_at DESC LIMIT 5) AS last)`;

/** Mean time of the last five proofs with these keys in milliseconds; undefined before the first. */
export async function measuredMs(db: Database, commitment: string, objective: Objective): Promise<number | undefined> {
  const rows = await db.query<{ mean: number | null }>(`SELECT ${meanOf('$1', '$2')} AS mean`, [commitment, objective]);
  return rows[0]?.mean ?? undefined;
}

/** What is left to do with the same keys. */
export interface LiveWork {
  readonly commitment: string;
  readonly objective: Objective;
  /** In proofs: one that is half done counts as a half. */
  readonly proofs: number;
  /** As `measuredMs`; null before the first. */
  readonly meanMs: number | null;
}

/** Of all proofs that wait or run, in one query. */
export function liveWork(db: Database): Promise<readonly LiveWork[]> {
  const live = `SELECT model_commitment, objective, sum(1 - progress) AS proofs FROM proofs WHERE ${LIVE} GROUP BY model_commitment, objective`;
  const mean = meanOf('live.model_commitment', 'live.objective');
  return db.query<LiveWork>(`SELECT model_commitment AS commitment, objective, proofs, ${mean} AS "meanMs" FROM (${live}) AS live`);
}

/** A new attempt takes a live proof over, from whoever had it; undefined when it is live no more. */
export async function claim(db: Database, id: string, lease: string): Promise<ProofRow | undefined> {
  const set = `status = 'running', lease = $2, attempts = attempts + 1, phase = 'waiting', progress = 0, eta_ms = NULL,
    started_at = coalesce(started_at, now())`;
  return first(await db.query<Raw>(change(set, `id = $1 AND ${LIVE}`), [id, lease]));
}

const HELD = `id = $1 AND lease = $2 AND status = 'running'`;

/** Whether the lease still holds; a cancellation and a later attempt end it. */
export async function holds(db: Database, id: string, lease: string): Promise<boolean> {
  return (await db.query(`SELECT 1 FROM proofs WHERE ${HELD}`, [id, lease])).length > 0;
}

/** The changes of an attempt give undefined, and change nothing, when its lease holds no more. */
export async function advance(db: Database, id: string, lease: string, { phase, progress, etaMs }: PhaseProgress): Promise<ProofRow | undefined> {
  const set = 'phase = $3, progress = greatest(progress, $4::double precision), eta_ms = $5';
  return first(await db.query<Raw>(change(set, HELD), [id, lease, phase, progress, etaMs]));
}

export interface Result {
  /** SHA-256 of a bundle that is on the disk. */
  readonly digest: string;
  readonly proveMs: number;
}

export async function succeed(db: Database, id: string, lease: string, { digest, proveMs }: Result): Promise<ProofRow | undefined> {
  const set = `status = 'succeeded', lease = NULL, phase = NULL, progress = 1, eta_ms = 0, bundle = $3, prove_ms = $4, finished_at = now()`;
  return first(await db.query<Raw>(change(set, HELD), [id, lease, digest, Math.round(proveMs)]));
}

export async function fail(db: Database, id: string, lease: string, failure: Failure): Promise<ProofRow | undefined> {
  const set = `status = 'failed', lease = NULL, phase = NULL, eta_ms = NULL, error = $3::jsonb, finished_at = now()`;
  return first(await db.query<Raw>(change(set, HELD), [id, lease, JSON.stringify(failure)]));
}

/** Back to the queue; `crashed` counts it as the fault of the proof. */
export async function release(db: Database, id: string, lease: string, crashed: boolean): Promise<ProofRow | undefined> {
  const set = `status = 'queued', lease = NULL, phase = NULL, progress = 0, eta_ms = NULL, crashes = crashes + $3`;
  return first(await db.query<Raw>(change(set, HELD), [id, lease, crashed ? 1 : 0]));
}

/** Back to the queue whatever attempt had it; for attempts of a process that is known to be dead. */
export async function reclaim(db: Database, id: string): Promise<ProofRow | undefined> {
  const set = `status = 'queued', lease = NULL, phase = NULL, progress = 0, eta_ms = NULL`;
  return first(await db.query<Raw>(change(set, `id = $1 AND status = 'running'`), [id]));
}

/** Undefined when it has ended already. */
export async function cancel(db: Database, id: string): Promise<ProofRow | undefined> {
  const set = `status = 'cancelled', lease = NULL, phase = NULL, eta_ms = NULL, finished_at = now()`;
  return first(await db.query<Raw>(change(set, `id = $1 AND ${LIVE}`), [id]));
}

/** A stored proof that cannot be read is no success: the statement can be submitted again. */
export async function spoil(db: Database, id: string, failure: Failure): Promise<ProofRow | undefined> {
  const set = `status = 'failed', bundle = NULL, error = $2::jsonb`;
  return first(await db.query<Raw>(change(set, `id = $1 AND status = 'succeeded'`), [id, JSON.stringify(failure)]));
}

interface IdempotencyKey {
  readonly key: string;
  readonly request: string;
  readonly proof: string;
}

export async function findIdempotent(db: Database, key: string): Promise<IdempotencyKey | undefined> {
  return (await db.query<IdempotencyKey>('SELECT key, request, proof FROM idempotency_keys WHERE key = $1', [key]))[0];
}

/** False when another request has just used the key. */
export async function rememberKey(db: Database, { key, request, proof }: IdempotencyKey): Promise<boolean> {
  const sql = 'INSERT INTO idempotency_keys (key, request, proof) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key';
  return (await db.query(sql, [key, request, proof])).length > 0;
}

/** Drops what is older than `interval`: keys, and all events but the last of proofs that have ended. */
export async function forget(db: Database, interval: string): Promise<void> {
  await db.query(`DELETE FROM idempotency_keys WHERE at < now() - $1::interval`, [interval]);
  const ended = 'SELECT id, version FROM proofs WHERE finished_at < now() - $1::interval';
  await db.query(`DELETE FROM proof_events e USING (${ended}) p WHERE e.proof = p.id AND e.version < p.version`, [interval]);
}

type Raw = Omit<ProofRow, 'createdAt'> & { readonly createdAt: Date };

function rowOf(raw: Raw): ProofRow {
  return { ...raw, createdAt: raw.createdAt.toISOString(), state: withIsoTimes(raw.state) };
}

const first = ([raw]: readonly Raw[]): ProofRow | undefined => raw && rowOf(raw);

/** Inside json the database writes times in its own zone. */
function withIsoTimes(state: State): State {
  const iso = (time: string | null) => time && new Date(time).toISOString();
  return { ...state, startedAt: iso(state.startedAt), finishedAt: iso(state.finishedAt) };
}
