/** The `pentimento` program itself, from another folder, under the Node that the system has rather than the repository's. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { afterAll, beforeAll, expect, it } from 'vitest';

const PROGRAM = join(PROJECT, 'apps', 'cli', 'bin', 'pentimento.mjs');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first `node` on the path that is not a package's, or this one when there is no other. */
function systemNode(): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((at) => !at.includes('node_modules'));
  return folders.map((at) => join(at, 'node')).find((file) => existsSync(file)) ?? process.execPath;
}

function launch(...args: readonly string[]) {
  const ended = spawnSync(systemNode(), [PROGRAM, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

it('takes paths relative to the folder of the caller and passes output and status on', () => {
  const drawn = launch('draw', 'nouns-s', '--out', 'circuit.svg');
  expect(drawn).toMatchObject({ status: 0 });
  expect(existsSync(join(folder, 'circuit.svg'))).toBe(true);
  const refused = launch('verify', 'nothing.json');
  expect(refused).toMatchObject({ status: 2, out: '' });
  expect(refused.err).toContain('(bundle/not-found)');
});

it("is what `npm start` runs: the shell found the system's Node before set-up brought the other one, and keeps to it", () => {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const commands = scripts.start.split(' && ');
  expect(commands).toHaveLength(2);
  for (const command of commands) expect(command).toMatch(/^node \S+\.mjs\b/);
  expect(launch('start', '--help')).toMatchObject({ status: 0, out: expect.stringContaining('--once') });
});
