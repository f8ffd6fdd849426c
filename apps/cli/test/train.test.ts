/** `pentimento train`: a folder becomes a model that `cost` accepts; bad folders are refused before anything is written. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pentimento } from './run.ts';

const SIDE = 32;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-train-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A folder of `count` squares of one colour on another. */
async function images(name: string, count: number): Promise<string> {
  const target = join(folder, name);
  await mkdir(target);
  for (let number = 0; number < count; number++) {
    const pixels = Buffer.alloc(SIDE * SIDE * 3, 30);
    for (let y = 4; y < 12 + number; y++) for (let x = 6; x < 20; x++) pixels.set([200, 40 + 20 * (number % 6), 90], 3 * (SIDE * y + x));
    await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toFile(join(target, `${number}.png`));
  }
  return target;
}

async function refused(args: readonly string[], code: string, status: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const out = join(folder, 'never');
  const ended = await pentimento(['train', ...args, '--name', 'never', '--out', out, '--work', join(folder, 'never-work'), '--json'], env);
  const { error } = JSON.parse(ended.err.trim().split('\n').at(-1) as string) as { error: { code: string; message: string } };
  expect([error.code, ended.status]).toEqual([code, status]);
  expect(error.message).toMatch(/^Expected .*[.]$/);
  expect(existsSync(out)).toBe(false);
}

it('refuses what is no folder, an empty folder and too few images', async () => {
  await refused([join(folder, 'nowhere')], 'collection/not-a-folder', 2);
  await mkdir(join(folder, 'empty'));
  await refused([join(folder, 'empty')], 'collection/empty', 2);
  await refused([await images('three', 3)], 'collection/too-few', 2);
}, 240_000);

it('refuses a corrupt image', async () => {
  const target = await images('corrupt', 16);
  await writeFile(join(target, '5.png'), 'no picture');
  await refused([target], 'collection/corrupt-image', 2);
}, 120_000);

it('stops when the loss is no number', async () => {
  const target = await images('wild', 16);
  await refused([target, '--preset', 'S', '--profile', 'smoke', '--rate', '1e30'], 'training/not-finite', 3);
}, 120_000);

it('says how to set up when Python is missing', () => refused([folder], 'cli/no-python', 3, { PENTIMENTO_PYTHON: '/nowhere/python' }));

it('trains a model that cost accepts', async () => {
  const out = join(folder, 'squares');
  const args = ['train', await images('squares-in', 20), '--name', 'squares', '--preset', 'S', '--profile', 'smoke', '--out', out];
  const trained = await pentimento([...args, '--work', join(folder, 'work'), '--json']);
  expect(trained.err).toContain('left');
  expect(trained.status).toBe(0);
  const metrics = JSON.parse(trained.out) as { model: string; floatSteps: number; indexAgreement: number };
  expect([metrics.model, metrics.floatSteps]).toEqual(['squares', 40]);
  expect(metrics.indexAgreement).toBeGreaterThan(0.9);
  expect((await pentimento(['cost', out, '--json'])).status).toBe(0);
}, 600_000);
