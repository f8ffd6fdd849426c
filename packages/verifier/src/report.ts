/**
 * What the generated verifier costs, part by part: bytes of code that a part adds, and gas that it uses on one proof. The code is run in a
 * local EVM with a reading of the gas counter after each part; the reading itself is measured and taken off.
 */
import type { Ir, VkDescriptor } from '@pentimento/circuit';
import { BaseError, bigIntToBytes, bytesToHex, concatBytes, type Hex } from '@pentimento/core';
import { compileSolidity } from './compile.ts';
import { encodeVkRuntime, generateVerifier, VERIFIER_CONTRACT } from './solidity.ts';
import { startAnvil } from './testing/anvil.ts';

/** The stages of the generated verifier in order; `pairing` ends it. */
const STAGES = ['transcript', 'checks', 'domain', 'quotient', 'scalars', 'curve', 'pairing'] as const;

export interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly gas: number;
}

export interface VerifierReport {
  /** Reading lengths and the key, then the stages. */
  readonly sections: readonly Section[];
  readonly runtimeBytes: number;
  readonly vkBytes: number;
  readonly proofBytes: number;
  /** Gas of the sections: the call without entering it and without the growth of its memory, below 2,000 gas, and without `transactionGas`. */
  readonly executionGas: number;
  /** 21,000 and the calldata: 4 gas for a zero byte, 16 for another. */
  readonly transactionGas: number;
}

export interface ReportInput {
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly proof: Uint8Array;
  readonly instances: readonly (readonly bigint[])[];
}

/** BaseError `verifier/proof-refused` when the proof is not valid. */
export async function verifierReport({ ir, vk, proof, instances }: ReportInput): Promise<VerifierReport> {
  const source = generateVerifier(ir, vk).verifier;
  const runtimeBytes = compile(source).length / 2 - 1;
  const key = encodeVkRuntime(ir, vk);
  const calldata = encodeCall(proof, instances.flat());
  const anvil = await startAnvil();
  try {
    const words = await call(anvil.url, compile(metered(source)), bytesToHex(key), bytesToHex(calldata));
    const [reading, ...between] = words.slice(1).map((gas, i) => Number((words[i] as bigint) - gas)) as [number, ...number[]];
    const names = ['key', ...STAGES];
    const sections = names.map((name, i) => ({
      name,
      bytes: runtimeBytes - sizeWithout(source, name),
      gas: (between[i] as number) - reading,
    }));
    const executionGas = sections.reduce((sum, { gas }) => sum + gas, 0);
    const transactionGas = 21_000 + calldata.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
    return { sections, runtimeBytes, vkBytes: key.length, proofBytes: proof.length, executionGas, transactionGas };
  } finally {
    await anvil.stop();
  }
}

function compile(source: string): Hex {
  const contract = compileSolidity({ 'Verifier.sol': source })['Verifier.sol']?.[VERIFIER_CONTRACT];
  if (contract === undefined) throw new RangeError('the generated source has no verifier');
  return contract.runtime;
}

/** Bytes of the verifier with a stage's body taken out, or with nothing read from the key. */
function sizeWithout(source: string, stage: string): number {
  const body = stage === 'key' ? /^ {12}extcodecopy.*$/m : new RegExp(`^ {12}function ${stage}\\([^]*?^ {12}\\}$`, 'm');
  const found = body.exec(source)?.[0];
  if (found === undefined) throw new RangeError(`the generated source has no ${stage}`);
  const signature = found.split('\n')[0] as string;
  return compile(source.replace(found, stage === 'key' ? '' : `${signature} }`)).length / 2 - 1;
}

/**
 * The source with readings of the gas counter: two before the key is read, whose difference is the cost of a reading, and one after each
 * section. They are returned instead of the verdict, which must be 1.
 */
function metered(source: string): string {
  let count = 0;
  const read = () => `            mstore(0x${(READINGS + 32 * count++).toString(16)}, gas())`;
  const lines = source.split('\n').flatMap((line) => {
    if (line.includes('if iszero(eq(proof.length')) return [`            mstore(0x${READINGS.toString(16)}, 0)`, read(), read(), line];
    if (line === '            return(0, 0x20)')
      return ['            if iszero(mload(0)) { revert(0, 0) }', `            return(0x${READINGS.toString(16)}, ${32 * count})`];
    if (line.startsWith('            transcript(')) return [read(), line, read()];
    return STAGES.some((stage) => line.startsWith(`            ${stage}(`)) ? [line, read()] : [line];
  });
  return lines.join('\n');
}
/** Above all memory that a verifier uses. */
const READINGS = 0x10000;

const KEY: Hex = `0x${'22'.repeat(20)}`;
const VERIFIER: Hex = `0x${'11'.repeat(20)}`;
/** Of `verifyProof(address,bytes,uint256[])`. */
const SELECTOR = Uint8Array.of(0xaf, 0x83, 0xa1, 0x8d);

function encodeCall(proof: Uint8Array, instances: readonly bigint[]): Uint8Array {
  const padding = new Uint8Array((32 - (proof.length % 32)) % 32);
  const head = [BigInt(KEY), 96n, BigInt(128 + proof.length + padding.length), BigInt(proof.length)];
  const words = (values: readonly bigint[]) => values.map((value) => bigIntToBytes(value, 32));
  return concatBytes(SELECTOR, ...words(head), proof, padding, ...words([BigInt(instances.length), ...instances]));
}

/** The words that a call returns, with the codes put in place for this call only. */
async function call(url: string, code: Hex, key: Hex, data: Hex): Promise<bigint[]> {
  const params = [{ to: VERIFIER, data }, 'latest', { [VERIFIER]: { code }, [KEY]: { code: key } }];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result, error } = (await response.json()) as { result?: string; error?: { message: string } };
  if (result === undefined || result.length < 2 + 64 * (STAGES.length + 3)) {
    throw new BaseError({ code: 'verifier/proof-refused', message: `Expected a valid proof to measure, got ${error?.message ?? 'a refusal'}.` });
  }
  return (result.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}
