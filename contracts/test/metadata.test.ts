/** What a marketplace reads: valid JSON whatever the name, and a picture that is the proven one, pixel for pixel. */
import { applyPose, decodePose } from '@pentimento/core';
import sharp from 'sharp';
import { type Abi, BaseError, decodeErrorResult, encodeDeployData, encodeFunctionData, getAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pentimentoCollectionAbi } from '../abi/PentimentoCollection.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Config,
  call,
  compiled,
  defaultConfig,
  deploy,
  deployCollection,
  flatImage,
  generator,
  mintingOf,
  palette,
  recordOf,
} from './fixture.ts';
import { readBmp, readSvg } from './pictures.ts';

interface Attribute {
  readonly trait_type: string;
  readonly display_type?: string;
  readonly value: string | number;
}

interface TokenJson {
  readonly name: string;
  readonly description: string;
  readonly prompt: string;
  readonly creator: string;
  readonly model_commitment: string;
  readonly image: string;
  readonly aigc_type: string;
  readonly aigc_data: string;
  readonly proof_type: string;
  readonly attributes: readonly Attribute[];
}

let anvil: Anvil;
let config: Config;
let creator: Address;
const below = generator(721);
const hexOfColour = (i: number) => `#${Buffer.from(palette.subarray(3 * i, 3 * i + 3)).toString('hex')}`;

beforeAll(async () => {
  anvil = await startAnvil();
  config = await defaultConfig(anvil.client, await deploy(anvil.client, 'RecordedVerifier'));
  [creator] = (await anvil.client.getAddresses()) as [Address];
});
afterAll(() => anvil.stop());

/** The bytes behind a base64 data URI of exactly this type. */
function dataOf(uri: string, type: string): Buffer {
  const prefix = `data:${type};base64,`;
  expect(uri.slice(0, prefix.length)).toBe(prefix);
  const text = uri.slice(prefix.length);
  const bytes = Buffer.from(text, 'base64');
  expect(bytes.toString('base64')).toBe(text);
  return bytes;
}

async function mintOne(change: Partial<Config>, index: Uint8Array, pose: number) {
  const used = { ...config, ...change };
  const collection = await deployCollection(anvil.client, used);
  const latent = Uint8Array.from({ length: Number(used.latentLength) }, () => below(128));
  const statement = { latent, index, pose, chainId: 31337n, collection: BigInt(collection.address), creator: BigInt(creator) };
  const minting = mintingOf(statement, Uint8Array.of(1));
  await call(anvil.client, 'RecordedVerifier', config.verifier, 'record', [recordOf(config.vk, minting)]);
  const hash = await collection.write.mint([minting.prompt, minting.aigcData, minting.proof], { account: creator, chain: null });
  expect((await anvil.client.waitForTransactionReceipt({ hash })).status).toBe('success');
  const uri = await collection.read.tokenURI([minting.tokenId]);
  const data = encodeFunctionData({ abi: pentimentoCollectionAbi, functionName: 'tokenURI', args: [minting.tokenId] });
  const gas = await anvil.client.estimateGas({ account: creator, to: collection.address, data });
  const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(dataOf(uri, 'application/json'))) as TokenJson;
  return { json, minting, gas, uri };
}

/** Both picture forms of a document show `index`, the first one after the pose. */
function expectPictures(json: TokenJson, index: Uint8Array, width: number, pose: number): string {
  const height = index.length / width;
  const svg = dataOf(json.image, 'image/svg+xml').toString('utf8');
  const picture = readSvg(svg);
  expect([picture.width, picture.height]).toEqual([width, height]);
  expect(picture.colours).toEqual(Array.from(applyPose(index, width, pose), hexOfColour));
  const bitmap = readBmp(dataOf(json.aigc_data, 'image/bmp'));
  expect([bitmap.width, bitmap.height]).toEqual([width, height]);
  expect(bitmap.palette).toEqual(Array.from({ length: 16 }, (_, i) => hexOfColour(i)));
  expect(bitmap.index).toEqual(index);
  return svg;
}

/** The document as a renderer that did not write it draws it: every drawn pixel, not only one of each square. */
async function expectDrawn(svg: string, posed: Uint8Array, width: number): Promise<void> {
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const unit = info.width / width;
  expect(info).toMatchObject({ channels: 3, width: unit * width, height: (unit * posed.length) / width });
  let wrong = 0;
  for (let i = 0; i < info.width * info.height; i++) {
    const [x, y] = [Math.floor((i % info.width) / unit), Math.floor(i / info.width / unit)];
    const colour = 3 * (posed[y * width + x] as number);
    if (data[3 * i] !== palette[colour] || data[3 * i + 1] !== palette[colour + 1] || data[3 * i + 2] !== palette[colour + 2]) wrong++;
  }
  expect(wrong).toBe(0);
}

describe('tokenURI', () => {
  test('has the schema of ERC-7007, with numbers as numbers', async () => {
    const index = flatImage(below, 32, 32, 40);
    const { json, minting } = await mintOne({}, index, 75);
    const { dx, dy } = decodePose(75);
    expect(Object.keys(json).sort()).toEqual(
      ['aigc_data', 'aigc_type', 'attributes', 'creator', 'description', 'image', 'model_commitment', 'name', 'prompt', 'proof_type'].sort(),
    );
    expect(json).toMatchObject({
      name: `Pentimento #${minting.tokenId.toString(16).padStart(64, '0').slice(0, 8)}`,
      prompt: minting.prompt,
      creator: getAddress(creator),
      model_commitment: config.modelCommitment,
      aigc_type: 'image',
      proof_type: 'validity (zkML)',
      attributes: [
        { trait_type: 'Mirrored', value: 'Yes' },
        { trait_type: 'Shift right', display_type: 'number', value: dx },
        { trait_type: 'Shift down', display_type: 'number', value: dy },
        { trait_type: 'Colours', display_type: 'number', value: new Set(applyPose(index, 32, 75)).size },
      ],
    });
  });

  test.each([
    ['quotes and braces', '"},{"image":"x","name":"'],
    ['backslashes', '\\"\\\\u0022\\'],
    ['control characters', '\u0000\u0001\b\t\n\f\r\u001f\u007f'],
    ['markup', '</svg><script>alert(1)</script>&amp;<!--'],
    ['line separators and four-byte characters', '\u2028\u2029 🖼️ ñ 絵 \ud7ff\ue000\u{10ffff}'],
    ['nothing', ''],
    ['a long name', 'n"'.repeat(500)],
  ])('is valid JSON for a name with %s', async (_, name) => {
    const index = flatImage(below, 32, 32, 30);
    const pose = below(126);
    const { json, minting } = await mintOne({ name }, index, pose);
    expect(json.name).toBe(`${name} #${minting.tokenId.toString(16).padStart(64, '0').slice(0, 8)}`);
    expectPictures(json, index, 32, pose);
  });

  test.each([
    ['a continuation byte alone', '80'],
    ['an overlong form of two bytes', 'c0af'],
    ['an overlong form of three bytes', 'e09fbf'],
    ['an overlong form of four bytes', 'f08fbfbf'],
    ['a surrogate', 'eda080'],
    ['a code point above the last one', 'f4908080'],
    ['a first byte that does not exist', 'f5808080'],
    ['a cut character', 'e282'],
    ['a character that is not continued', 'e28241'],
  ])('cannot become invalid JSON by a name with %s, which is refused', async (_, bytes) => {
    // The encoder takes text only, so the bytes replace a marker of the same length.
    const marker = 'Z'.repeat(bytes.length / 2);
    const { abi, bytecode } = compiled.PentimentoCollection as { abi: unknown; bytecode: Address };
    const valid = encodeDeployData({ abi: abi as Abi, bytecode: '0x', args: [{ ...config, name: marker }] });
    const hexMarker = `${Buffer.from(marker).toString('hex')}00`;
    expect(valid.split(hexMarker)).toHaveLength(2);
    const data = `${bytecode}${valid.slice(2).replace(hexMarker, `${bytes}00`)}` as Address;
    const error = await anvil.client.call({ account: creator, data }).catch((e: unknown) => e);
    const reverted = error instanceof BaseError ? error.walk((e) => 'data' in (e as object)) : undefined;
    const { data: reason } = reverted as unknown as { data: Address };
    expect(decodeErrorResult({ abi: pentimentoCollectionAbi, data: reason }).errorName).toBe('TextNotUtf8');
  });

  test.each([0, 4, 31, 62, 63, 94, 125])('shows the proven image in pose %i, drawn by another renderer too', async (pose) => {
    const index = flatImage(below, 32, 32, 60);
    const { json } = await mintOne({}, index, pose);
    const svg = expectPictures(json, index, 32, pose);
    expect(readSvg(svg)).toMatchObject({ drawnWidth: 3008, drawnHeight: 3008 });
    await expectDrawn(svg, applyPose(index, 32, pose), 32);
  });

  test.each([
    { width: 8, height: 1, scale: 1 },
    { width: 24, height: 7, scale: 3 },
    { width: 128, height: 16, scale: 64 },
    { width: 64, height: 128, scale: 1 },
  ])('shows other image sizes: $width x $height at scale $scale', async ({ width, height, scale }) => {
    const index = flatImage(below, width, height, 50);
    const pose = below(126);
    const { json } = await mintOne({ width: BigInt(width), height: BigInt(height), scale: BigInt(scale) }, index, pose);
    const { drawnWidth } = readSvg(expectPictures(json, index, width, pose));
    expect(drawnWidth % (width * scale)).toBe(0);
    expect(drawnWidth).toBeGreaterThanOrEqual(3000);
  });
});

describe('gas of a tokenURI call', () => {
  test.each([
    ['plain areas, 32 x 32', 32, flatImage(generator(1), 32, 32, 60), 5_000_000n],
    ['one colour, 32 x 32', 32, new Uint8Array(1024), 5_000_000n],
    ['noise of 16 colours, 32 x 32', 32, Uint8Array.from({ length: 1024 }, (_, i) => (i * 7 + (i >> 5)) % 16), 5_000_000n],
    ['plain areas, 64 x 64', 64, flatImage(generator(2), 64, 64, 200), 5_000_000n],
    ['noise of 16 colours, 64 x 64', 64, Uint8Array.from({ length: 4096 }, (_, i) => (i * 7 + (i >> 6)) % 16), 16_000_000n],
  ] as [string, number, Uint8Array, bigint][])('%s', async (what, side, index, limit) => {
    const { json, gas, uri } = await mintOne({ width: BigInt(side), height: BigInt(side) }, index, 95);
    expectPictures(json, index, side, 95);
    const executed = gas - 21_000n;
    console.log(`tokenURI, ${what}: ${executed} gas, ${uri.length} characters`);
    expect(executed).toBeLessThan(limit);
  });
});
