/** The rules by which proofs change, on the tables themselves: who holds the lease changes the row, nobody else. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { progressAt } from '@pentimento/prover/phases';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../src/database.ts';
import { migrate } from '../src/migrations.ts';
import { type Models, openModels } from '../src/models.ts';
import { dropArtifacts, getArtifact, putArtifact } from '../src/proofs/artifacts.ts';
import { parseSubmission, type Statement } from '../src/proofs/statement.ts';
import * as store from '../src/proofs/store.ts';
import { MANIFEST, MODEL, makeHome, removeHome, submission } from './harness.ts';

const RESULT = { digest: 'a'.repeat(64), proveMs: 700 };

export function leaseContract(name: string, databaseUrl: () => Promise<string | undefined>): void {
  describe(`leases on ${name}`, () => {
    let folder: string;
    let database: OpenDatabase;
    let models: Models;
    let seed = 0;

    beforeAll(async () => {
      folder = makeHome();
      process.env.PENTIMENTO_HOME = folder;
      database = await openDatabase(await databaseUrl());
      await migrate(database);
      await migrate(database);
      models = await openModels([join(PROJECT, 'models', MODEL)]);
    });
    afterAll(async () => {
      await database?.close();
      delete process.env.PENTIMENTO_HOME;
      removeHome(folder);
    });

    const statement = (changes: object = {}): Statement => parseSubmission(submission(++seed, changes), models);
    const queued = async (changes: object = {}) => (await store.insertProof(database, statement(changes)))?.id ?? '';
    const status = async (id: string) => (await store.getProof(database, id)).state.status;

    it('refuses everything that an attempt says after another one has taken the proof over', async () => {
      const id = await queued();
      const [old, young] = [randomUUID(), randomUUID()];
      expect((await store.claim(database, id, old))?.state.status).toBe('running');
      expect((await store.claim(database, id, young))?.state.status).toBe('running');
      expect(await store.holds(database, id, old)).toBe(false);
      expect(await store.advance(database, id, old, progressAt('check', 1000))).toBeUndefined();
      expect(await store.fail(database, id, old, { code: 'a/b', message: 'c', retryable: false })).toBeUndefined();
      expect(await store.release(database, id, old, true)).toBeUndefined();
      expect(await store.succeed(database, id, old, RESULT)).toBeUndefined();
      expect(await store.getProof(database, id)).toMatchObject({ crashes: 0, state: { status: 'running', phase: 'waiting', bundle: null } });
      expect((await store.succeed(database, id, young, RESULT))?.state).toMatchObject({ status: 'succeeded', bundle: RESULT.digest });
      expect(await store.succeed(database, id, young, { ...RESULT, digest: 'b'.repeat(64) })).toBeUndefined();
      expect((await store.getProof(database, id)).state.bundle).toBe(RESULT.digest);
      expect((await store.eventsAfter(database, id, 0)).map(({ version, state }) => [version, state.status])).toEqual([
        [1, 'queued'],
        [2, 'running'],
        [3, 'running'],
        [4, 'succeeded'],
      ]);
    });

    it('lets nobody revive a cancelled proof, and a late result of it is refused', async () => {
      const id = await queued();
      const lease = randomUUID();
      await store.claim(database, id, lease);
      expect((await store.cancel(database, id))?.state.status).toBe('cancelled');
      expect(await store.succeed(database, id, lease, RESULT)).toBeUndefined();
      expect(await store.claim(database, id, randomUUID())).toBeUndefined();
      expect(await store.cancel(database, id)).toBeUndefined();
      expect(await status(id)).toBe('cancelled');
    });

    it('keeps one live or successful proof of a statement, also when many are submitted at once', async () => {
      const one = statement();
      const rows = await Promise.all(Array.from({ length: 20 }, () => store.insertProof(database, one)));
      const [made, ...others] = rows.filter((row) => row !== undefined);
      expect(others).toEqual([]);
      expect((await store.findShared(database, one))?.id).toBe(made?.id);
      await store.cancel(database, made?.id ?? '');
      expect(await store.findShared(database, one)).toBeUndefined();
      expect(await store.insertProof(database, one)).toBeDefined();
    });

    it('writes all of a transaction or nothing', async () => {
      const one = statement();
      const work = database.transaction(async (tx) => {
        await store.insertProof(tx, one);
        throw new Error('in between');
      });
      await expect(work).rejects.toThrow('in between');
      expect(await store.findShared(database, one)).toBeUndefined();
    });

    it('gives the same JavaScript values as the other database', async () => {
      const sql = `SELECT 9007199254740991::bigint AS big, 1.5::numeric AS amount, '2026-01-02T03:04:05Z'::timestamptz AS at, '{"a":[1]}'::jsonb AS json, NULL::text AS none`;
      const [row] = await database.query(sql);
      expect(row).toEqual({ big: 2 ** 53 - 1, amount: '1.5', at: new Date('2026-01-02T03:04:05Z'), json: { a: [1] }, none: null });
    });

    it('remembers idempotency keys for a while, and of an ended proof its last event', async () => {
      const id = await queued();
      const lease = randomUUID();
      await store.claim(database, id, lease);
      await store.succeed(database, id, lease, { ...RESULT, digest: 'c'.repeat(64) });
      expect(await store.rememberKey(database, { key: 'k', request: 'r', proof: id })).toBe(true);
      expect(await store.rememberKey(database, { key: 'k', request: 'r', proof: id })).toBe(false);
      await store.forget(database, '24 hours');
      expect(await store.findIdempotent(database, 'k')).toEqual({ key: 'k', request: 'r', proof: id });
      expect(await store.eventsAfter(database, id, 0)).toHaveLength(3);
      await store.forget(database, '0 seconds');
      expect(await store.findIdempotent(database, 'k')).toBeUndefined();
      expect((await store.eventsAfter(database, id, 0)).map(({ state }) => state.status)).toEqual(['succeeded']);
    });

    it('counts the work that is left by its keys, with the mean of what such proofs took', async () => {
      const gas = { objective: 'gas' };
      const left = async () => (await store.liveWork(database)).filter(({ objective }) => objective === 'gas');
      const ids = [await queued(gas), await queued(gas), await queued(gas), await queued(gas)];
      const work = { commitment: MANIFEST.commitment, objective: 'gas' };
      expect(await left()).toEqual([{ ...work, proofs: 4, meanMs: null }]);
      const lease = randomUUID();
      for (const id of ids.slice(0, 3)) await store.claim(database, id, lease);
      await store.succeed(database, ids[0] ?? '', lease, { digest: 'd'.repeat(64), proveMs: 700 });
      await store.succeed(database, ids[1] ?? '', lease, { digest: 'e'.repeat(64), proveMs: 900 });
      await store.advance(database, ids[2] ?? '', lease, { phase: 'commit', progress: 0.25, etaMs: 1 });
      expect(await left()).toEqual([{ ...work, proofs: 1.75, meanMs: 800 }]);
    });

    it('drops the bundle of an attempt that died, and no file that a proof names or that another database may know', async () => {
      const pathOf = (digest: string) => join(folder, 'proofs', digest.slice(0, 2), `${digest}.json`);
      const [id, lease] = [await queued(), randomUUID()];
      await store.claim(database, id, lease);
      const named = await putArtifact(database, '{"named":1}');
      await store.succeed(database, id, lease, { ...RESULT, digest: named });
      const orphan = await putArtifact(database, '{"orphan":1}');
      writeFileSync(`${pathOf(orphan)}.part`, '{');
      const foreign = pathOf('f'.repeat(64));
      mkdirSync(dirname(foreign), { recursive: true });
      writeFileSync(foreign, '{}');
      await dropArtifacts(database, '24 hours');
      expect(await getArtifact(orphan)).toBe('{"orphan":1}');
      await dropArtifacts(database, '0 seconds');
      expect([existsSync(pathOf(orphan)), existsSync(`${pathOf(orphan)}.part`), existsSync(foreign)]).toEqual([false, false, true]);
      expect(await getArtifact(named)).toBe('{"named":1}');
      expect(await database.query('SELECT sha256 FROM artifacts')).toEqual([{ sha256: named }]);
    });

    it('refuses a database that a newer program has used', async () => {
      await database.query(`UPDATE migrations SET applied = 99 WHERE owner = 'proofs'`);
      await expect(migrate(database)).rejects.toMatchObject({ code: 'database/newer' });
    });
  });
}
