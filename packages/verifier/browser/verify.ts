/**
 * The page's program: verifies a proof in the browser, without WebAssembly and without a server. The input is a text in the page,
 * `{ ir, vk, proof, instances }` with `0x` hexadecimal values; verdict and times are written into the page.
 */
import type { Ir } from '@pentimento/circuit';
import { type Hex, hexToBytes } from '@pentimento/core';
import { prepare, type VkDescriptor, verifyProof } from '../src/index.ts';

interface PageInput {
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly proof: Hex;
  readonly instances: readonly (readonly Hex[])[];
}

/** Measured after as many runs, which warm the engine up. */
const REPEATS = 7;

function show(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element !== null) element.textContent = text;
}

function verifyPage(): void {
  const input = JSON.parse(document.getElementById('input')?.textContent ?? '') as PageInput;
  const instances = input.instances.map((column) => column.map(BigInt));
  const proof = hexToBytes(input.proof);
  const prepared = prepare(input.ir, input.vk);
  const times = Array.from({ length: 2 * REPEATS }, () => {
    const start = performance.now();
    const valid = verifyProof(prepared, proof, instances);
    return { valid, ms: performance.now() - start };
  });
  const warm = times.slice(REPEATS).map(({ ms }) => ms);
  show('verdict', times.every(({ valid }) => valid) ? 'valid' : 'invalid');
  show('first-ms', String(times[0]?.ms));
  show('warm-ms', String(warm.sort((a, b) => a - b)[REPEATS >> 1]));
}

try {
  verifyPage();
} catch (error) {
  show('verdict', `error: ${error instanceof Error ? error.message : String(error)}`);
}
