/** What a marketplace reads: valid JSON whatever the name, and a picture that is the proven one, pixel for pixel. */
import { applyPose, applyRgbPose, decodePose, displayValue, type RgbStatement, type Statement } from '@pentimento/core';
import sharp from 'sharp';
import { BaseError, decodeErrorResult, encodeFunctionData, getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectionFactoryAbi, pentimentoCollectionAbi } from '../abi/contracts.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type CollectionChange,
  createCollection,
  deployPlatform,
  flatImage,
  generator,
  type Model,
  mintAs,
  mintingOf,
  type Platform,
  palette,
  registerModel,
  SETTINGS,
} from './fixture.ts';
import { readSvg } from './pictures.ts';

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
let platform: Platform;
let creator: Address;
const below = generator(721);
const hexOfColour = (i: number) => `#${Buffer.from(palette.subarray(3 * i, 3 * i + 3)).toString('hex')}`;

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [creator] = platform.accounts as [Address];
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

type Image = Pick<Statement, 'index'> | Pick<RgbStatement, 'image'>;

async function mintOne(change: CollectionChange, image: Image, pose: number) {
  const collection = await createCollection(platform, change);
  const { latentLength } = await collection.read.model();
  const latent = Uint8Array.from({ length: Number(latentLength) }, () => below(128));
  const context = { latent, pose, chainId: 31337n, collection: BigInt(collection.address), creator: BigInt(creator) };
  const minting = mintingOf({ ...context, ...image }, Uint8Array.of(1));
  await mintAs(platform, collection, minting, creator);
  const uri = await collection.read.tokenURI([minting.tokenId]);
  const data = encodeFunctionData({ abi: pentimentoCollectionAbi, functionName: 'tokenURI', args: [minting.tokenId] });
  const gas = await anvil.client.estimateGas({ account: creator, to: collection.address, data });
  const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(dataOf(uri, 'application/json'))) as TokenJson;
  return { json, minting, gas, uri };
}

const rgb = (width: number, height: number): Partial<Model> => ({ kind: 1, palette: '0x', width: BigInt(width), height: BigInt(height) });
const sized = (width: number, height: number, scale = 2): Partial<Model> => ({ width: BigInt(width), height: BigInt(height), scale: BigInt(scale) });

/** Red, green and blue of each pixel, as a decoder that did not write the file reads them. */
async function pixelsOf(file: Buffer) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return { width: info.width, height: info.height, pixels: Uint8Array.from(data) };
}

const coloursOf = (index: Uint8Array) => Uint8Array.from([...index].flatMap((i) => [...palette.subarray(3 * i, 3 * i + 3)]));

/** What is shown of three planes: their pixels one after the other. */
function shown(planes: Uint8Array): Uint8Array {
  const pixels = planes.length / 3;
  return Uint8Array.from({ length: planes.length }, (_, i) => displayValue(planes[(i % 3) * pixels + Math.floor(i / 3)] as number));
}

/** Both picture forms of a document show `index`, the first one after the pose. */
async function expectPictures(json: TokenJson, index: Uint8Array, width: number, pose: number): Promise<string> {
  const height = index.length / width;
  const svg = dataOf(json.image, 'image/svg+xml').toString('utf8');
  const picture = readSvg(svg);
  expect([picture.width, picture.height]).toEqual([width, height]);
  expect(picture.colours).toEqual(Array.from(applyPose(index, width, pose), hexOfColour));
  expect(await pixelsOf(dataOf(json.aigc_data, 'image/png'))).toEqual({ width, height, pixels: coloursOf(index) });
  return svg;
}

/** The document as a renderer that did not write it draws it: every drawn pixel, not only one of each square. */
async function expectDrawn(svg: string, colours: Uint8Array, width: number): Promise<void> {
  const { width: drawnWidth, height: drawnHeight, pixels } = await pixelsOf(Buffer.from(svg));
  const unit = drawnWidth / width;
  expect([unit * width, (unit * colours.length) / 3 / width]).toEqual([drawnWidth, drawnHeight]);
  let wrong = 0;
  for (let i = 0; i < drawnWidth * drawnHeight; i++) {
    const at = 3 * (Math.floor(i / drawnWidth / unit) * width + Math.floor((i % drawnWidth) / unit));
    for (let c = 0; c < 3; c++) if (pixels[3 * i + c] !== colours[at + c]) wrong++;
  }
  expect(wrong).toBe(0);
}

describe('tokenURI', () => {
  test('has the schema of ERC-7007, with numbers as numbers', async () => {
    const index = flatImage(below, 32, 32, 40);
    const { json, minting } = await mintOne({}, { index }, 75);
    const { dx, dy } = decodePose(75);
    expect(Object.keys(json).sort()).toEqual(
      ['aigc_data', 'aigc_type', 'attributes', 'creator', 'description', 'image', 'model_commitment', 'name', 'prompt', 'proof_type'].sort(),
    );
    expect(json).toMatchObject({
      name: `Pentimento #${minting.tokenId.toString(16).padStart(64, '0').slice(0, 8)}`,
      prompt: minting.prompt,
      creator: getAddress(creator),
      model_commitment: platform.model.commitment,
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
    ['the longest name', 'n"'.repeat(32)],
  ])('is valid JSON for a name with %s', async (_, name) => {
    const index = flatImage(below, 32, 32, 30);
    const pose = below(126);
    const { json, minting } = await mintOne({ terms: { name } }, { index }, pose);
    expect(json.name).toBe(`${name} #${minting.tokenId.toString(16).padStart(64, '0').slice(0, 8)}`);
    await expectPictures(json, index, 32, pose);
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
    const terms = { name: marker, symbol: 'S', modelId: await registerModel(platform), imageMode: 0, maxSupply: 1, claimDelay: 1 };
    const args = [`0x${'00'.repeat(32)}` as Hex, terms, SETTINGS] as const;
    const valid = encodeFunctionData({ abi: collectionFactoryAbi, functionName: 'create', args });
    const hexMarker = `${Buffer.from(marker).toString('hex')}00`;
    expect(valid.split(hexMarker)).toHaveLength(2);
    const data = valid.replace(hexMarker, `${bytes}00`) as Hex;
    const error = await anvil.client.call({ account: creator, to: platform.factory.address, data }).catch((e: unknown) => e);
    const reverted = error instanceof BaseError ? error.walk((e) => 'data' in (e as object)) : undefined;
    const { data: reason } = reverted as unknown as { data: Address };
    expect(decodeErrorResult({ abi: collectionFactoryAbi, data: reason }).errorName).toBe('TextNotUtf8');
  });

  test.each([4, 31, 125])('shows the proven image in pose %i, drawn by another renderer too', async (pose) => {
    const index = flatImage(below, 32, 32, 60);
    const { json } = await mintOne({}, { index }, pose);
    const svg = await expectPictures(json, index, 32, pose);
    expect(readSvg(svg)).toMatchObject({ drawnWidth: 3008, drawnHeight: 3008 });
    await expectDrawn(svg, coloursOf(applyPose(index, 32, pose)), 32);
  });

  test.each([
    { width: 8, height: 1, scale: 1 },
    { width: 24, height: 7, scale: 3 },
    { width: 128, height: 16, scale: 64 },
    { width: 64, height: 64, scale: 1 },
    { width: 64, height: 128, scale: 1 },
  ])('shows other image sizes: $width x $height at scale $scale', async ({ width, height, scale }) => {
    const index = flatImage(below, width, height, 50);
    const pose = below(126);
    const { json } = await mintOne({ model: sized(width, height, scale) }, { index }, pose);
    const { drawnWidth } = readSvg(await expectPictures(json, index, width, pose));
    expect(drawnWidth % (width * scale)).toBe(0);
    expect(drawnWidth).toBeGreaterThanOrEqual(3000);
  });

  test.each([
    { width: 32, height: 32, pose: 31 },
    { width: 32, height: 32, pose: 94 },
    { width: 64, height: 64, pose: 3 },
    { width: 32, height: 32, pose: 125 },
  ])('shows RGB images in pose $pose, drawn by another renderer too: $width x $height', async ({ width, height, pose }) => {
    const image = Uint8Array.from({ length: 3 * width * height }, () => below(128));
    const { json } = await mintOne({ model: rgb(width, height) }, { image }, pose);
    expect(await pixelsOf(dataOf(json.aigc_data, 'image/png'))).toEqual({ width, height, pixels: shown(image) });
    const svg = dataOf(json.image, 'image/svg+xml').toString('utf8');
    const inner =
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+" viewBox="0 0 (\d+) (\d+)"><image .* href="([^"]+)"\/><\/svg>$/.exec(
        svg,
      );
    expect(inner?.slice(1, 3)).toEqual([String(width), String(height)]);
    const posed = shown(applyRgbPose(image, width, pose));
    expect(await pixelsOf(dataOf(inner?.[3] ?? '', 'image/png'))).toEqual({ width, height, pixels: posed });
    await expectDrawn(svg, posed, width);
    expect(json.attributes.map((a) => a.trait_type)).toEqual(['Mirrored', 'Shift right', 'Shift down']);
  });
});

test('shows the smallest RGB image', async () => {
  const image = Uint8Array.from({ length: 24 }, () => below(128));
  const { json } = await mintOne({ model: rgb(8, 1) }, { image }, 31);
  expect(await pixelsOf(dataOf(json.aigc_data, 'image/png'))).toEqual({ width: 8, height: 1, pixels: shown(image) });
});

describe('gas of a tokenURI call', () => {
  const noise = (side: number) => Uint8Array.from({ length: side * side }, (_, i) => (i * 7 + Math.floor(i / side)) % 16);
  test.each([
    ['plain areas, 32 x 32', sized(32, 32), { index: flatImage(generator(1), 32, 32, 60) }, 5_000_000n],
    ['one colour, 32 x 32', sized(32, 32), { index: new Uint8Array(1024) }, 5_000_000n],
    ['noise of 16 colours, 32 x 32', sized(32, 32), { index: noise(32) }, 5_000_000n],
    ['plain areas, 64 x 64', sized(64, 64), { index: flatImage(generator(2), 64, 64, 200) }, 5_000_000n],
    ['noise of 16 colours, 64 x 64', sized(64, 64), { index: noise(64) }, 16_000_000n],
    ['RGB, 32 x 32', rgb(32, 32), { image: Uint8Array.from({ length: 3072 }, (_, i) => (i * 31) % 128) }, 5_000_000n],
    ['RGB, 64 x 64', rgb(64, 64), { image: Uint8Array.from({ length: 12_288 }, (_, i) => (i * 31) % 128) }, 16_000_000n],
  ] as [string, Partial<Model>, Image, bigint][])('%s', async (what, model, image, limit) => {
    const { gas, uri } = await mintOne({ model }, image, 95);
    const executed = gas - 21_000n;
    console.log(`tokenURI, ${what}: ${executed} gas, ${uri.length} characters`);
    expect(executed).toBeLessThan(limit);
  });
});
