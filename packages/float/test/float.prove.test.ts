/** The sample decoder in both formats, proven by the engine: honest proofs verify for their words only, forged witnesses have none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Circuit, Witness } from '@pentimento/circuit';
import { generateKeys, openProver, setupDevelopmentSrs, verifyNative } from '@pentimento/engine';
import { afterAll, describe, expect, it } from 'vitest';
import { BINARY32 } from '../src/arithmetics.ts';
import { CELLS } from '../src/binary32/circuit.ts';
import { composeCounts, countOperations } from '../src/binary32/compose.ts';
import { compileDecoder } from '../src/binary32/decoder.ts';
import { countCircuit } from '../src/count.ts';
import { decodeWith } from '../src/decoder.ts';
import { compileFixed16 } from '../src/fixed16/circuit.ts';
import { fixed16Witness } from '../src/fixed16/witness.ts';
import { sampleModel } from '../src/sample.ts';
import { rgbSampleModel } from './rgb-sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-float-'));
const model = sampleModel();
const LATENT = [3, 99, 127, 0, 64, 17, 5, 80];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Proves the honest witness, and shows that the forged one has no proof and that no other word is proven. */
async function proveBoth(name: string, circuit: Circuit, honest: Witness, wrong: Witness): Promise<void> {
  const { ir } = circuit;
  const srsPath = await setupDevelopmentSrs(ir.k, join(folder, 'srs'));
  const keyDir = join(folder, name);
  const { vk } = await generateKeys({ circuit, srsPath, keyDir });
  const prover = await openProver(keyDir, srsPath);
  const { proof } = await prover.prove(honest);
  const verify = (words: readonly bigint[]) => verifyNative({ ir, vk, instances: [words], proof });
  const words = honest.instances[0] as readonly bigint[];
  expect(verify(words)).toBe(true);
  for (const i of [0, words.length - 1]) expect(verify(words.map((word, j) => (j === i ? word + 1n : word)))).toBe(false);
  await expect(prover.prove(wrong)).rejects.toMatchObject({ code: 'engine/witness-rejected' });
  prover.close();
}

describe('binary32', () => {
  const compiled = compileDecoder(model);
  const honest = compiled.witness(LATENT);

  it('computes what the host computes', () => {
    expect(compiled.outputs(honest)).toEqual(decodeWith(model, BINARY32, LATENT).index);
  });

  it('is counted exactly without its layout', () => {
    const { fixedColumns, ...counts } = countCircuit(compiled.circuit, compiled.layout.rows);
    expect(fixedColumns).toBe(17);
    expect(composeCounts(countOperations(model))).toEqual(counts);
  });

  it('is proven, and a result wrong by one unit in the last place is not', { timeout: 600_000 }, async () => {
    const multiply = compiled.layout.fixed.multiply.indexOf(1);
    const significand = CELLS.indexOf('m');
    const advice = honest.advice.map((column, i) =>
      i === significand ? (column as bigint[]).map((m, row) => (row === multiply ? m + 1n : m)) : column,
    );
    await proveBoth('binary32', compiled.circuit, honest, { ...honest, advice });
  });
});

it.each([
  ['a palette head', model],
  ['an RGB head', rgbSampleModel()],
])('fixed point with %s is proven, and another image is not', { timeout: 600_000 }, async (name, decoder) => {
  const circuit = compileFixed16(decoder);
  const honest = fixed16Witness(circuit, Uint8Array.from(LATENT));
  const words = (honest.instances[0] as readonly bigint[]).map((word, i) => (i === 1 ? word ^ (1n << 200n) : word));
  await proveBoth(`fixed16 ${name}`, circuit, honest, { ...honest, instances: [words] });
});
