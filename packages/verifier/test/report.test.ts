/** The report's figures against a transaction: sections in order, which add up to what a node charges. */
import { bytesToHex, concatBytes, type Hex, hexToBytes } from '@pentimento/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileSolidity } from '../src/compile.ts';
import { verifierReport } from '../src/report.ts';
import { encodeVkRuntime, generateVerifier } from '../src/solidity.ts';
import { type Anvil, startAnvil } from '../src/testing.ts';
import { loadFixture } from './fixtures.ts';

const [KEY, VERIFIER]: readonly Hex[] = [`0x${'22'.repeat(20)}`, `0x${'11'.repeat(20)}`];
const SECTIONS = ['key', 'transcript', 'checks', 'domain', 'quotient', 'scalars', 'curve', 'pairing'];

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil?.stop());

async function rpc<T>(method: string, ...params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result: T }).result;
}

async function receipt(hash: Hex): Promise<{ gasUsed: Hex; status: Hex }> {
  for (;;) {
    const found = await rpc<{ gasUsed: Hex; status: Hex } | null>('eth_getTransactionReceipt', hash);
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** `verifyProof(address,bytes,uint256[])`, encoded here once more. */
function calldata(proof: Uint8Array, instances: readonly bigint[]): Hex {
  const word = (value: bigint | number) => hexToBytes(`0x${value.toString(16).padStart(64, '0')}`);
  const head = [BigInt(KEY as Hex), 96, 128 + proof.length, proof.length].map(word);
  return bytesToHex(concatBytes(Uint8Array.of(0xaf, 0x83, 0xa1, 0x8d), ...head, proof, ...[instances.length, ...instances].map(word)));
}

for (const name of ['toy5', 'k17-d3']) {
  test(`${name}: the sections add up to the gas of a transaction`, async () => {
    const { ir, vk, proof, instances } = loadFixture(name);
    const report = await verifierReport({ ir, vk, proof, instances });
    expect(report.sections.map((section) => section.name)).toEqual(SECTIONS);
    for (const { bytes, gas } of report.sections) expect([bytes > 0, gas > 0]).toEqual([true, true]);
    expect(report.sections.reduce((sum, { gas }) => sum + gas, 0)).toBe(report.executionGas);

    const runtime = compileSolidity({ 'V.sol': generateVerifier(ir, vk).verifier })['V.sol']?.Halo2Verifier?.runtime as Hex;
    const key = encodeVkRuntime(ir, vk);
    expect([report.runtimeBytes, report.vkBytes, report.proofBytes]).toEqual([runtime.length / 2 - 1, key.length, proof.length]);
    await rpc('anvil_setCode', VERIFIER, runtime);
    await rpc('anvil_setCode', KEY, bytesToHex(key));
    const [from] = await rpc<Hex[]>('eth_accounts');
    const hash = await rpc<Hex>('eth_sendTransaction', { from, to: VERIFIER, data: calldata(proof, instances.flat()), gas: '0x1e8480' });
    const { gasUsed, status } = await receipt(hash);
    expect(status).toBe('0x1');
    // Finding the function, the growth of the memory and returning are in no section.
    const rest = Number(gasUsed) - report.executionGas - report.transactionGas;
    console.log(`${name}: ${Number(gasUsed)} gas, outside of the sections ${rest}`);
    expect(rest).toBeGreaterThanOrEqual(0);
    expect(rest).toBeLessThan(2000);
  });
}

test('a proof that is not valid is not measured', async () => {
  const { ir, vk, proof, instances } = loadFixture('toy5');
  const changed = proof.with(proof.length - 1, (proof.at(-1) as number) ^ 1);
  await expect(verifierReport({ ir, vk, proof: changed, instances })).rejects.toMatchObject({ code: 'verifier/proof-refused' });
});
