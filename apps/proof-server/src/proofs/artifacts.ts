/** Bundles as files named by their SHA-256, in `home('proofs')`: written whole and to the disk before anything names them, checked when read. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { home } from '@pentimento/core/node';

const pathOf = (digest: string): string => home('proofs', digest.slice(0, 2), `${digest}.json`);

/** Resolves to the SHA-256 once the content is on the disk. */
export async function putArtifact(content: string): Promise<string> {
  const digest = createHash('sha256').update(content).digest('hex');
  const path = pathOf(digest);
  const temporary = `${path}.${process.pid}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeThrough(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new BaseError({
      code: 'artifact/not-written',
      message: `Expected to write ${path}, got: ${(cause as Error).message}.`,
      cause,
      retryable: true,
    });
  }
  await syncFolder(dirname(path));
  return digest;
}

/** Throws `artifact/damaged` when the file is absent or is not what its name says; what keeps it from being read now is thrown as it is. */
export async function getArtifact(digest: string): Promise<string> {
  const content = await readFile(pathOf(digest), 'utf8').catch(absent);
  if (content !== undefined && createHash('sha256').update(content).digest('hex') === digest) return content;
  throw new BaseError({ code: 'artifact/damaged', message: `Expected the stored proof ${digest} to be whole, but it is damaged; submit it again.` });
}

/** Removes what a process that died has left: half of a file, or a file that no row came to name. Only while nobody else writes. */
export async function sweepArtifacts(isNamed: (digest: string) => Promise<boolean>): Promise<void> {
  const files = await readdir(home('proofs'), { recursive: true, withFileTypes: true }).catch(() => []);
  for (const file of files.filter((entry) => entry.isFile())) {
    const digest = /^([0-9a-f]{64})\.json$/.exec(file.name)?.[1];
    if (digest === undefined || !(await isNamed(digest))) await rm(join(file.parentPath, file.name), { force: true });
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function writeThrough(path: string, content: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The name of a file is part of its folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
