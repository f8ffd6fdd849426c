import { bytesToHex, concatBytes } from '@pentimento/core';
import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { creationCode } from '../src/solidity/vk-contract.ts';
import { encodeVkContract, encodeVkRuntime, generateVerifier } from '../src/solidity.ts';
import { type Anvil, startAnvil } from '../src/testing.ts';
import { account, deploy, deployVerifier } from './chain.ts';
import { FIXTURES, loadFixture, rejections } from './fixtures.ts';

let anvil: Anvil;

beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(async () => {
  await anvil?.stop();
});

for (const name of FIXTURES) {
  test(`${name}: accepts the proof and refuses every changed one`, { timeout: 180_000 }, async () => {
    const { ir, vk, proof, instances, ...rest } = loadFixture(name);
    const chain = await deployVerifier(anvil.url, ir, vk);
    const verify = (bytes: Uint8Array, values: bigint[][]) => chain.verify(chain.key.address, bytes, values);
    expect(await verify(proof, instances)).toBe(true);
    const [used, estimate] = [await chain.transact(proof, instances), await chain.estimate(proof, instances)];
    console.log(
      `${name}: runtime ${chain.contract.runtimeBytes} bytes (hint ${chain.runtimeSizeHint}), key ${encodeVkRuntime(ir, vk).length} bytes, ` +
        `gas ${used} (estimate ${estimate}), deployment ${chain.code.gas} + ${chain.key.gas}`,
    );
    expect(estimate).toBeGreaterThanOrEqual(used - used / 50n);
    const accepted: string[] = [];
    for (const change of rejections({ ir, vk, proof, instances, ...rest }))
      if (await verify(change.proof, change.instances)) accepted.push(change.name);
    expect(accepted).toEqual([]);
  });
}

test('a wrong verifying key is refused', { timeout: 60_000 }, async () => {
  const { ir, vk, proof, instances } = loadFixture('toy3');
  const { key, code, verify } = await deployVerifier(anvil.url, ir, vk);
  const runtime = encodeVkRuntime(ir, vk);
  const other = loadFixture('toy5');
  const changed = (at: number) => runtime.with(at, (runtime[at] as number) ^ 1);
  const place = async (bytes: Uint8Array) => (await deploy(anvil.url, bytesToHex(bytes))).address;
  const wrong: [string, Address][] = [
    ['an account without code', account.address],
    ['the verifier itself', code.address],
    ['a key of another shape', await place(encodeVkContract(other.ir, other.vk))],
    ['a wrong shape digest', await place(creationCode(changed(1)))],
    ['a wrong transcript digest', await place(creationCode(changed(64)))],
    ['a key that is too long', await place(creationCode(concatBytes(runtime, new Uint8Array(1))))],
    ['a key that is too short', await place(creationCode(runtime.slice(0, -1)))],
  ];
  expect(await verify(key.address, proof, instances)).toBe(true);
  for (const [what, address] of wrong) expect(await verify(address, proof, instances), what).toBe(false);
});

test('too little gas reverts instead of refusing a valid proof', { timeout: 60_000 }, async () => {
  const { ir, vk, proof, instances } = loadFixture('toy3');
  const { key, verify, transact } = await deployVerifier(anvil.url, ir, vk);
  const used = await transact(proof, instances);
  for (const share of [95n, 80n, 60n, 40n, 25n]) {
    await expect(verify(key.address, proof, instances, (used * share) / 100n)).rejects.toThrow();
  }
});

test('the same input gives the same source and the same shape', () => {
  const { ir, vk } = loadFixture('k14-d5');
  expect(generateVerifier(ir, vk)).toEqual(generateVerifier(structuredClone(ir), structuredClone(vk)));
  const renamed = { ...ir, gates: ir.gates.map((gate) => ({ ...gate, id: `${gate.id}/x` })) };
  expect(generateVerifier(renamed, vk).shapeDigest).toBe(generateVerifier(ir, vk).shapeDigest);
});

test('every gate is named in the source', () => {
  const { ir, vk } = loadFixture('k14-d5');
  const { verifier } = generateVerifier(ir, vk);
  for (const { id } of ir.gates) expect(verifier).toContain(`// gate ${id}\n`);
});
