/** The stored proofs of preset M: both verifiers, every challenge, and the costs of the generated verifier. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bigIntToBytes, bytesToHex } from '@pentimento/core';
import { verifyNative } from '@pentimento/engine';
import { expect, test } from 'vitest';
import { deriveChallenges, prepare, verifyProof } from '../src/index.ts';
import { encodeVkRuntime } from '../src/solidity.ts';
import { readSnapshots, takeSnapshots } from './golden/snapshot.ts';
import { compileModel, inputOf, readVector, storedPart, VECTOR_OBJECTIVES } from './golden/vector.ts';

const AGAIN = 'stale: run `npm run vectors -w packages/verifier`';

for (const objective of VECTOR_OBJECTIVES) {
  const vector = readVector(objective);
  const input = inputOf(vector);
  const { ir, vk, proof, instances } = input;
  const prepared = prepare(ir, vk);

  test(`${objective}: TypeScript and halo2 accept the stored proof, and not another statement`, async () => {
    const { circuit } = await compileModel(objective);
    const native = { ...input, ir: { ...ir, definitions: circuit.ir.definitions } };
    const other = [(instances[0] as bigint[]).with(-1, 8n)];
    expect([verifyProof(prepared, proof, instances), verifyNative(native)]).toEqual([true, true]);
    expect([verifyProof(prepared, proof, other), verifyNative({ ...native, instances: other })]).toEqual([false, false]);
  });

  test(`${objective}: every challenge is drawn again, in order`, () => {
    const drawn = deriveChallenges(prepared.plan, prepared.transcriptRepr, proof, instances);
    expect([...drawn].map(([name, value]) => [name, bytesToHex(bigIntToBytes(value, 32))])).toEqual(vector.challenges);
  });

  test(`${objective}: the digest is that of the key's contract`, () => {
    expect(bytesToHex(keccak_256(encodeVkRuntime(ir, vk)))).toBe(vector.vkDigest);
  });

  test(`${objective}: the stored circuit is the one that is compiled now`, async () => {
    const { model, circuit } = await compileModel(objective);
    expect(vector.modelCommitment, AGAIN).toBe(model.manifest.commitment);
    expect(JSON.stringify(ir) === JSON.stringify(storedPart(circuit, objective)), AGAIN).toBe(true);
  });
}

test('bytes and gas are those of the snapshots', { timeout: 120_000 }, async () => {
  expect(await takeSnapshots(), 'changed: run `npm run vectors -w packages/verifier -- --snapshots`').toEqual(readSnapshots());
});
