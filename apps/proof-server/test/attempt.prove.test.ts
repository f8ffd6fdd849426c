/** Attempts with a real child: what is not verified is not published, and what comes after the lease is refused. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Circuits, openCircuits } from '../src/circuits/circuits.ts';
import { type OpenDatabase, openDatabase } from '../src/database.ts';
import { migrate } from '../src/migrations.ts';
import { type Models, openModels } from '../src/models.ts';
import { dropArtifacts, getArtifact } from '../src/proofs/artifacts.ts';
import { makeProof, type Workshop } from '../src/proofs/attempt.ts';
import { Memory } from '../src/proofs/memory.ts';
import { Prover } from '../src/proofs/prover.ts';
import { parseSubmission } from '../src/proofs/statement.ts';
import * as store from '../src/proofs/store.ts';
import { MODEL, makeHome, removeHome, submission } from './harness.ts';

/** A child whose proofs arrive with one bit changed. */
class DamagedProver extends Prover {
  override async prove(...args: Parameters<Prover['prove']>): ReturnType<Prover['prove']> {
    const { bundle, ...figures } = await super.prove(...args);
    const proof = Buffer.from(bundle.proof.slice(2), 'hex');
    proof[proof.length - 1] = (proof.at(-1) ?? 0) ^ 1;
    return { bundle: { ...bundle, proof: `0x${proof.toString('hex')}` as Hex }, ...figures };
  }
}

describe('attempts', () => {
  let folder: string;
  let database: OpenDatabase;
  let models: Models;
  let circuits: Circuits;
  const provers: Prover[] = [];
  beforeAll(async () => {
    folder = makeHome();
    process.env.PENTIMENTO_HOME = folder;
    database = await openDatabase(undefined);
    await migrate(database);
    models = await openModels([join(PROJECT, 'models', MODEL)]);
    circuits = openCircuits(models);
  });
  afterAll(async () => {
    await Promise.all(provers.map((prover) => prover.close()));
    await circuits.stop();
    await database.close();
    delete process.env.PENTIMENTO_HOME;
    removeHome(folder);
  });

  const use = <T extends Prover>(prover: T): T => {
    provers.push(prover);
    return prover;
  };
  const queued = async (seed: number) => (await store.insertProof(database, parseSubmission(submission(seed), models)))?.id ?? '';
  const workshop = (changed: Workshop['changed'] = () => undefined) => {
    const counts: string[] = [];
    const own = {
      expectedMs: async () => 1000,
      measured: () => undefined,
      count: (event: string) => void counts.push(event),
      report: () => undefined,
    };
    const made: Workshop = { database, circuits, memory: new Memory(), changed, ...own };
    return { counts, workshop: made };
  };
  const never = new AbortController().signal;

  it('publish no proof that does not verify', async () => {
    const id = await queued(1);
    const { workshop: damaged, counts } = workshop();
    await makeProof(damaged, use(new DamagedProver(1)), id, never);
    expect((await store.getProof(database, id)).state).toMatchObject({ status: 'failed', bundle: null, error: { code: 'proof/not-verified' } });
    expect(counts.filter((event) => event === 'refused')).toHaveLength(3);
    expect(existsSync(join(folder, 'proofs'))).toBe(false);
  });

  it('publish nothing once another attempt has the lease', async () => {
    const id = await queued(2);
    const thief = randomUUID();
    let stolen: Promise<unknown> | undefined;
    const { workshop: robbed, counts } = workshop(({ state }) => {
      if (state.phase === 'verify') stolen ??= store.claim(database, id, thief);
    });
    await makeProof(robbed, use(new Prover(1)), id, never);
    await stolen;
    expect(counts).toEqual(['stale']);
    expect((await store.getProof(database, id)).state).toMatchObject({ status: 'running', phase: 'waiting', bundle: null });
    expect(await store.holds(database, id, thief)).toBe(true);
  });

  it('end when another server cancels the proof', async () => {
    const id = await queued(3);
    let cancelled: Promise<unknown> | undefined;
    const { workshop: watched } = workshop(({ state }) => {
      if (state.phase === 'decoder') cancelled ??= store.cancel(database, id);
    });
    await makeProof(watched, use(new Prover(1)), id, never);
    await cancelled;
    expect((await store.getProof(database, id)).state).toMatchObject({ status: 'cancelled', bundle: null });
  });

  it('leave a bundle that stays', async () => {
    const id = await queued(4);
    await makeProof(workshop().workshop, use(new Prover(1)), id, never);
    const digest = (await store.getProof(database, id)).state.bundle ?? '';
    await dropArtifacts(database, '0 seconds');
    expect(JSON.parse(await getArtifact(digest))).toMatchObject({ format: 'pentimento-bundle', latent: submission(4).latent });
  });

  it('wait while a proof would not fit beside one that runs', async () => {
    const memory = new Memory();
    const most = 0.9 * process.availableMemory();
    const release = await memory.admit(most / 1.2, () => 0, never);
    const waiting = new AbortController();
    let admitted = false;
    const second = memory
      .admit(most / 2, () => 0, waiting.signal)
      .then((done) => {
        admitted = true;
        return done;
      });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(admitted).toBe(false);
    release();
    (await second)();
    const first = await memory.admit(most / 1.2, () => 0, never);
    const given = memory.admit(most / 2, () => 0, waiting.signal);
    waiting.abort();
    await expect(given).rejects.toThrow();
    first();
  });
});
