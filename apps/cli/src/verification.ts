/**
 * Verification for anyone: what a bundle says, or what a chain says about a token, checked against code and keys that are made again here.
 * Each check is a sentence with its outcome; a token is what it claims to be only when all of them hold.
 */
import { attempt, isLocal } from '@pentimento/chain';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import {
  aigcDataOf,
  BaseError,
  type Bundle,
  bytesToHex,
  type Hex,
  hexToBytes,
  instancesFor,
  makeBundle,
  type Objective,
  type Picture,
  pictureOf,
  statementOf,
  unpackIndex,
} from '@pentimento/core';
import { type Model, runDecoder } from '@pentimento/layers';
import { openKit } from '@pentimento/prover';
import { prepare, verifyProof } from '@pentimento/verifier';
import { compileSolidity } from '@pentimento/verifier/compile';
import { encodeVkRuntime, generateVerifier, VERIFIER_CONTRACT } from '@pentimento/verifier/solidity';
import { createPublicClient, http, keccak256, type PublicClient } from 'viem';
import type { Output } from './output.ts';

export interface Check {
  /** Stable name for programs. */
  readonly name: 'model' | 'image' | 'setup' | 'proof' | 'key' | 'verifier' | 'record' | 'creator';
  readonly holds: boolean;
  /** What was found, in words. */
  readonly text: string;
}

export interface Verification {
  readonly verified: boolean;
  readonly checks: readonly Check[];
}

/** What no proof of this project says, whatever its verdict. */
export const NOT_PROVEN: readonly string[] = [
  'which photograph the latent was made from, or that there was one',
  'that anyone owns the rights to that photograph',
  'that the model was trained on what its card says: the proof is about its weights, not about their origin',
  'that this is the only image of its kind: a neighbouring latent paints almost the same',
];

interface Keys {
  readonly ir: Parameters<typeof prepare>[0];
  readonly vk: Parameters<typeof prepare>[1];
}

/** Without any chain: the proof shows the bundle's statement for this model. */
export async function verifyOffline(model: Model, bundle: Bundle, output: Output): Promise<Verification> {
  const instances = instancesFor(bundle, model.manifest);
  const keys = await keysOf(model, bundle.objective, output);
  return verification([imageCheck(model, bundle), proofCheck(keys, bundle, instances), setupCheck(keys, Number(bundle.chainId))]);
}

/** What the chain says about a token, checked against verifier and key that are made again from source and model. */
export async function verifyToken(model: Model, url: string, collection: Hex, tokenId: bigint, output: Output): Promise<Verification> {
  const reader = createPublicClient({ transport: http(url, { retryCount: 1 }) });
  const chainId = await attempt('name its chain', () => reader.getChainId());
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  const record = await attempt('read the model of the collection', () => reader.readContract({ ...contract, functionName: 'model' }));
  const commitment = check(
    'model',
    record.commitment === model.manifest.commitment,
    `The collection is of the model ${record.commitment}`,
    `not of this one, ${model.manifest.commitment}`,
  );
  if (!commitment.holds) return verification([commitment]);
  const token = await readToken(reader, model, collection, tokenId);
  const { objective, ...keys } = await matchingKeys(reader, model, record.vk, output);
  const statement = {
    ...token.picture,
    latent: token.latent,
    pose: token.pose,
    creator: token.creator,
    chainId: BigInt(chainId),
    collection: BigInt(collection),
  };
  const bundle = makeBundle(model.manifest, objective, keys.vk.srs.name, statement, token.proof);
  return verification([
    commitment,
    await keyCheck(reader, keys, record),
    await verifierCheck(reader, keys, record),
    setupCheck(keys, chainId),
    token.recordCheck,
    token.creatorCheck,
    imageCheck(model, bundle),
    proofCheck(keys, bundle, instancesFor(bundle, model.manifest)),
  ]);
}

function verification(checks: readonly Check[]): Verification {
  return { verified: checks.every(({ holds }) => holds), checks };
}

function check(name: Check['name'], holds: boolean, fact: string, otherwise: string): Check {
  return { name, holds, text: holds ? `${fact}.` : `${fact}: ${otherwise}.` };
}

function imageCheck(model: Model, bundle: Bundle): Check {
  const statement = statementOf(bundle);
  const painted = aigcDataOf(pictureOf(runDecoder(model, statement.latent)));
  const same = Buffer.compare(painted, aigcDataOf(statement)) === 0;
  return check('image', same, "The image was painted again here from the latent with the model's integers", 'it came out different');
}

function proofCheck({ ir, vk }: Keys, bundle: Bundle, instances: readonly bigint[]): Check {
  const holds = verifyProof(prepare(ir, vk), hexToBytes(bundle.proof), [instances]);
  const statement = `image, latent, pose, creator ${bundle.creator}, collection ${bundle.collection} and chain ${bundle.chainId}`;
  return check('proof', holds, `The zero-knowledge proof was checked in TypeScript for ${statement}`, 'it does not show them');
}

function setupCheck({ vk }: Keys, chainId: number): Check {
  const { name, insecure } = vk.srs;
  if (!insecure) return check('setup', true, `The proof rests on the ceremony ${name}`, '');
  return check(
    'setup',
    isLocal(chainId),
    `The setup ${name} is INSECURE: whoever knows its secret can prove anything, so this is only a rehearsal`,
    `it may not be used on chain ${chainId}`,
  );
}

interface Record {
  readonly verifier: Hex;
  readonly verifierCodeHash: Hex;
  readonly vk: Hex;
  readonly vkCodeHash: Hex;
}

async function keyCheck(reader: PublicClient, { ir, vk }: Keys, record: Record): Promise<Check> {
  const hash = keccak256(bytesToHex(encodeVkRuntime(ir, vk)));
  const same = hash === record.vkCodeHash && hash === (await codeHash(reader, record.vk));
  return check('key', same, `The verifying key was made again from the model, with code hash ${hash}`, `the collection pins ${record.vkCodeHash}`);
}

async function verifierCheck(reader: PublicClient, { ir, vk }: Keys, record: Record): Promise<Check> {
  const contract = compileSolidity({ 'Verifier.sol': generateVerifier(ir, vk).verifier })['Verifier.sol']?.[VERIFIER_CONTRACT];
  const hash = keccak256(contract?.runtime ?? '0x');
  const same = hash === record.verifierCodeHash && hash === (await codeHash(reader, record.verifier));
  return check(
    'verifier',
    same,
    `The verifier was compiled again from source, with code hash ${hash}`,
    `the collection pins ${record.verifierCodeHash}`,
  );
}

async function codeHash(reader: PublicClient, address: Hex): Promise<Hex> {
  return keccak256((await attempt('read code', () => reader.getCode({ address }))) ?? '0x');
}

async function keysOf(model: Model, objective: Objective, output: Output): Promise<Keys> {
  const { circuit, vk, prover } = await openKit(model, objective, output.progress);
  prover.close();
  return { ir: circuit.ir, vk };
}

/** The keys of the layout whose shape digest the key on chain begins with; those of the first layout when there is none. */
async function matchingKeys(reader: PublicClient, model: Model, address: Hex, output: Output): Promise<Keys & { objective: Objective }> {
  const code = (await attempt('read the verifying key', () => reader.getCode({ address }))) ?? '0x';
  const found = { ...(await keysOf(model, 'fast', output)), objective: 'fast' as Objective };
  if (`0x${code.slice(4, 68)}` === generateVerifier(found.ir, found.vk).shapeDigest) return found;
  const other = await keysOf(model, 'gas', output);
  return `0x${code.slice(4, 68)}` === generateVerifier(other.ir, other.vk).shapeDigest ? { ...other, objective: 'gas' } : found;
}

interface Token {
  readonly latent: Uint8Array;
  readonly picture: Picture;
  readonly pose: number;
  readonly creator: bigint;
  readonly proof: Uint8Array;
  readonly recordCheck: Check;
  readonly creatorCheck: Check;
}

/** What the collection keeps of a token, and the proof that its mint published. An image that is not kept is painted from the latent. */
async function readToken(reader: PublicClient, model: Model, collection: Hex, tokenId: bigint): Promise<Token> {
  const contract = { address: collection, abi: pentimentoCollectionAbi } as const;
  const args = [tokenId] as const;
  const prompt = (await attempt(`read token ${tokenId}`, () => reader.readContract({ ...contract, functionName: 'prompt', args }))) as Hex;
  const kept = await attempt(`read token ${tokenId}`, () => reader.readContract({ ...contract, functionName: 'creator', args }));
  const promptBytes = hexToBytes(prompt);
  const latent = promptBytes.subarray(0, -1);
  const painted = () => bytesToHex(aigcDataOf(pictureOf(runDecoder(model, latent))));
  const aigcData = await reader.readContract({ ...contract, functionName: 'aigcData', args }).catch(painted);
  const events = await attempt('find the mint', () =>
    reader.getContractEvents({ ...contract, eventName: 'AigcData', args: { tokenId }, fromBlock: 0n, strict: true }),
  );
  const published = events.at(-1)?.args;
  if (published === undefined) {
    throw new BaseError({
      code: 'chain/refused',
      message: `Expected collection ${collection} to have published the proof of token ${tokenId}, found none.`,
    });
  }
  const same = BigInt(keccak256(prompt)) === tokenId && published.prompt === keccak256(prompt) && published.aigcData === keccak256(aigcData);
  const creator: Hex = `0x${published.proof.slice(2, 42)}`;
  return {
    latent,
    picture: model.manifest.layers.at(-1)?.op === 'rgb' ? { image: hexToBytes(aigcData) } : { index: unpackIndex(hexToBytes(aigcData)) },
    pose: promptBytes.at(-1) as number,
    creator: BigInt(creator),
    proof: hexToBytes(`0x${published.proof.slice(42)}`),
    recordCheck: check(
      'record',
      same,
      'Token id, latent, pose and image are those that the mint published',
      'the record differs from what was published',
    ),
    creatorCheck: check(
      'creator',
      BigInt(kept) === BigInt(creator),
      `The proof was made for ${creator}, the creator on record`,
      `the record names ${kept}`,
    ),
  };
}
