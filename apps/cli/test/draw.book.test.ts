/** The drawings in the book are those of the committed model. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pentimento } from './run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-draw-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(['fast', 'gas'])('book/figures/circuit-nouns-m-%s.svg is what `pentimento draw` writes', async (objective) => {
  const out = join(folder, `${objective}.svg`);
  const ended = await pentimento(['draw', 'nouns-m', '--objective', objective, '--out', out]);
  expect([ended.status, ended.err]).toEqual([0, '']);
  const file = `book/figures/circuit-nouns-m-${objective}.svg`;
  const same = (await readFile(join(PROJECT, file), 'utf8')) === (await readFile(out, 'utf8'));
  expect(same, `to renew it: npm run pentimento -- draw nouns-m --objective ${objective} --out ${file}`).toBe(true);
});
