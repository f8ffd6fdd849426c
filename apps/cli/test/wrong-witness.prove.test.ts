/** The real prover refuses what the mock prover refuses: its own check of a proof of a wrong witness fails, so none is returned. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockProve } from '@pentimento/circuit';
import { generateKeys, openProver, type Prover, setupDevelopmentSrs } from '@pentimento/engine';
import { compileDecoder, countLookups, decoderWitness } from '@pentimento/layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyLatent, tinyModel } from '../../../packages/layers/test/tiny.ts';

const model = tinyModel();
const circuit = compileDecoder(model);
const honest = decoderWitness(circuit, tinyLatent(1), { pose: 31, chainId: 1n, collection: 2n, creator: 3n });
const { slots, placed, head } = circuit.plan;

let folder: string;
let prover: Prover;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
  const srsPath = await setupDevelopmentSrs(circuit.ir.k, folder);
  await generateKeys({ circuit, srsPath, keyDir: join(folder, 'keys') });
  prover = await openProver(join(folder, 'keys'), srsPath);
}, 120_000);

afterAll(async () => {
  prover.close();
  await rm(folder, { recursive: true, force: true });
});

/** The honest cells with one of them changed and the lookups counted again, so that only the wrong value is at fault. */
function changed(column: 'h' | 'r' | 'o', row: number, slot: number, change: (value: number) => number) {
  const advice = honest.advice.slice(0, -1).map((c) => Int32Array.from(c as Int32Array));
  const cells = advice[{ h: 0, r: slots, o: 2 * slots }[column] + slot] as Int32Array;
  cells[row] = change(cells[row] as number);
  return { ...honest, advice: [...advice, countLookups(circuit, advice)] };
}

it('accepts the honest witness', async () => {
  expect((await prover.prove(honest)).proof.length).toBeGreaterThan(0);
}, 60_000);

it.each(['latent', 'fc', 'conv1', 'pool', 'conv2'])(
  'refuses one wrong activation in %s',
  async (layer) => {
    const row = (placed.get(layer)?.baseRow as number) + (layer.startsWith('conv') ? 4 : 0);
    const witness = changed('o', row, 0, (o) => (o === 127 ? 126 : o + 1));
    expect(mockProve(circuit, witness)).not.toEqual([]);
    await expect(prover.prove(witness)).rejects.toMatchObject({ code: 'engine/witness-rejected' });
  },
  60_000,
);

it('refuses a flag that is moved to another class', async () => {
  const flagged = Array.from({ length: head?.grid.rows ?? 0 }, (_, i) => (head?.baseRow ?? 0) + i).find(
    (row) => (honest.advice[2 * slots] as Int32Array)[row] === 1,
  ) as number;
  const witness = changed('o', flagged, 0, () => 0);
  expect(mockProve(circuit, witness)).not.toEqual([]);
  await expect(prover.prove(witness)).rejects.toMatchObject({ code: 'engine/witness-rejected' });
}, 60_000);

it('refuses a remainder outside its range', async () => {
  const row = placed.get('fc')?.baseRow as number;
  const witness = changed('r', row, 0, (r) => r + 16);
  expect(mockProve(circuit, witness)).not.toEqual([]);
  await expect(prover.prove(witness)).rejects.toMatchObject({ code: 'engine/witness-rejected' });
}, 60_000);

it('refuses a painted image that is not the one in the public words', async () => {
  const [words] = honest.instances as [readonly bigint[]];
  const witness = { ...honest, instances: [words.map((w, i) => (i === 1 ? w ^ 1n : w))] };
  await expect(prover.prove(witness)).rejects.toMatchObject({ code: 'engine/witness-rejected' });
}, 60_000);
