/** The attacks once more with the real prover and the real verifier, on a small model: the rival's proofs are valid ones of his own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, concatBytes, type Hex, hexToBytes } from '@pentimento/core';
import { generateKeys, openProver, type Prover, setupDevelopmentSrs } from '@pentimento/engine';
import { compileDecoder, type DecoderCircuit, decoderWitness } from '@pentimento/layers';
import { compileSolidity } from '@pentimento/verifier/compile';
import { encodeVkContract, generateVerifier, VERIFIER_CONTRACT } from '@pentimento/verifier/solidity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyLatent, tinyModel } from '../../packages/layers/test/tiny.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  claim,
  codeHash,
  createCollection,
  deployCode,
  deployPlatform,
  type Minting,
  type Model,
  mined,
  mintingOf,
  type Platform,
  pass,
  requestOf,
  revertOf,
} from './fixture.ts';

const DELAY = 60;
const model = tinyModel();

let folder: string;
let anvil: Anvil;
let platform: Platform;
let circuit: DecoderCircuit;
let prover: Prover;
let onchainModel: Partial<Model>;
let victim: Address;
let attacker: Address;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
  circuit = compileDecoder(model);
  const srsPath = await setupDevelopmentSrs(circuit.ir.k, folder);
  await generateKeys({ circuit, srsPath, keyDir: join(folder, 'keys') });
  prover = await openProver(join(folder, 'keys'), srsPath);
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [, victim, attacker] = platform.accounts as [Address, Address, Address];
  const source = generateVerifier(circuit.ir, prover.vk).verifier;
  const compiled = compileSolidity({ 'Verifier.sol': source })['Verifier.sol']?.[VERIFIER_CONTRACT];
  const verifier = await deployCode(anvil.client, compiled?.bytecode ?? '0x');
  const vk = await deployCode(anvil.client, bytesToHex(encodeVkContract(circuit.ir, prover.vk)));
  const { latent, image, palette, commitment } = model.manifest;
  onchainModel = {
    commitment: commitment as Hex,
    verifier,
    verifierCodeHash: await codeHash(anvil.client, verifier),
    vk,
    vkCodeHash: await codeHash(anvil.client, vk),
    latentLength: BigInt(latent.length),
    width: BigInt(image.width),
    height: BigInt(image.height),
    palette: bytesToHex(concatBytes(...palette.map((colour) => hexToBytes(`0x${colour.slice(1)}`)))),
    licenceFee: 100n,
  };
}, 300_000);

afterAll(async () => {
  prover.close();
  await anvil.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Proves what the model paints for a seed's latent. */
async function prove(collection: Collection, creator: Address, seed: number): Promise<Minting> {
  const context = { pose: 31, chainId: 31337n, collection: BigInt(collection.address), creator: BigInt(creator) };
  const latent = Uint8Array.from(tinyLatent(seed));
  const witness = decoderWitness(circuit, latent, context);
  const { proof } = await prover.prove(witness);
  return mintingOf({ ...context, latent, index: (witness as unknown as { index: Uint8Array }).index }, proof);
}

const tryMint = (collection: Collection, minting: Minting, account: Address) =>
  revertOf(collection.simulate.mint([requestOf(minting)], { account, value: 100n }));
const sendMint = (collection: Collection, minting: Minting, account: Address) =>
  mined(anvil.client, collection.write.mint([requestOf(minting)], { account, value: 100n, chain: null }));

describe.each([
  ['on chain', 0],
  ['as hashes', 1],
] as const)('with images %s', (_, imageMode) => {
  test('a claimed statement is minted by its claimer alone, and its use is counted and paid', async () => {
    const collection = await createCollection(platform, { model: onchainModel, terms: { claimDelay: DELAY, imageMode } });
    const modelId = await platform.registry.read.modelOf([collection.address]);
    const [uses, owed] = [await platform.registry.read.uses([modelId]), await platform.registry.read.owed([platform.owner])];
    const minting = await prove(collection, victim, 1 + imageMode);
    const rival = await prove(collection, attacker, 1 + imageMode);
    for (const { prompt, aigcData, proof } of [minting, rival]) expect(await collection.read.verify([prompt, aigcData, proof])).toBe(true);

    await claim(anvil.client, collection, minting.tokenId, victim);
    await pass(anvil.client, DELAY);
    expect(await tryMint(collection, rival, attacker)).toMatchObject({ name: 'NotClaimed' });
    await claim(anvil.client, collection, minting.tokenId, attacker);
    await pass(anvil.client, 1);
    expect(await tryMint(collection, rival, attacker)).toMatchObject({ name: 'ClaimTooYoung' });
    expect(await tryMint(collection, minting, attacker)).toEqual({ name: 'CreatorMismatch', args: [attacker, victim] });
    await sendMint(collection, minting, victim);
    await pass(anvil.client, DELAY);
    expect(await tryMint(collection, rival, attacker)).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
    expect(await collection.read.ownerOf([minting.tokenId])).toBe(victim);
    expect((await platform.registry.read.uses([modelId])) - uses).toBe(1n);
    expect((await platform.registry.read.owed([platform.owner])) - owed).toBe(100n);
  });

  test('a second proof of the same statement is accepted as data and not as a mint; one changed bit of it is refused', async () => {
    const collection = await createCollection(platform, { model: onchainModel, terms: { claimDelay: DELAY, imageMode } });
    const minting = await prove(collection, victim, 3);
    const again = await prove(collection, victim, 3);
    expect(again.proof).not.toBe(minting.proof);
    await claim(anvil.client, collection, minting.tokenId, victim);
    await pass(anvil.client, DELAY);
    const changed = hexToBytes(minting.proof);
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(await tryMint(collection, { ...minting, proof: bytesToHex(changed) }, victim)).toEqual({ name: 'InvalidProof', args: [] });
    await sendMint(collection, minting, victim);
    expect(await tryMint(collection, again, victim)).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
    const args = [minting.tokenId, again.prompt, again.aigcData, again.proof] as const;
    await mined(anvil.client, collection.write.addAigcData(args, { account: attacker, chain: null }));
  });
});
