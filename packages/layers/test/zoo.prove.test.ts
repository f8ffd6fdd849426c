/** Every layer in one model, proved for real with an RGB head: the engine and the TypeScript verifier accept it, and no other image. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeys, openProver, setupDevelopmentSrs } from '@pentimento/engine';
import { prepare, verifyProof } from '@pentimento/verifier';
import { afterAll, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import { runDecoder } from '../src/reference.ts';
import { context } from './forge.ts';
import { everyLayer, latentOf, modelOf } from './zoo.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-zoo-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a model with every layer is proven', { timeout: 300_000 }, async () => {
  const model = modelOf(everyLayer('rgb'));
  const circuit = compileDecoder(model, { slots: 4 });
  const srsPath = await setupDevelopmentSrs(circuit.ir.k, join(folder, 'srs'));
  const keyDir = join(folder, 'keys');
  const { vk } = await generateKeys({ circuit, srsPath, keyDir });
  const prover = await openProver(keyDir, srsPath);
  const witness = decoderWitness(circuit, latentOf(model), context);
  expect(witness.image).toEqual(runDecoder(model, latentOf(model)).image);
  const { proof } = await prover.prove(witness);
  prover.close();
  const prepared = prepare(circuit.ir, vk);
  const words = witness.instances[0] as readonly bigint[];
  expect(verifyProof(prepared, proof, [words])).toBe(true);
  expect(verifyProof(prepared, proof, [words.map((word, i) => (i === 3 ? word + 1n : word))])).toBe(false);
});
