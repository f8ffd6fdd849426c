/** `pentimento report` as a user runs it, on few photos. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pentimento } from './run.ts';

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'pentimento-report-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

it('writes page, figures and pictures', async () => {
  const { status, out: text, err } = await pentimento(['report', 'nouns-s', '--out', out, '--photos', '8', '--json']);
  expect(status, err).toBe(0);
  const { html, json } = JSON.parse(text) as { html: string; json: string };
  expect((await readdir(out)).sort()).toEqual(['nouns-s.html', 'nouns-s.json', 'nouns-s.png']);
  expect(await readFile(html, 'utf8')).toContain('Quality of nouns-s');
  const report = JSON.parse(await readFile(json, 'utf8')) as { photos: number; columns: Record<string, Record<string, number>> };
  expect(report.photos).toBe(8);
  expect(report.columns.naive?.layoutRecall10).toBe(1);
}, 300_000);

it('refuses what is no model, and too few photos', async () => {
  const missing = await pentimento(['report', join(out, 'nothing'), '--out', out, '--json']);
  expect([missing.status, JSON.parse(missing.err).error.code]).toEqual([2, 'model/not-found']);
  expect((await pentimento(['report', 'nouns-s', '--out', out, '--photos', '7'])).status).toBe(2);
});

it('says what is wrong with a checkpoint', async () => {
  const { status, err } = await pentimento(['report', 'nouns-s', '--out', out, '--checkpoint', join(out, 'none.pt')]);
  expect(status).toBe(2);
  expect(err).toMatch(/Expected a checkpoint in .*none\.pt, got no file\. \(report\/checkpoint\)/);
});
