/** `pentimento srs` on files that others made: both formats, what is refused, what is written, and what is said about whose setup it is. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupDevelopmentSrs } from '@pentimento/engine';
import { afterAll, expect, test } from 'vitest';
import { ptauFile, rawFile, setupOf } from '../../../packages/engine/test/srs-files.ts';
import { type Ended, pentimento } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'pentimento-cli-srs-'));
afterAll(() => rmSync(dir, { recursive: true }));

const SECRET = 20_260_311n;
const raw = rawFile(setupOf(SECRET, 4));
const ptau = ptauFile(setupOf(SECRET, 4));
const home = join(dir, 'home');
const cache = join(home, 'srs');

function file(name: string, bytes: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}
const files = { halo2: file('four.srs', raw), ptau: file('four.ptau', ptau) };

const srs = (args: readonly string[], to = home): Promise<Ended> => pentimento(['srs', ...args], { PENTIMENTO_HOME: to });

async function answer(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await srs([...args, '--json']);
  expect([status, err.includes('"error"')]).toEqual([0, false]);
  return JSON.parse(out) as Record<string, unknown>;
}

test('info and check tell format, size, digest and power, and which of them has looked at every point', async () => {
  for (const [format, path] of Object.entries(files)) {
    const [info, checked] = [await answer('info', path), await answer('check', path)];
    expect(info).toMatchObject({ format, k: 4, checked: false, srs: { name: 'unrecognised', insecure: true } });
    expect(checked).toEqual({ ...info, checked: true });
  }
  expect((await srs(['check', files.ptau])).out).toContain('Every point is a power of one secret.');
  expect((await srs(['info', files.ptau])).out).toContain('Only the first points were read');
  expect((await answer('info', files.halo2)).sG2).toEqual((await answer('info', files.ptau)).sG2);
  expect((await srs(['info', files.ptau])).out).toMatch(
    /^ptau, 2\^4 powers, INSECURE: not a ceremony that is known here; refused outside local chains\n/,
  );
});

test('either format is imported once, under the name of its setup, with the Lagrange half computed here', async () => {
  const first = await answer('import', files.halo2);
  expect(first).toMatchObject({ format: 'halo2', k: 4, srs: { name: 'unrecognised', insecure: true } });
  const path = first.path as string;
  expect(path.startsWith(cache)).toBe(true);
  expect(path).toMatch(/unrecognised-[0-9a-f]{16}-4\.srs$/);
  expect(readFileSync(path)).toEqual(raw);
  const written = statSync(path).mtimeMs;
  const changed = Buffer.from(raw);
  raw.copy(changed, 4 + 64 * 20, 4 + 64 * 2, 4 + 64 * 3);
  for (const same of [files.ptau, file('lagrange.srs', changed)]) expect((await answer('import', same)).path).toBe(path);
  expect([readFileSync(path).equals(raw), statSync(path).mtimeMs]).toEqual([true, written]);
});

test('an import is cut to the size that is asked for, never stretched', async () => {
  const { path } = await answer('import', files.ptau, '--k', '3');
  expect(readFileSync(path as string)).toEqual(rawFile(setupOf(SECRET, 3)));
  await refused(['import', files.ptau, '--k', '5'], 'engine/srs-mismatch');
  const { status, out, err } = await srs(['import', files.ptau, '--k', '2']);
  expect([status, out, err]).toEqual([2, '', expect.stringContaining('Expected an integer in 3..24.')]);
});

test('a file of another digest than the one that was asked for is not imported', async () => {
  const { sha256 } = await answer('info', files.halo2);
  const empty = join(dir, 'digest');
  await refused(['import', files.halo2, '--sha256', '00'.repeat(32)], 'engine/srs-corrupted', empty);
  expect(existsSync(join(empty, 'srs'))).toBe(false);
  expect((await srs(['import', files.halo2, '--sha256', sha256 as string], empty)).status).toBe(0);
  expect(readdirSync(join(empty, 'srs')).filter((name) => name.endsWith('.srs'))).toHaveLength(1);
});

test('the development setup is called insecure, whatever its file is called', async () => {
  const path = file('ceremony.srs', readFileSync(await setupDevelopmentSrs(4, dir)));
  for (const action of ['info', 'check', 'import']) {
    expect(await answer(action, path)).toMatchObject({ srs: { name: 'insecure-development', insecure: true } });
    expect((await srs([action, path])).out).toContain('INSECURE: insecure-development; refused outside local chains');
  }
  expect((await answer('import', path)).path).toBe(join(cache, 'insecure-development-4.srs'));
  expect((await answer('import', path, '--k', '3')).path).toBe(join(cache, 'insecure-development-3.srs'));
});

const replaced = (bytes: Buffer, at: number, part: Uint8Array) => Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + part.length)]);
const power = (i: number) => raw.subarray(4 + 64 * i, 68 + 64 * i);
const ptauG2 = ptau.length - 16 * 128;
const BROKEN: Readonly<Record<string, readonly [bytes: Buffer, sentence: string]>> = {
  nothing: [Buffer.alloc(0), 'is too short'],
  'an error page': [Buffer.from('<?xml version="1.0"?><Error>AccessDenied</Error>'), 'is no SRS'],
  'a raw file cut short': [raw.subarray(0, -1), 'length'],
  'a ptau file cut short': [ptau.subarray(0, -1), 'inside a section'],
  'a ptau file of another curve': [replaced(ptau, 28, Buffer.of(0)), 'another curve'],
  'a power off the curve': [replaced(raw, 4 + 64 * 3, Buffer.alloc(64, 1)), 'off its curve'],
  'a power that is the identity': [replaced(raw, 4 + 64 * 3, Buffer.alloc(64)), 'or the identity'],
  'two powers swapped': [replaced(replaced(raw, 4 + 64 * 5, power(6)), 4 + 64 * 6, power(5)), 'powers of one secret'],
  'powers of another secret than that on G2': [
    replaced(rawFile(setupOf(SECRET + 1n, 4)), raw.length - 256, raw.subarray(-256)),
    'powers of one secret',
  ],
  'a ptau file whose second power on G2 is its third': [
    replaced(ptau, ptauG2 + 128, ptau.subarray(ptauG2 + 256, ptauG2 + 384)),
    'powers of one secret',
  ],
};

for (const [what, [bytes, sentence]] of Object.entries(BROKEN)) {
  test(`${what} is refused in one sentence, and nothing is written`, async () => {
    const [path, untouched] = [file('broken', bytes), join(dir, 'untouched')];
    for (const action of ['check', 'import']) {
      expect(await refused([action, path], 'engine/srs-corrupted', untouched)).toContain(sentence);
    }
    expect(existsSync(untouched)).toBe(false);
  });
}

test('a wrong Lagrange half is found by check', async () => {
  expect(await refused(['check', file('half.srs', replaced(raw, 4 + 64 * 20, power(2)))], 'engine/srs-corrupted')).toContain('Lagrange half');
});

test('a file that is not there, and an action that there is not', async () => {
  await refused(['info', join(dir, 'absent.srs')], 'engine/srs-missing');
  const { status, out, err } = await srs(['trust', files.halo2]);
  expect([status, out, err]).toEqual([2, '', expect.stringContaining('Allowed choices are info, check, import.')]);
});

/** The message of the only error, a sentence without an absolute path. */
async function refused(args: readonly string[], code: string, to = home): Promise<string> {
  const ended = await srs([...args, '--json'], to);
  const { error } = JSON.parse(ended.err.trim().split('\n').at(-1) as string) as { error: { code: string; message: string } };
  expect([error.code, ended.status, ended.out]).toEqual([code, 2, '']);
  expect(error.message).toMatch(/^[A-Z].*\.$/);
  return error.message;
}
