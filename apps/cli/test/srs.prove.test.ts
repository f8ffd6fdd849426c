/** A proof under an imported setup, from the file to the verdict: its setup is named everywhere, and it is no proof under another one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { compileFor } from '@pentimento/prover';
import { afterAll, expect, test } from 'vitest';
import { rawFile, setupOf } from '../../../packages/engine/test/srs-files.ts';
import { Q } from '../../../packages/verifier/src/curve/fp.ts';
import { addEach, type G1Point, IDENTITY } from '../../../packages/verifier/src/curve/g1.ts';
import { pentimento } from './run.ts';

const MODEL = 'nouns-s';
const SECRET = 31_415_926_535_897_932_384_626_433n;
const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

const dir = mkdtempSync(join(tmpdir(), 'pentimento-imported-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** `BYTES[j][v] = v * 2^(8j) * G1`. */
function byteMultiples(): G1Point[][] {
  let units: G1Point[] = [{ x: 1n, y: 2n }];
  for (let j = 1; j < 32; j++) {
    let next = [units.at(-1) as G1Point];
    for (let bit = 0; bit < 8; bit++) next = addEach(next.map((point) => [point, point]));
    units = [...units, ...next];
  }
  const rows = [units.map(() => IDENTITY)];
  for (let v = 1; v < 256; v++) rows.push(addEach(units.map((unit, j) => [unit, (rows[v - 1] as G1Point[])[j] as G1Point])));
  return units.map((_, j) => rows.map((row) => row[j] as G1Point));
}

/** The powers of the secret in halo2's raw layout; no Lagrange half, because an import computes its own. */
function powersFile(k: number): Buffer {
  const scalars = [1n];
  while (scalars.length < 2 ** k) scalars.push(((scalars.at(-1) as bigint) * SECRET) % R);
  let powers = scalars.map(() => IDENTITY);
  for (const [j, row] of byteMultiples().entries()) {
    powers = addEach(powers.map((point, i) => [point, row[Number(((scalars[i] as bigint) >> BigInt(8 * j)) & 255n)] as G1Point]));
  }
  const word = (value: bigint) => Buffer.from((((value << 256n) % Q) + (1n << 256n)).toString(16).slice(1), 'hex').reverse();
  const size = Buffer.alloc(4);
  size.writeUInt32LE(k);
  const pointsG2 = rawFile(setupOf(SECRET, 3)).subarray(-256);
  return Buffer.concat([size, ...powers.flatMap(({ x, y }) => [word(x), word(y)]), Buffer.alloc(64 * 2 ** k), pointsG2]);
}

test('from an imported file to an accepted proof', { timeout: 600_000 }, async () => {
  const model = await loadModel(modelFolder(MODEL));
  const source = join(dir, 'ceremony.srs');
  writeFileSync(source, powersFile(compileFor(model, 'fast').ir.k));
  const at = { PENTIMENTO_HOME: join(dir, 'home') };
  const { status, out } = await pentimento(['srs', 'import', source, '--json'], at);
  expect(status).toBe(0);
  const { path } = JSON.parse(out) as { path: string };
  const imported = { ...at, PENTIMENTO_SRS: path };

  const [latent, bundle] = [join(dir, 'latent.json'), join(dir, 'bundle.json')];
  writeFileSync(latent, JSON.stringify({ latent: new Array(model.manifest.latent.length).fill(64) }));
  const context = ['--chain-id', '31337', '--collection', `0x${'1'.repeat(40)}`, '--creator', `0x${'2'.repeat(40)}`];
  const proved = await pentimento(['prove', latent, '--model', MODEL, ...context, '--out', bundle], imported);
  expect(proved.status, proved.err).toBe(0);
  expect(proved.err).toContain('INSECURE setup unrecognised: nobody here knows who made it; use it on local chains only');

  const verified = await pentimento(['verify', bundle, '--model', MODEL], imported);
  expect([verified.status, verified.out]).toEqual([0, expect.stringContaining('The setup unrecognised is INSECURE')]);

  const elsewhere = await pentimento(['verify', bundle, '--model', MODEL], at);
  expect([elsewhere.status, elsewhere.out]).toEqual([1, expect.stringContaining('The setup insecure-development is INSECURE')]);
  expect(elsewhere.err).toContain('INSECURE setup insecure-development: its secret is known to everybody');

  const abroad = join(dir, 'abroad.json');
  writeFileSync(abroad, JSON.stringify({ ...JSON.parse(await readFile(bundle, 'utf8')), chainId: '1' }));
  const refused = await pentimento(['verify', abroad, '--model', MODEL], imported);
  expect([refused.status, refused.out]).toEqual([1, expect.stringContaining('it may not be used on chain 1')]);
});
