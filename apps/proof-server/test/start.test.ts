/** Opening and closing of the server's parts, in this process: what is left open would keep it, or the next server, from going on. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { BaseError } from '@pentimento/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/database.ts';
import { migrate } from '../src/migrations.ts';
import { getArtifact, putArtifact } from '../src/proofs/artifacts.ts';
import { start } from '../src/start.ts';
import { childrenOf, makeHome, removeHome } from './harness.ts';

describe('a server that starts', () => {
  let folder: string;
  let taken: Server;
  let settings: Readonly<Record<string, string>>;
  beforeEach(async () => {
    folder = makeHome();
    process.env.PENTIMENTO_HOME = folder;
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    settings = {
      PENTIMENTO_LOG: 'silent',
      PENTIMENTO_RPC: 'http://127.0.0.1:9',
      PENTIMENTO_PROOF_PORT: String((taken.address() as { port: number }).port),
    };
  });
  afterEach(() => {
    taken.close();
    delete process.env.PENTIMENTO_HOME;
    removeHome(folder);
  });

  /** The embedded database, which only one can have open. */
  async function withDatabase<T>(work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> {
    const database = await openDatabase(undefined);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  it('closes all that it has opened when its last part cannot be opened', async () => {
    const before = childrenOf(process.pid);
    await expect(start(readConfig(settings))).rejects.toMatchObject({ code: 'server/port' });
    // `ps` itself is a child, with another id each time.
    const left = childrenOf(process.pid).filter((child) => !before.includes(child));
    expect(left.length).toBeLessThanOrEqual(1);
    await withDatabase((database) => database.query('SELECT 1'));
  });

  it('closes its database when that cannot be used', async () => {
    await withDatabase(async (database) => {
      await migrate(database);
      await database.query(`UPDATE migrations SET applied = 99 WHERE owner = 'proofs'`);
    });
    await expect(start(readConfig(settings))).rejects.toMatchObject({ code: 'database/newer' });
    await withDatabase((database) => database.query('SELECT 1'));
  });

  it('drops bundles that no proof has named for a day', async () => {
    const [old, young] = await withDatabase(async (database) => {
      await migrate(database);
      const digests = [await putArtifact(database, '{"old":1}'), await putArtifact(database, '{"young":1}')] as const;
      await database.query(`UPDATE artifacts SET at = now() - '25 hours'::interval WHERE sha256 = $1`, [digests[0]]);
      return digests;
    });
    const server = await start(readConfig({ ...settings, PENTIMENTO_PROOF_PORT: '0' }));
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.stop();
    await expect(getArtifact(old)).rejects.toBeInstanceOf(BaseError);
    expect(await getArtifact(young)).toBe('{"young":1}');
    await withDatabase((database) => database.query('SELECT 1'));
  });
});
