/** The contract derives the same instances and the same posed picture as packages/core, for any statement. */
import { applyPose, applyRgbPose, bytesToHex, encodePrompt, type Hex, instanceCount, instancesOf, packIndex } from '@pentimento/core';
import fc from 'fast-check';
import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pentimentoCollectionAbi } from '../abi/contracts.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { type Address, compiled, createCollection, deployPlatform, generator, mintAs, mintingOf, type Platform } from './fixture.ts';

let anvil: Anvil;
let platform: Platform;
beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
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

const shapeOf = ({ latentLength, width, height }: (typeof SHAPES)[number]) => ({
  latentLength: BigInt(latentLength),
  width: BigInt(width),
  height: BigInt(height),
});

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
    const collection = await createCollection(platform, { model: shapeOf(shape) });
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
    const { address: to, read } = await createCollection(platform, { model: shapeOf({ latentLength, width, height }) });
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

describe('instances of RGB images', () => {
  const shape = { latentLength: 31, width: 8, height: 5 };
  const model = { ...shapeOf(shape), kind: 1, palette: '0x' } as const;
  const creator = '0x00000000000000000000000000000000000000c1';

  test('equal those of core', async () => {
    const collection = await createCollection(platform, { model });
    const images = fc.uint8Array({ minLength: 120, maxLength: 120, max: 127 });
    const latents = fc.uint8Array({ minLength: 31, maxLength: 31, max: 127 });
    await fc.assert(
      fc.asyncProperty(latents, images, fc.integer({ min: 0, max: 125 }), async (latent, image, pose) => {
        const actual = await collection.read.instancesOf([bytesToHex(encodePrompt(latent, pose)), bytesToHex(image), creator]);
        const context = { chainId: 31337n, collection: BigInt(collection.address), creator: 0xc1n };
        expect(actual).toEqual(instancesOf({ latent, image, pose, ...context }));
      }),
      { numRuns: 20, seed: 7007 },
    );
  });

  test('need every channel value to be below 128', async () => {
    const { read } = await createCollection(platform, { model });
    const prompt = bytesToHex(encodePrompt(new Uint8Array(31), 0));
    for (let i = 0; i < 120; i++) {
      const image = new Uint8Array(120).fill(127);
      image[i] = 128;
      await expect(read.instancesOf([prompt, bytesToHex(image), creator]), `position ${i}`).rejects.toThrow(/MalformedStatement[\s\S]*\(6\)/);
    }
  });
});

describe('posed picture on chain', () => {
  // Every pose on an image wider than the largest shift, on one so narrow that a shift can leave it, and where a unit is two pixels.
  test.each([
    { width: 32, height: 32, rgb: false },
    { width: 8, height: 2, rgb: false },
    { width: 64, height: 4, rgb: false },
    { width: 8, height: 3, rgb: true },
  ])('equals the rule of core for all 126 poses: $width x $height, RGB: $rgb', async ({ width, height, rgb }) => {
    const below = generator(width);
    const renderer = { address: platform.renderer, abi: compiled.TokenRenderer?.abi as Abi, functionName: 'picture' };
    const model = { ...platform.model, width: BigInt(width), height: BigInt(height), kind: rgb ? 1 : 0 };
    const values = Uint8Array.from({ length: (rgb ? 3 : 1) * width * height }, () => below(rgb ? 128 : 16));
    const data = bytesToHex(rgb ? values : packIndex(values));
    for (let pose = 0; pose <= 125; pose++) {
      const expected = rgb ? applyRgbPose(values, width, pose) : applyPose(values, width, pose);
      expect(await anvil.client.readContract({ ...renderer, args: [data, BigInt(pose), model] }), `pose ${pose}`).toBe(bytesToHex(expected));
    }
  });

  test('is that of the token', async () => {
    const account = platform.accounts[1] as Address;
    const collection = await createCollection(platform, { model: { latentLength: 2n } });
    const below = generator(3);
    const statement = {
      latent: Uint8Array.of(1, 2),
      index: Uint8Array.from({ length: 1024 }, () => below(16)),
      pose: 77,
      chainId: 31337n,
      collection: BigInt(collection.address),
      creator: BigInt(account),
    };
    const minting = mintingOf(statement, Uint8Array.of(1));
    await mintAs(platform, collection, minting, account);
    expect(await collection.read.picture([minting.tokenId])).toBe(bytesToHex(applyPose(statement.index, 32, 77)));
    expect(await collection.read.pose([minting.tokenId])).toBe(77);
  });
});
