/** Strings made by others: both file formats, every point checked, nothing believed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { afterAll, expect, test } from 'vitest';
import { checkSrs, generateKeys, importSrs, openProver, readSrsInfo, setupDevelopmentSrs, verifyNative } from '../src/index.ts';
import { K, sample } from './sample.ts';
import { g1Bytes, ptauFile, rawFile, setupOf } from './srs-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'pentimento-srs-'));
const cacheDir = join(dir, 'cache');
afterAll(() => rmSync(dir, { recursive: true }));

const setup = setupOf(123456789n, 4);
const file = (name: string, bytes: Uint8Array): string => {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
};
const raw = file('four.srs', rawFile(setup));
const ptau = file('four.ptau', ptauFile(setup));
const corrupted = (what: string) => expect.objectContaining({ code: 'engine/srs-corrupted', message: expect.stringContaining(what) });

test('both formats hold the same setup, which nobody knows', async () => {
  for (const [path, format] of [
    [raw, 'halo2'],
    [ptau, 'ptau'],
  ] as const) {
    const found = await checkSrs(path);
    expect(found).toMatchObject({ format, k: 4, srs: { name: 'unrecognised', insecure: true } });
    expect(found.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    expect(await readSrsInfo(path)).toEqual(found);
  }
  expect((await readSrsInfo(raw)).sG2).toEqual((await readSrsInfo(ptau)).sG2);
});

test('an import has the same bytes from either format, cut or whole, and is kept by its setup', async () => {
  const paths = [await importSrs({ path: raw, cacheDir }), await importSrs({ path: ptau, cacheDir })];
  expect(paths[0]).toBe(paths[1]);
  expect(basename(paths[0] as string)).toMatch(/^unrecognised-[0-9a-f]{16}-4\.srs$/);
  expect(readFileSync(paths[0] as string)).toEqual(rawFile(setup));
  const small = await importSrs({ path: ptau, cacheDir, k: 3 });
  expect(readFileSync(small)).toEqual(rawFile(setupOf(123456789n, 3)));
});

test('an imported setup proves, and its name stands in the key', { timeout: 60_000 }, async () => {
  const { circuit, witness } = sample();
  const srsPath = await importSrs({ path: file('k.ptau', ptauFile(setupOf(987654321n, K))), cacheDir });
  const { vk } = await generateKeys({ circuit, srsPath, keyDir: join(dir, 'keys') });
  expect(vk.srs).toEqual({ name: 'unrecognised', insecure: true });
  const prover = await openProver(join(dir, 'keys'), srsPath);
  const { proof } = await prover.prove(witness);
  prover.close();
  const claim = (srs: object) => verifyNative({ ir: circuit.ir, vk: { ...vk, srs } as never, proof, instances: witness.instances });
  expect(claim(vk.srs)).toBe(true);
  expect(claim({ name: 'my own ceremony', insecure: true })).toBe(true);
  expect(() => claim({ name: 'perpetual-powers-of-tau-0071', insecure: false })).toThrow(/does not belong/);
});

test('the development setup is recognised under any name', async () => {
  const path = file('ceremony.srs', readFileSync(await setupDevelopmentSrs(3, dir)));
  expect((await checkSrs(path)).srs).toEqual({ name: 'insecure-development', insecure: true });
  expect(basename(await importSrs({ path, cacheDir }))).toBe('insecure-development-3.srs');
});

const patched = (bytes: Buffer, at: number, part: Uint8Array) => Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + part.length)]);
const other = g1Bytes(bn254.G1.Point.BASE.multiply(5n));
const good = rawFile(setup);
const goodPtau = ptauFile(setup);
const tau = goodPtau.length - 16 * 128;

const BROKEN: readonly (readonly [what: string, bytes: Buffer, sentence: string])[] = [
  ['nothing', Buffer.alloc(0), 'is too short'],
  ['an error page', Buffer.from('<?xml version="1.0"?><Error>AccessDenied</Error>'), 'is no SRS'],
  ['a raw file cut short', good.subarray(0, -1), 'length'],
  ['a raw file with a byte more', Buffer.concat([good, Buffer.alloc(1)]), 'length'],
  ['the first power replaced', patched(good, 4, other), 'powers of one secret'],
  ['a middle power replaced', patched(good, 4 + 64 * 7, other), 'powers of one secret'],
  ['the last power replaced', patched(good, 4 + 64 * 15, other), 'powers of one secret'],
  ['a power off the curve', patched(good, 4 + 64 * 3, Buffer.alloc(64, 1)), 'off its curve'],
  ['a power that is the identity', patched(good, 4 + 64 * 3, Buffer.alloc(64)), 'or the identity'],
  ['a Lagrange point replaced', patched(good, 4 + 64 * 20, other), 'Lagrange half'],
  ['another power on G2', patched(good, good.length - 128, good.subarray(good.length - 256, good.length - 128)), 'powers of one secret'],
  ['ptau of version 2', patched(goodPtau, 4, Buffer.from([2])), 'version 2'],
  ['ptau of another curve', patched(goodPtau, 12 + 12 + 4, Buffer.from([0])), 'another curve'],
  ['ptau cut short', goodPtau.subarray(0, -1), 'inside a section'],
  ['ptau without a section', patched(goodPtau, tau - 12, Buffer.from([9])), 'lacks a section'],
  ['ptau of another power', patched(goodPtau, 12 + 12 + 36, Buffer.from([3])), 'wrong length'],
  ['ptau whose sG2 is another', patched(goodPtau, tau + 128, goodPtau.subarray(tau + 256, tau + 384)), 'powers of one secret'],
];

for (const [what, bytes, sentence] of BROKEN) {
  test(`${what} is refused, and nothing is written`, async () => {
    const path = file('broken', bytes);
    await expect(checkSrs(path)).rejects.toEqual(corrupted(sentence));
    const folder = join(dir, 'untouched');
    if (what !== 'a Lagrange point replaced') await expect(importSrs({ path, cacheDir: folder })).rejects.toEqual(corrupted(sentence));
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });
}

test('a Lagrange half is not taken over', async () => {
  const path = await importSrs({ path: file('lagrange.srs', patched(good, 4 + 64 * 20, other)), cacheDir: join(dir, 'lagrange') });
  expect(readFileSync(path)).toEqual(good);
});

test('a wrong digest, size or path is one sentence', async () => {
  await expect(importSrs({ path: raw, cacheDir, sha256: '00'.repeat(32) })).rejects.toEqual(corrupted('SHA-256'));
  await expect(importSrs({ path: raw, cacheDir, k: 5 })).rejects.toMatchObject({ code: 'engine/srs-mismatch' });
  await expect(readSrsInfo(join(dir, 'absent'))).rejects.toMatchObject({ code: 'engine/srs-missing' });
});
