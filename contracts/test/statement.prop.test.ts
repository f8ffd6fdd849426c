/** The contract derives the same instances and the same posed picture as packages/core, for any statement. */
import { applyPose, bytesToHex, encodePrompt, type Hex, instanceCount, instancesOf, packIndex } from '@pentimento/core';
import fc from 'fast-check';
import { decodeFunctionResult, encodeFunctionData } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pentimentoCollectionAbi } from '../abi/PentimentoCollection.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { type Config, call, defaultConfig, deploy, deployCollection, mintingOf, recordOf } from './fixture.ts';

let anvil: Anvil;
let config: Config;
beforeAll(async () => {
  anvil = await startAnvil();
  config = await defaultConfig(anvil.client, await deploy(anvil.client, 'RecordedVerifier'));
});
afterAll(() => anvil.stop());

/** Lengths on both sides of the 31 bytes of a word, and those of the shipped models. */
const SHAPES = [
  { latentLength: 128, width: 32, height: 32 },
  { latentLength: 1, width: 8, height: 1 },
  { latentLength: 30, width: 8, height: 31 },
  { latentLength: 31, width: 16, height: 8 },
  { latentLength: 32, width: 24, height: 5 },
  { latentLength: 62, width: 8, height: 62 },
];

const address = fc.bigInt({ min: 1n, max: (1n << 160n) - 1n });

function statements(latentLength: number, width: number, height: number) {
  return fc.record({
    latent: fc.uint8Array({ minLength: latentLength, maxLength: latentLength, max: 127 }),
    index: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 15 }),
    pose: fc.integer({ min: 0, max: 125 }),
    creator: address,
  });
}

describe('instances on chain', () => {
  test.each(SHAPES)('equal those of core: latent $latentLength, image $width x $height', async (shape) => {
    const { latentLength, width, height } = shape;
    const collection = await deployCollection(anvil.client, {
      ...config,
      latentLength: BigInt(latentLength),
      width: BigInt(width),
      height: BigInt(height),
    });
    await fc.assert(
      fc.asyncProperty(statements(latentLength, width, height), async ({ latent, index, pose, creator }) => {
        const creatorHex = `0x${creator.toString(16).padStart(40, '0')}` as const;
        const actual = await collection.read.instancesOf([bytesToHex(encodePrompt(latent, pose)), bytesToHex(packIndex(index)), creatorHex]);
        expect(actual).toEqual(instancesOf({ latent, index, pose, chainId: 31337n, collection: BigInt(collection.address), creator }));
        expect(actual).toHaveLength(instanceCount(latentLength, width * height));
      }),
      { numRuns: latentLength === 128 ? 50 : 10, seed: 7007 },
    );
  });
});

describe('bytes around the statement', () => {
  test.each(SHAPES)('do not count, and every latent byte does: latent $latentLength', async ({ latentLength, width, height }) => {
    const { client } = anvil;
    const shape = { latentLength: BigInt(latentLength), width: BigInt(width), height: BigInt(height) };
    const { address: to, read } = await deployCollection(client, { ...config, ...shape });
    const latent = new Uint8Array(latentLength).fill(127);
    const index = new Uint8Array(width * height).fill(15);
    const [prompt, aigcData] = [bytesToHex(encodePrompt(latent, 125)), bytesToHex(packIndex(index))];
    const creator = '0x00000000000000000000000000000000000000c1';

    // The ABI pads bytes with zeros up to a whole word, but nobody enforces it: fill the padding with ones.
    const clean = encodeFunctionData({ abi: pentimentoCollectionAbi, functionName: 'instancesOf', args: [prompt, aigcData, creator] });
    const data = [aigcData, prompt].reduce<string>((text, part) => {
      const padding = 64 - ((part.length - 2) % 64 || 64);
      return text.replace(`${part.slice(2)}${'0'.repeat(padding)}`, `${part.slice(2)}${'f'.repeat(padding)}`);
    }, clean);
    const answer = await client.call({ to, data: data as Hex });
    const actual = decodeFunctionResult({ abi: pentimentoCollectionAbi, functionName: 'instancesOf', data: answer.data ?? '0x' });
    expect(actual).toEqual(instancesOf({ latent, index, pose: 125, chainId: 31337n, collection: BigInt(to), creator: 0xc1n }));

    for (let i = 0; i < latentLength; i++) {
      const above = encodePrompt(latent, 125);
      above[i] = 128;
      await expect(read.instancesOf([bytesToHex(above), aigcData, creator]), `position ${i}`).rejects.toThrow(/MalformedStatement[\s\S]*\(4\)/);
    }
  });
});

describe('posed picture on chain', () => {
  // Every pose on an image wider than the largest shift, and on one so narrow that a shift can leave it.
  test.each([
    { width: 32, height: 32 },
    { width: 8, height: 2 },
  ])('equals applyPose for all 126 poses: $width x $height', async ({ width, height }) => {
    const [account] = (await anvil.client.getAddresses()) as [`0x${string}`];
    const collection = await deployCollection(anvil.client, { ...config, width: BigInt(width), height: BigInt(height), latentLength: 2n });
    const [sample] = fc.sample(statements(2, width, height), { numRuns: 1, seed: 7 });
    if (!sample) throw new Error('no sample');
    for (let pose = 0; pose <= 125; pose++) {
      const statement = {
        latent: Uint8Array.of(pose, 0),
        index: sample.index,
        pose,
        chainId: 31337n,
        collection: BigInt(collection.address),
        creator: BigInt(account),
      };
      const minting = mintingOf(statement, Uint8Array.of(1));
      await call(anvil.client, 'RecordedVerifier', config.verifier, 'record', [recordOf(config.vk, minting)]);
      const hash = await collection.write.mint([minting.prompt, minting.aigcData, minting.proof], { account, chain: null });
      await anvil.client.waitForTransactionReceipt({ hash });
      expect(await collection.read.index([minting.tokenId])).toBe(bytesToHex(applyPose(sample.index, width, pose)));
      expect(await collection.read.pose([minting.tokenId])).toBe(pose);
    }
  });
});
