/** What is told apart when a stored proof is read: a file that is not what was written, and a disk that cannot give it now. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../src/database.ts';
import { migrate } from '../src/migrations.ts';
import { getArtifact, putArtifact } from '../src/proofs/artifacts.ts';
import { makeHome, removeHome } from './harness.ts';

describe('a stored proof', () => {
  let folder: string;
  let database: OpenDatabase;
  let digest: string;
  let path: string;
  beforeAll(async () => {
    folder = makeHome();
    process.env.PENTIMENTO_HOME = folder;
    database = await openDatabase(undefined);
    await migrate(database);
    digest = await putArtifact(database, '{"a":1}');
    path = join(folder, 'proofs', digest.slice(0, 2), `${digest}.json`);
  });
  afterAll(async () => {
    await database.close();
    delete process.env.PENTIMENTO_HOME;
    removeHome(folder);
  });

  it('is given as it was written', async () => {
    expect(await getArtifact(digest)).toBe('{"a":1}');
  });

  it('is in the table before it is a file', async () => {
    const content = '{"a":4}';
    const other = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(folder, 'proofs', other.slice(0, 2)), 'no folder');
    await expect(putArtifact(database, content)).rejects.toMatchObject({ code: 'artifact/not-written', retryable: true });
    expect(await database.query('SELECT bytes FROM artifacts WHERE sha256 = $1', [other])).toEqual([{ bytes: 7 }]);
  });

  it('is damaged when it has other bytes or is gone', async () => {
    writeFileSync(path, '{"a":2}');
    await expect(getArtifact(digest)).rejects.toMatchObject({ code: 'artifact/damaged' });
    rmSync(path);
    await expect(getArtifact(digest)).rejects.toMatchObject({ code: 'artifact/damaged' });
  });

  it('is not called damaged when it cannot be read', async () => {
    mkdirSync(path);
    await expect(getArtifact(digest)).rejects.not.toBeInstanceOf(BaseError);
    await expect(getArtifact(digest)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
