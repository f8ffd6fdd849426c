/**
 * Bundles as files named by their SHA-256, in `home('proofs')`: written whole and to the disk before a proof names them, checked when read.
 * The table `artifacts` has each of them before its file is there, so what a server that died has left is found in the table. A search of the
 * folder would not be safe: it may hold the files of another database, and always what another server has just written and not named yet.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BaseError } from '@pentimento/core';
import { home } from '@pentimento/core/node';
import type { Database } from '../database.ts';

const pathOf = (digest: string): string => home('proofs', digest.slice(0, 2), `${digest}.json`);

/** Half of a file. No two write the same one: proofs are random. */
const partOf = (digest: string): string => `${pathOf(digest)}.part`;

/** Resolves to the SHA-256 once the content is on the disk. */
export async function putArtifact(db: Database, content: string): Promise<string> {
  const digest = createHash('sha256').update(content).digest('hex');
  const path = pathOf(digest);
  const sql = 'INSERT INTO artifacts (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO UPDATE SET at = now()';
  await db.query(sql, [digest, Buffer.byteLength(content)]);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeThrough(partOf(digest), content);
    await rename(partOf(digest), path);
  } catch (cause) {
    // What cannot be removed now is dropped later.
    await rm(partOf(digest), { force: true }).catch(() => undefined);
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

/** Removes what no proof came to name within `interval`, which is longer than any attempt takes from writing a bundle to naming it. */
export async function dropArtifacts(db: Database, interval: string): Promise<void> {
  const unnamed = 'at < now() - $1::interval AND NOT EXISTS (SELECT 1 FROM proofs WHERE bundle = sha256)';
  for (const { sha256 } of await db.query<{ sha256: string }>(`SELECT sha256 FROM artifacts WHERE ${unnamed}`, [interval])) {
    await rm(partOf(sha256), { force: true });
    await rm(pathOf(sha256), { force: true });
    await db.query('DELETE FROM artifacts WHERE sha256 = $1', [sha256]);
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
