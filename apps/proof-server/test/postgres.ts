/** A PostgreSQL server of the machine's package, in a temporary folder on a free port. It refuses to run as root, so then it runs as its own user. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pentimento/verifier/testing';
import pg from 'pg';
import { afterAll, describe, it } from 'vitest';

const PACKAGES = '/usr/lib/postgresql';

export interface Postgres {
  readonly url: string;
  /** Ends the server; its data stay. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** The folder with the newest version's programs; undefined where there is none. */
function postgresPrograms(): string | undefined {
  if (!existsSync(PACKAGES)) return undefined;
  const versions = readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(PACKAGES, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/**
 * Runs `contracts` with a server, and with what makes a new database on it. Without PostgreSQL on this machine nothing runs but a test that
 * says so.
 */
export async function onPostgres(prefix: string, contracts: (server: Postgres, fresh: () => Promise<string>) => void): Promise<void> {
  const programs = postgresPrograms();
  if (programs === undefined) {
    describe('PostgreSQL', () => {
      it('is not on this machine', () => console.log('not checked: PostgreSQL (no programs in /usr/lib/postgresql; apt-get install postgresql)'));
    });
    return;
  }
  const server = await startPostgres(programs);
  afterAll(() => server.stop());
  let count = 0;
  contracts(server, () => newDatabase(server.url, `${prefix}_${++count}`));
}

async function startPostgres(programs: string): Promise<Postgres> {
  const user = process.getuid?.() === 0 ? idsOf('postgres') : {};
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-postgres-'));
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'pentimento', '--auth=trust', '--no-sync', '-E', 'UTF8'], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await freePort();
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder];
  const url = `postgres://pentimento@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  const up = async () => {
    child = spawn(join(programs, 'postgres'), args, { ...user, cwd: folder, stdio: 'ignore' });
    await answers(url);
  };
  const down = async () => {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
  };
  await up();
  return { url, up, down, stop: () => down().then(() => rmSync(folder, { recursive: true, force: true })) };
}

/** A new database on the same server. */
async function newDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return server.replace(/\/postgres$/, `/${name}`);
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(url: string): Promise<void> {
  for (let i = 0; ; i++) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (i >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
