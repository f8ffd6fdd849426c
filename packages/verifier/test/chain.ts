/** Deploys generated verifiers and keys on a local chain and calls them. */
import type { Ir } from '@pentimento/circuit';
import { bytesToHex, type Hex } from '@pentimento/core';
import { type Abi, type Address, createPublicClient, createWalletClient, http } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { compileSolidity } from '../src/compile.ts';
import type { VkDescriptor } from '../src/index.ts';
import { encodeVkContract, generateVerifier, VERIFIER_CONTRACT } from '../src/solidity.ts';

/** First of the accounts that anvil funds. */
export const account = mnemonicToAccount('test test test test test test test test test test test junk');

function clients(url: string) {
  const transport = http(url, { retryCount: 0 });
  const reader = createPublicClient({ chain: foundry, transport, pollingInterval: 20, cacheTime: 0 });
  return { reader, writer: createWalletClient({ account, chain: foundry, transport }) };
}

export interface Deployment {
  readonly address: Address;
  readonly gas: bigint;
}

export async function deploy(url: string, bytecode: Hex): Promise<Deployment> {
  const { reader, writer } = clients(url);
  const hash = await writer.sendTransaction({ data: bytecode });
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') throw new Error(`deployment failed: ${hash}`);
  return { address: receipt.contractAddress as Address, gas: receipt.gasUsed };
}

export async function deployVerifier(url: string, ir: Ir, vk: VkDescriptor) {
  const { verifier, runtimeSizeHint } = generateVerifier(ir, vk);
  const contract = compileSolidity({ 'Verifier.sol': verifier })['Verifier.sol']?.[VERIFIER_CONTRACT];
  if (contract === undefined) throw new Error('the generated source has no verifier');
  const code = await deploy(url, contract.bytecode);
  const key = await deploy(url, bytesToHex(encodeVkContract(ir, vk)));
  const { reader, writer } = clients(url);
  const call = { address: code.address, abi: contract.abi as Abi, functionName: 'verifyProof' } as const;
  const args = (address: Address, proof: Uint8Array, instances: bigint[][]) => [address, bytesToHex(proof), instances.flat()] as const;
  return {
    contract,
    code,
    key,
    runtimeSizeHint,
    verify: async (address: Address, proof: Uint8Array, instances: bigint[][], gas?: bigint) =>
      (await reader.readContract({ ...call, args: args(address, proof, instances), ...(gas === undefined ? {} : { gas }) })) as boolean,
    estimate: (proof: Uint8Array, instances: bigint[][]) =>
      reader.estimateContractGas({ ...call, args: args(key.address, proof, instances), account }),
    transact: async (proof: Uint8Array, instances: bigint[][]) => {
      const hash = await writer.writeContract({ ...call, args: args(key.address, proof, instances), gas: 5_000_000n });
      return (await reader.waitForTransactionReceipt({ hash })).gasUsed;
    },
  };
}
