/** The generated verifier in a real EVM: code is placed in a local anvil without a transaction, and calls are sent in batches. */
import type { Ir } from '@pentimento/circuit';
import { bytesToHex, type Hex } from '@pentimento/core';
import { encodeFunctionData, parseAbi } from 'viem';
import { compileSolidity } from '../src/compile.ts';
import type { VkDescriptor } from '../src/index.ts';
import { encodeVkRuntime, generateVerifier, VERIFIER_CONTRACT } from '../src/solidity.ts';

const ABI = parseAbi(['function verifyProof(address vk, bytes proof, uint256[] instances) view returns (bool)']);
const BATCH = 50;

export interface Call {
  readonly proof: Uint8Array;
  readonly instances: readonly (readonly bigint[])[];
  /** Code of the key contract; default: the key that was placed last. */
  readonly keyCode?: Hex;
  /** Default: the block's. */
  readonly gas?: bigint;
}

interface Request {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a call returns; `reverts` for anything but a truth value. */
export type Verdict = boolean | 'reverts';

export class Evm {
  readonly #url: string;
  readonly verifier: Hex = `0x${'11'.repeat(20)}`;
  readonly key: Hex = `0x${'22'.repeat(20)}`;

  constructor(url: string) {
    this.#url = url;
  }

  /** Places verifier and key of a circuit. */
  async place(ir: Ir, vk: VkDescriptor): Promise<void> {
    await this.placeSource(generateVerifier(ir, vk).verifier);
    await this.placeCode(this.key, bytesToHex(encodeVkRuntime(ir, vk)));
  }

  async placeSource(source: string): Promise<void> {
    const contract = compileSolidity({ 'Verifier.sol': source })['Verifier.sol']?.[VERIFIER_CONTRACT];
    if (contract === undefined) throw new Error('the source has no verifier');
    await this.placeCode(this.verifier, contract.runtime);
  }

  async placeCode(address: Hex, code: Hex): Promise<void> {
    await this.#send([{ method: 'anvil_setCode', params: [address, code] }]);
  }

  async verify(calls: readonly Call[]): Promise<Verdict[]> {
    return (await this.words(calls)).map((word) => (/^0x0{63}[01]$/.test(word) ? word.endsWith('1') : 'reverts'));
  }

  /** The returned data, or the node's message when the call reverts. */
  async words(calls: readonly Call[]): Promise<string[]> {
    const out: string[] = [];
    for (let i = 0; i < calls.length; i += BATCH) out.push(...(await this.#send(calls.slice(i, i + BATCH).map((call) => this.#request(call)))));
    return out;
  }

  /** Gas that the node's own estimation finds for a call. */
  async estimate(call: Call): Promise<bigint> {
    const { params } = this.#request(call);
    const [answer] = await this.#send([{ method: 'eth_estimateGas', params }]);
    return BigInt(answer as string);
  }

  #request({ proof, instances, keyCode, gas }: Call): Request {
    const data = encodeFunctionData({ abi: ABI, args: [this.key, bytesToHex(proof), instances.flat()] });
    const transaction = { to: this.verifier, data, ...(gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }) };
    const overrides = keyCode === undefined ? [] : [{ [this.key]: { code: keyCode } }];
    return { method: 'eth_call', params: [transaction, 'latest', ...overrides] };
  }

  async #send(requests: readonly Request[]): Promise<string[]> {
    const body = JSON.stringify(requests.map((request, id) => ({ jsonrpc: '2.0', id, ...request })));
    const response = await fetch(this.#url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answers = (await response.json()) as { id: number; result?: string; error?: { message: string } }[];
    return answers.sort((a, b) => a.id - b.id).map(({ result, error }) => (error === undefined ? String(result) : error.message));
  }
}
