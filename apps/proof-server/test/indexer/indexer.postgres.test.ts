/** The indexer on PostgreSQL. */
import { openDatabase } from '../../src/database.ts';
import { migrate } from '../../src/migrations.ts';
import { onPostgres } from '../postgres.ts';
import { indexerContract } from './contract.ts';

await onPostgres('indexer', (_server, fresh) =>
  indexerContract('PostgreSQL', async () => {
    const database = await openDatabase(await fresh());
    await migrate(database);
    return database;
  }),
);
