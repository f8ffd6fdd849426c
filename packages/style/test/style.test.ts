/** The style package's promises: deterministic, in range, refuses what it cannot use. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePose } from '@pentimento/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStyle, type Styler } from '../src/index.ts';
import { formulaPicture, NOUNS_M } from './style-fixtures.ts';

const photo = formulaPicture([1, 3, 60]);
let styler: Styler;
let folder: string;
beforeAll(async () => {
  styler = await openStyle(NOUNS_M);
  folder = await mkdtemp(join(tmpdir(), 'pentimento-style-'));
});
afterAll(async () => {
  await styler.release();
  await rm(folder, { recursive: true, force: true });
});

describe('answers', () => {
  it('are latents of the model and poses, the same every time', async () => {
    const [first, second] = [await styler.style(photo), await styler.style(photo)];
    expect(second).toEqual(first);
    expect(first.latent.length).toBe(128);
    expect(Math.max(...first.latent)).toBeLessThanOrEqual(127);
    expect(first.pose).toBeGreaterThanOrEqual(0);
    expect(first.pose).toBeLessThanOrEqual(125);
    expect(first.alternatives).toEqual([]);
  });

  it('get no worse with more steps of the same search', async () => {
    const manifest = JSON.parse(await readFile(join(NOUNS_M, 'style.json'), 'utf8'));
    const dial = manifest.dials[manifest.defaultDial];
    const changed = { ...manifest, dials: { none: { ...dial, steps: 0 }, some: { ...dial, steps: 6 } }, defaultDial: 'none' };
    const copy = await copyWith(JSON.stringify(changed));
    const opened = await openStyle(copy);
    const [none, some] = [await opened.style(photo, { dial: 'none' }), await opened.style(photo, { dial: 'some' })];
    await opened.release();
    expect(some.loss).toBeLessThan(none.loss);
  });

  it('are as many different ones as asked for, best first', async () => {
    const { alternatives, loss } = await styler.style(photo, { variations: 4 });
    expect(alternatives.length).toBe(3);
    const losses = [loss, ...alternatives.map((answer) => answer.loss)];
    expect([...losses].sort((a, b) => a - b)).toEqual(losses);
    expect(new Set(alternatives.map((answer) => answer.latent.join())).size).toBe(3);
  });

  it('follow the seed', async () => {
    const seeds = await Promise.all([1, 2, 3, 4, 5].map((seed) => styler.style(photo, { seed })));
    expect(await styler.style(photo, { seed: 3 })).toEqual(seeds[2]);
    expect(new Set(seeds.map(({ latent }) => latent.join())).size).toBeGreaterThan(1);
  });

  it('follow the photo: its negative gets another latent, its mirror image the other mirror', async () => {
    const negative = photo.map((value) => 1 - value);
    const mirrored = Float32Array.from(photo, (_, i) => photo[i - (i & 63) + 63 - (i & 63)] as number);
    const one = await styler.style(photo);
    expect((await styler.style(negative)).latent).not.toEqual(one.latent);
    const [pose, other] = [decodePose(one.pose), decodePose((await styler.style(mirrored)).pose)];
    expect(other.mirror).toBe(1 - pose.mirror);
  });
});

describe('refused', () => {
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'accepted',
      (error: { code?: string }) => error.code,
    );

  it.each([
    ['a photo of another size', () => styler.style(new Float32Array(5)), 'style/bad-photo'],
    ['a photo above 1', () => styler.style(photo.map((value) => value * 255)), 'style/bad-photo'],
    ['a photo with NaN', () => styler.style(new Float32Array(12288).fill(Number.NaN)), 'style/bad-photo'],
    ['an unknown dial', () => styler.style(photo, { dial: 'bold' }), 'style/unknown-dial'],
    ['a fractional seed', () => styler.style(photo, { seed: 0.5 }), 'style/bad-seed'],
    ['no variations', () => styler.style(photo, { variations: 0 }), 'style/bad-variations'],
    ['a folder without a package', () => openStyle(folder), 'style/not-found'],
  ])('%s', async (_, act, expected) => expect(await code(act())).toBe(expected));

  it('a styler that was released', async () => {
    const opened = await openStyle(NOUNS_M);
    await opened.release();
    await opened.release();
    expect(await code(opened.style(photo))).toBe('style/released');
  });

  it('a changed graph, another model, a damaged manifest', async () => {
    const text = await readFile(join(NOUNS_M, 'style.json'), 'utf8');
    const manifest = JSON.parse(text);
    const changed = await copyWith(text);
    const graph = await readFile(join(changed, manifest.files.step.file));
    graph[100] = (graph[100] as number) ^ 1;
    await writeFile(join(changed, manifest.files.step.file), graph);
    expect(await code(openStyle(changed))).toBe('style/wrong-digest');
    expect(await code(openStyle(await copyWith(JSON.stringify({ ...manifest, commitment: '0x00' }))))).toBe('style/other-model');
    const bad = [
      '{',
      '[]',
      '{}',
      { ...manifest, version: 2 },
      { ...manifest, dials: {} },
      { ...manifest, deviation: [0] },
      { ...manifest, files: { ...manifest.files, step: { file: '../x', sha256: '0'.repeat(64) } } },
      { ...manifest, dials: { ...manifest.dials, 'on-brand': { ...manifest.dials['on-brand'], steps: -1 } } },
    ];
    for (const one of bad)
      expect(await code(openStyle(await copyWith(typeof one === 'string' ? one : JSON.stringify(one))))).toBe('style/bad-manifest');
  });
});

let copies = 0;
async function copyWith(styleJson: string): Promise<string> {
  const copy = join(folder, `copy${copies++}`);
  await cp(NOUNS_M, copy, { recursive: true });
  await writeFile(join(copy, 'style.json'), styleJson);
  return copy;
}
