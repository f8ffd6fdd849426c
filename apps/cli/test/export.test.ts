/** `pentimento export triton` as its users run it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-export-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pentimento = (...args: string[]) =>
  spawnSync(process.execPath, [join(PROJECT, 'apps', 'cli', 'src', 'main.ts'), ...args, '--json'], { encoding: 'utf8' });

it('writes a repository of the model and says what is in it', async () => {
  const target = join(folder, 'models');
  const { status, stdout } = pentimento('export', 'triton', target, '--model', 'strokes-rgb', '--backend', 'python');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ models: ['strokes-rgb_encoder', 'strokes-rgb_decoder', 'strokes-rgb'] });
  expect((await readdir(target)).sort()).toEqual(['strokes-rgb', 'strokes-rgb_decoder', 'strokes-rgb_encoder']);
});

it('refuses another server, another backend and a model that is not there', async () => {
  expect(pentimento('export', 'torchserve', join(folder, 'a')).status).toBe(2);
  expect(pentimento('export', 'triton', join(folder, 'a'), '--backend', 'tensorrt').status).toBe(2);
  const { status, stderr } = pentimento('export', 'triton', join(folder, 'a'), '--model', 'nobody');
  expect(status).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'model/not-found' } });
  expect(await readdir(folder)).not.toContain('a');
});
