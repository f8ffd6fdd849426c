/** A token that was really proven: what the indexer serves of it is enough to check its proof, and the chain agrees. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, concatBytes, type Hex, hexToBytes, instancesOf, packIndex } from '@pentimento/core';
import { generateKeys, openProver, setupDevelopmentSrs } from '@pentimento/engine';
import { compileDecoder, decoderWitness } from '@pentimento/layers';
import { prepare, verifyProof } from '@pentimento/verifier';
import { compileSolidity } from '@pentimento/verifier/compile';
import { encodeVkContract, generateVerifier, VERIFIER_CONTRACT } from '@pentimento/verifier/solidity';
import { expect, test } from 'vitest';
import { startAnvil } from '../../../../contracts/test/anvil.ts';
import {
  type Address,
  claim,
  codeHash,
  createCollection,
  deployCode,
  deployPlatform,
  mined,
  mintingOf,
  pass,
  requestOf,
} from '../../../../contracts/test/fixture.ts';
import { tinyLatent, tinyModel } from '../../../../packages/layers/test/tiny.ts';
import type { Token } from '../../src/indexer/schemas.ts';
import { openFolder, openGate, startIndexed, upToDate } from './bench.ts';

test.each([0, 1] as const)('image mode %i', async (imageMode) => {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
  const model = tinyModel();
  const circuit = compileDecoder(model);
  const srsPath = await setupDevelopmentSrs(circuit.ir.k, folder);
  await generateKeys({ circuit, srsPath, keyDir: join(folder, 'keys') });
  const prover = await openProver(join(folder, 'keys'), srsPath);
  const { client, stop } = await startAnvil();
  const platform = await deployPlatform(client);
  const source = generateVerifier(circuit.ir, prover.vk).verifier;
  const verifier = await deployCode(client, compileSolidity({ 'Verifier.sol': source })['Verifier.sol']?.[VERIFIER_CONTRACT]?.bytecode ?? '0x');
  const vk = await deployCode(client, bytesToHex(encodeVkContract(circuit.ir, prover.vk)));
  const { latent, image, palette, commitment } = model.manifest;
  const contract = await createCollection(platform, {
    model: {
      ...{
        commitment: commitment as Hex,
        verifier,
        vk,
        latentLength: BigInt(latent.length),
        width: BigInt(image.width),
        height: BigInt(image.height),
      },
      ...{ verifierCodeHash: await codeHash(client, verifier), vkCodeHash: await codeHash(client, vk) },
      palette: bytesToHex(concatBytes(...palette.map((colour) => hexToBytes(`0x${colour.slice(1)}`)))),
    },
    terms: { imageMode },
  });
  const creator = platform.accounts[2] as Address;
  const context = { pose: 31, chainId: 31337n, collection: BigInt(contract.address), creator: BigInt(creator) };
  const witness = decoderWitness(circuit, Uint8Array.from(tinyLatent(3)), context);
  const { proof } = await prover.prove(witness);
  const minting = mintingOf({ ...context, latent: Uint8Array.from(tinyLatent(3)), index: witness.index }, proof);
  await claim(client, contract, minting.tokenId, creator);
  await pass(client, 2);
  await mined(client, contract.write.mint([requestOf(minting)], { account: creator, chain: null }));

  const gate = await openGate(client.transport.url as string);
  const { database, home } = await openFolder();
  const indexed = await startIndexed(gate.url, platform.factory.address, database);
  await upToDate(indexed, client);
  const token = await indexed.get<Token & { proof: Hex }>(`/v1/collections/${contract.address}/tokens/${minting.tokenId}`);
  const index = hexToBytes(token.picture ?? '0x');
  const statement = { ...context, latent: hexToBytes(token.latent), index, pose: token.pose, creator: BigInt(token.creator) };
  expect(verifyProof(prepare(circuit.ir, prover.vk), hexToBytes(token.proof), [instancesOf(statement)])).toBe(true);
  const prompt: Hex = `${token.latent}${token.pose.toString(16)}`;
  const envelope: Hex = `${token.creator}${token.proof.slice(2)}`;
  expect(await contract.read.verify([prompt, bytesToHex(packIndex(index)), envelope])).toBe(true);

  await indexed.end();
  await database.close();
  await gate.close();
  prover.close();
  await stop();
  await rm(home, { recursive: true });
  await rm(folder, { recursive: true });
});
