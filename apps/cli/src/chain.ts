/** Deploying, minting and reading with viem. Every failure of the node becomes one sentence with the code `chain/*`. */
import { readFile } from 'node:fs/promises';
import type { Ir } from '@pentimento/circuit';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, bytesToHex, concatBytes, encodePrompt, type Hex, hexToBytes, packIndex } from '@pentimento/core';
import type { VkDescriptor } from '@pentimento/engine';
import type { Model } from '@pentimento/layers';
import { compileSolidity } from '@pentimento/verifier/compile';
import { encodeVkContract, generateVerifier, VERIFIER_CONTRACT } from '@pentimento/verifier/solidity';
import {
  type Abi,
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  getContractAddress,
  http,
  keccak256,
  type PublicClient,
  type Transport,
  BaseError as ViemError,
  type WalletClient,
} from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { type Bundle, statementOf } from './bundle.ts';
import { home, PROJECT, writeWhole } from './home.ts';

/** The mnemonic that every development node knows; never of any worth. */
const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';
const LOCAL_CHAINS = [31337, 1337];

export interface Connection {
  readonly url: string;
  readonly chainId: number;
  readonly account: Account;
  readonly reader: PublicClient;
  readonly wallet: WalletClient<Transport, Chain, Account>;
}

export interface Deployment {
  readonly chainId: number;
  readonly model: string;
  readonly modelCommitment: string;
  readonly objective: string;
  readonly verifier: Hex;
  readonly verifierBytes: number;
  readonly vk: Hex;
  readonly vkBytes: number;
  readonly vkCodeHash: Hex;
  readonly collection: Hex;
}

/** Signs with PENTIMENTO_PRIVATE_KEY; on a local chain without one, with the development account. */
export async function connect(url: string): Promise<Connection> {
  const chainId = await createPublicClient({ transport: http(url, { retryCount: 1 }) })
    .getChainId()
    .catch((cause: Error) => {
      throw new BaseError({
        code: 'chain/unreachable',
        message: `Expected an Ethereum node to answer at ${url}, got no answer.`,
        cause,
        retryable: true,
      });
    });
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const account = accountFor(chainId);
  return {
    url,
    chainId,
    account,
    reader: createPublicClient({ chain, transport, pollingInterval: 100 }) as PublicClient,
    wallet: createWalletClient({ chain, transport, account, pollingInterval: 100 }),
  };
}

function accountFor(chainId: number): Account {
  const key = process.env.PENTIMENTO_PRIVATE_KEY;
  if (key !== undefined) {
    if (!/^0x[0-9a-fA-F]{64}$/.test(key))
      throw new BaseError({ code: 'cli/usage', message: 'Expected PENTIMENTO_PRIVATE_KEY to be 0x and 64 hexadecimal digits.' });
    return privateKeyToAccount(key as Hex);
  }
  if (LOCAL_CHAINS.includes(chainId)) return mnemonicToAccount(DEVELOPMENT_MNEMONIC);
  throw new BaseError({ code: 'cli/usage', message: `Expected PENTIMENTO_PRIVATE_KEY to be set for chain ${chainId}.` });
}

/** A development SRS proves nothing to strangers: refused on every chain that is not local. */
function assertSrsAllowed(vk: VkDescriptor, chainId: number): void {
  if (vk.srs.insecure && !LOCAL_CHAINS.includes(chainId)) {
    throw new BaseError({
      code: 'chain/insecure-srs',
      message: `Expected a ceremony's SRS for chain ${chainId}, got the insecure development SRS, which only local chains may use.`,
    });
  }
}

interface Artifact {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

export async function deploy(
  connection: Connection,
  model: Model,
  objective: string,
  ir: Ir,
  vk: VkDescriptor,
  name: string,
  symbol: string,
): Promise<Deployment> {
  assertSrsAllowed(vk, connection.chainId);
  const source = generateVerifier(ir, vk).verifier;
  const compiled = compileSolidity({ 'Verifier.sol': source })['Verifier.sol']?.[VERIFIER_CONTRACT];
  if (!compiled) throw new BaseError({ code: 'verifier/solidity-error', message: `Expected the compiler to return ${VERIFIER_CONTRACT}.` });
  const verifier = await create(connection, compiled.bytecode);
  const vkAddress = await create(connection, bytesToHex(encodeVkContract(ir, vk)));
  const vkCode = (await connection.reader.getCode({ address: vkAddress })) as Hex;
  const artifact = JSON.parse(await readFile(`${PROJECT}/contracts/out/PentimentoCollection.json`, 'utf8')) as Artifact;
  const { manifest } = model;
  const config = {
    name,
    symbol,
    verifier,
    vk: vkAddress,
    vkCodeHash: keccak256(vkCode),
    modelCommitment: manifest.commitment,
    latentLength: BigInt(manifest.latent.length),
    width: BigInt(manifest.image.width),
    height: BigInt(manifest.image.height),
    scale: BigInt(manifest.image.scale),
    palette: bytesToHex(concatBytes(...manifest.palette.map((c) => hexToBytes(`0x${c.slice(1)}`)))),
  };
  const hash = await attempt('deploy the collection', () =>
    connection.wallet.deployContract({ abi: artifact.abi, bytecode: artifact.bytecode, args: [config] }),
  );
  const receipt = await connection.reader.waitForTransactionReceipt({ hash });
  const deployment: Deployment = {
    chainId: connection.chainId,
    model: manifest.name,
    modelCommitment: manifest.commitment,
    objective,
    verifier,
    verifierBytes: compiled.runtimeBytes,
    vk: vkAddress,
    vkBytes: (vkCode.length - 2) / 2,
    vkCodeHash: config.vkCodeHash,
    collection: receipt.contractAddress as Hex,
  };
  await writeWhole(home('deployments', `${connection.chainId}-${manifest.name}.json`), `${JSON.stringify(deployment, null, 2)}\n`);
  return deployment;
}

async function create({ wallet, reader, account }: Connection, data: Hex): Promise<Hex> {
  const nonce = await reader.getTransactionCount({ address: account.address });
  const hash = await attempt('deploy a contract', () => wallet.sendTransaction({ data, nonce }));
  const receipt = await reader.waitForTransactionReceipt({ hash });
  return receipt.contractAddress ?? getContractAddress({ from: account.address, nonce: BigInt(nonce) });
}

/** What the collection's functions take for a bundle. */
export function mintArguments(bundle: Bundle): readonly [prompt: Hex, aigcData: Hex, proof: Hex] {
  const { latent, index, pose } = statementOf(bundle);
  return [bytesToHex(encodePrompt(latent, pose)), bytesToHex(packIndex(index)), `${bundle.creator}${bundle.proof.slice(2)}` as Hex];
}

export async function mint({ wallet, reader }: Connection, bundle: Bundle): Promise<{ tokenId: bigint; mintGas: bigint; transaction: Hex }> {
  const args = mintArguments(bundle);
  const call = { address: bundle.collection, abi: pentimentoCollectionAbi, functionName: 'mint', args } as const;
  const hash = await attempt('mint', () => wallet.writeContract(call));
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success')
    throw new BaseError({ code: 'chain/refused', message: `Expected the mint to succeed, but transaction ${hash} was reverted.` });
  return { tokenId: BigInt(keccak256(args[0])), mintGas: receipt.gasUsed, transaction: hash };
}

/** The ERC-7007 `verify` of the collection. */
export function verifyOnChain({ reader }: Connection, bundle: Bundle): Promise<boolean> {
  return attempt('ask the collection to verify', () =>
    reader.readContract({ address: bundle.collection, abi: pentimentoCollectionAbi, functionName: 'verify', args: mintArguments(bundle) }),
  );
}

const VERIFIER_ABI = [
  {
    type: 'function',
    name: 'verifyProof',
    stateMutability: 'view',
    inputs: [
      { name: 'vk', type: 'address' },
      { name: 'proof', type: 'bytes' },
      { name: 'instances', type: 'uint256[]' },
    ],
    outputs: [{ name: '', type: 'bool' }],
  },
] as const;

/** Gas of one whole transaction that verifies the proof, instances and calldata included. */
export async function verifyGas(
  { wallet, reader }: Connection,
  { verifier, vk }: Deployment,
  bundle: Bundle,
  instances: readonly bigint[],
): Promise<bigint> {
  const call = { address: verifier, abi: VERIFIER_ABI, functionName: 'verifyProof', args: [vk, bundle.proof, instances] } as const;
  const hash = await attempt('verify in a transaction', () => wallet.writeContract(call as never));
  return (await reader.waitForTransactionReceipt({ hash })).gasUsed;
}

export async function showToken(
  { reader }: Connection,
  collection: Hex,
  tokenId: bigint,
): Promise<{ owner: Hex; tokenUri: string; aigcData: Hex; pose: number }> {
  const read = <T>(functionName: 'ownerOf' | 'tokenURI' | 'aigcData' | 'pose') =>
    attempt(`read token ${tokenId}`, () =>
      reader.readContract({ address: collection, abi: pentimentoCollectionAbi, functionName, args: [tokenId] }),
    ) as Promise<T>;
  return {
    owner: await read<Hex>('ownerOf'),
    tokenUri: await read<string>('tokenURI'),
    aigcData: await read<Hex>('aigcData'),
    pose: Number(await read<number>('pose')),
  };
}

/** The deployment that `deploy` wrote for this chain and model. */
export async function readDeployment(chainId: number, model: string): Promise<Deployment> {
  const path = home('deployments', `${chainId}-${model}.json`);
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new BaseError({
      code: 'cli/not-deployed',
      message: `Expected ${model} to be deployed on chain ${chainId} (pentimento deploy), but there is no ${path}.`,
      cause,
    });
  });
  return JSON.parse(text) as Deployment;
}

/** A refusal by a contract is the contract's own error name; anything else is the node's. */
async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const message = cause instanceof ViemError ? cause.shortMessage : (cause as Error).message;
    const revert =
      cause instanceof ViemError
        ? (cause.walk((e) => (e as { data?: { errorName?: string } }).data?.errorName !== undefined) as { data?: { errorName?: string } } | null)
        : null;
    const name = revert?.data?.errorName;
    const reverted = name !== undefined || /revert/i.test(message);
    throw new BaseError({
      code: reverted ? 'chain/refused' : 'chain/failed',
      message: reverted
        ? `The contract refused to ${what}: ${name ?? message.split('\n')[0]}.`
        : `Expected the node to ${what}, got: ${message.split('\n')[0]}`,
      cause,
    });
  }
}
