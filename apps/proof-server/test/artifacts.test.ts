/** What is told apart when a stored proof is read: a file that is not what was written, and a disk that cannot give it now. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getArtifact, putArtifact } from '../src/proofs/artifacts.ts';
import { makeHome, removeHome } from './harness.ts';

describe('a stored proof', () => {
  let folder: string;
  let digest: string;
  let path: string;
  beforeAll(async () => {
    folder = makeHome();
    process.env.PENTIMENTO_HOME = folder;
    digest = await putArtifact('{"a":1}');
    path = join(folder, 'proofs', digest.slice(0, 2), `${digest}.json`);
  });
  afterAll(() => {
    delete process.env.PENTIMENTO_HOME;
    removeHome(folder);
  });

  it('is given as it was written', async () => {
    expect(await getArtifact(digest)).toBe('{"a":1}');
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
