import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Column } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKeys, openProver, type ProveResult, type Prover, setupDevelopmentSrs, type VkDescriptor, verifyNative } from '../src/index.ts';
import { K, sample } from './sample.ts';

const { circuit, witness } = sample();
const { ir } = circuit;
const { instances } = witness;
const [publicColumn] = instances as [readonly bigint[]];
const dir = mkdtempSync(join(tmpdir(), 'pentimento-engine-'));
const keyDir = join(dir, 'keys');
const withCode = (code: string) => expect.objectContaining({ name: 'PentimentoError', code });

let srsPath: string;
let vk: VkDescriptor;
let prover: Prover;
let honest: ProveResult;
const stages: string[] = [];

beforeAll(async () => {
  srsPath = await setupDevelopmentSrs(K, dir);
  ({ vk } = await generateKeys({ circuit, srsPath, keyDir, onProgress: (stage) => stages.push(stage) }));
  prover = await openProver(keyDir, srsPath);
  honest = await prover.prove(witness);
});

afterAll(() => {
  prover.close();
  rmSync(dir, { recursive: true });
});

const verify = (proof: Uint8Array, columns: readonly (readonly bigint[])[] = instances) => verifyNative({ ir, vk, instances: columns, proof });

describe('keys', () => {
  it('are described as the format says', () => {
    expect(vk).toMatchObject({
      format: 'pentimento-vk',
      version: 1,
      k: K,
      degree: 4,
      blindingFactors: 5,
      numInstances: [2],
      permutation: [
        ['instance', 0],
        ['advice', 0],
        ['advice', 4],
      ],
      srs: { name: 'insecure-development', insecure: true },
    });
    expect(vk.fixedCommitments).toHaveLength(8);
    expect(vk.fixedCommitments[7]).toEqual([`0x${'0'.repeat(64)}`, `0x${'0'.repeat(64)}`]);
    expect(vk.sigmaCommitments).toHaveLength(3);
    expect(prover.vk).toEqual(vk);
    expect(stages).toEqual(['srs', 'fixed-columns', 'permutation', 'write']);
  });

  it('are the same when they are generated again', async () => {
    const again = await generateKeys({ circuit, srsPath, keyDir: join(dir, 'again') });
    expect(again.vk).toEqual(vk);
  });

  it('refuse a wrong degree, missing columns and columns that are too long', async () => {
    const other = join(dir, 'other');
    const generate = (changed: typeof circuit) => generateKeys({ circuit: changed, srsPath, keyDir: other });
    await expect(generate({ ...circuit, ir: { ...ir, degree: 5 } })).rejects.toEqual(withCode('engine/ir-degree'));
    await expect(generate({ ...circuit, ir: { ...ir, k: 40 } })).rejects.toEqual(withCode('engine/ir-invalid'));
    await expect(generate({ ...circuit, fixed: [] })).rejects.toEqual(withCode('engine/fixed-invalid'));
    const long: Column[] = [new Int32Array(2 ** K), ...circuit.fixed.slice(1)];
    await expect(generate({ ...circuit, fixed: long })).rejects.toEqual(withCode('engine/fixed-invalid'));
    const zero: Column[] = [new Int32Array(0), ...circuit.fixed.slice(1)];
    await expect(generate({ ...circuit, fixed: zero })).rejects.toEqual(withCode('engine/identity-point'));
  });
});

describe('proofs', () => {
  it('verify, and come with the time of each stage', () => {
    expect(verify(honest.proof)).toBe(true);
    expect(honest.phases.map((phase) => phase.name)).toEqual(['witness', 'definitions', 'commit', 'permutation', 'quotient', 'opening', 'check']);
    expect(honest.proveMs).toBeGreaterThan(0);
  });

  it('are refused with any word changed', () => {
    for (let word = 0; word < honest.proof.length / 32; word++) {
      const changed = honest.proof.slice();
      changed[32 * word + 31] = (changed[32 * word + 31] as number) ^ 1;
      expect(verify(changed), `word ${word}`).toBe(false);
    }
  });

  it('are refused when truncated or extended', () => {
    const { proof } = honest;
    for (const bytes of [
      new Uint8Array(0),
      proof.slice(0, -1),
      proof.slice(0, -32),
      Uint8Array.of(...proof, 0),
      Uint8Array.of(...proof, ...new Uint8Array(32)),
    ]) {
      expect(verify(bytes)).toBe(false);
    }
  });

  it('are refused for other instances', () => {
    const [first, second] = publicColumn as [bigint, bigint];
    for (const columns of [[], [[]], [[first]], [[first, second + 1n]], [[first, second + field.R]], [[first, second, 0n]], [publicColumn, []]]) {
      expect(verify(honest.proof, columns)).toBe(false);
    }
  });

  it('are not made for a wrong witness', async () => {
    const wrong = Int32Array.from(witness.advice[0] as Int32Array);
    wrong[9] = 16;
    const counts = witness.advice[1] as Column;
    await expect(prover.prove({ ...witness, advice: [wrong, counts] })).rejects.toEqual(withCode('engine/witness-rejected'));
    await expect(prover.prove({ ...witness, instances: [[3n]] })).rejects.toEqual(withCode('engine/instance-length'));
    await expect(prover.prove({ ...witness, advice: [wrong] })).rejects.toEqual(withCode('engine/witness-invalid'));
    await expect(prover.prove({ ...witness, advice: [[field.R], counts] })).rejects.toEqual(withCode('engine/not-canonical'));
  });

  it('tells every stage before its result, however busy the event loop was meanwhile', async () => {
    const told: string[] = [];
    const proving = prover.prove(witness, { onProgress: (stage) => told.push(stage) });
    // A proof this small ends while nobody can be told.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    const { phases } = await proving;
    expect(told).toEqual(phases.map(({ name }) => name));
  });

  it('can be cancelled, and report a callback that throws', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(prover.prove(witness, { signal: controller.signal })).rejects.toEqual(withCode('engine/cancelled'));
    const onProgress = () => {
      throw new Error('no');
    };
    await expect(prover.prove(witness, { onProgress })).rejects.toEqual(withCode('engine/callback-failed'));
  });

  it('leave the event loop free and may run side by side', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const results = await Promise.all([prover.prove(witness), prover.prove(witness)]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    for (const { proof } of results) expect(verify(proof)).toBe(true);
  });

  it('are not made by a prover that is closed', async () => {
    const other = await openProver(keyDir, srsPath);
    other.close();
    await expect(other.prove(witness)).rejects.toEqual(withCode('engine/closed'));
  });
});

describe('damage', () => {
  const damage = async (path: string, check: () => Promise<void>) => {
    const sound = readFileSync(path);
    const damaged = Buffer.from(sound);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1;
    writeFileSync(path, damaged);
    try {
      await check();
    } finally {
      writeFileSync(path, sound);
    }
  };

  it('of key files is told', async () => {
    for (const name of ['fixed.bin', 'circuit.json', 'vk.json', 'manifest.json']) {
      await damage(join(keyDir, name), () => expect(openProver(keyDir, srsPath)).rejects.toEqual(withCode('engine/keys-corrupted')));
    }
    await expect(openProver(join(dir, 'none'), srsPath)).rejects.toEqual(withCode('engine/keys-missing'));
  });

  it('of the SRS is told, and repaired in the cache', async () => {
    await damage(srsPath, async () => {
      await expect(openProver(keyDir, srsPath)).rejects.toEqual(withCode('engine/srs-corrupted'));
      await expect(generateKeys({ circuit, srsPath, keyDir: join(dir, 'other') })).rejects.toEqual(withCode('engine/srs-corrupted'));
      expect(await setupDevelopmentSrs(K, dir)).toBe(srsPath);
      (await openProver(keyDir, srsPath)).close();
    });
    await expect(openProver(keyDir, join(dir, 'none.srs'))).rejects.toEqual(withCode('engine/srs-missing'));
    await expect(setupDevelopmentSrs(40, dir)).rejects.toEqual(withCode('engine/ir-invalid'));
  });

  it('of circuit and key is told when verifying', () => {
    const proof = honest.proof;
    expect(() => verifyNative({ ir: { ...ir, degree: 7 }, vk, instances, proof })).toThrow(withCode('engine/ir-degree'));
    expect(() => verifyNative({ ir, vk: { ...vk, k: 7 }, instances, proof })).toThrow(withCode('engine/vk-invalid'));
    const sigmaCommitments = [...vk.sigmaCommitments].reverse();
    expect(() => verifyNative({ ir, vk: { ...vk, sigmaCommitments }, instances, proof })).toThrow(withCode('engine/vk-invalid'));
  });
});
