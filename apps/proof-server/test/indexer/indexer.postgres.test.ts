/** The indexer on PostgreSQL. Without its programs on this machine nothing runs here but a test that says so. */
import { afterAll, describe, it } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { migrate } from '../../src/migrations.ts';
import { newDatabase, postgresPrograms, startPostgres } from '../postgres.ts';
import { indexerContract } from './contract.ts';

const programs = postgresPrograms();
if (programs === undefined) {
  describe('PostgreSQL', () => {
    it('is not on this machine', () => console.log('not checked: PostgreSQL (no programs in /usr/lib/postgresql; apt-get install postgresql)'));
  });
} else {
  const server = await startPostgres(programs);
  afterAll(() => server.stop());
  let count = 0;
  indexerContract('PostgreSQL', async () => {
    const database = await openDatabase(await newDatabase(server.url, `indexer_${++count}`));
    await migrate(database);
    return database;
  });
}
