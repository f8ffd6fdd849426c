/** The indexer on the embedded database. */
import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { openFolder } from './bench.ts';
import { indexerContract } from './contract.ts';

const homes: string[] = [];
afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true }))));

indexerContract('embedded', async () => {
  const { database, home } = await openFolder();
  homes.push(home);
  return database;
});
