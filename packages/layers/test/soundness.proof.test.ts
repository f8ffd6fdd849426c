/** The tiny decoder, proved for real: the engine and the TypeScript verifier accept the honest proof, and no other statement. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeys, openProver, setupDevelopmentSrs, verifyNative } from '@pentimento/engine';
import { prepare, verifyProof } from '@pentimento/verifier';
import { afterAll, describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import { type Cells, context, elementsOf, forge, modelFor, SLOTS } from './forge.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-decoder-'));
const LATENT = Uint8Array.of(3, 99, 127, 0, 64, 17, 5, 80);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(SLOTS)('a real proof with %i cell triples a row', (slots) => {
  it('holds for its statement only', async () => {
    const circuit = compileDecoder(modelFor(slots), { slots });
    const { ir } = circuit;
    const srsPath = await setupDevelopmentSrs(ir.k, join(folder, 'srs'));
    const keyDir = join(folder, `keys-${slots}`);
    const { vk } = await generateKeys({ circuit, srsPath, keyDir });
    const prover = await openProver(keyDir, srsPath);
    const witness = decoderWitness(circuit, LATENT, context);
    const { proof } = await prover.prove(witness);
    const prepared = prepare(ir, vk);
    expect(verifyNative({ ir, vk, instances: witness.instances, proof })).toBe(true);
    expect(verifyProof(prepared, proof, witness.instances)).toBe(true);
    const words = witness.instances[0] as readonly bigint[];
    for (const i of words.keys()) {
      const other = [words.map((word, j) => (j === i ? word + 1n : word))];
      expect(verifyNative({ ir, vk, instances: other, proof }), `word ${i}`).toBe(false);
    }
    const e = elementsOf(circuit, 'conv1')[3] as number;
    const edit = ({ o }: Cells) => {
      o[e] = (o[e] as number) === 0 ? 1 : 0;
    };
    await expect(prover.prove(forge(circuit, LATENT, { conv1: edit }))).rejects.toMatchObject({ code: 'engine/witness-rejected' });
    prover.close();
  });
});
