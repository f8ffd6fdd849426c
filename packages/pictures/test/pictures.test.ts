/** What is read as a photo: by its first bytes alone, and by three parsers alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { sniff } from '../src/format.ts';
import { decodePhoto, PHOTO_BYTES, photoOf, readPhoto } from '../src/index.ts';

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>');

/** Left half red, right half blue. */
const halves = sharp(Buffer.from(Array.from({ length: 64 * 64 }, (_, i) => ((i & 63) < 32 ? [255, 0, 0] : [0, 0, 255])).flat()), {
  raw: { width: 64, height: 64, channels: 3 },
});

it.each([
  ['jpeg', '\xff\xd8\xff\xe0'],
  ['webp', 'RIFF\x10\0\0\0WEBPVP8 '],
  ['gif', 'GIF89a'],
  ['tiff', 'II*\0'],
  ['heif or avif', '\0\0\0\x1cftypavif'],
  ['svg or xml', '<?xml version="1.0"?>'],
  ['pdf', '%PDF-1.7'],
  [undefined, 'RIFF\x10\0\0\0WAVE'],
  [undefined, ''],
])('knows %s by its first bytes', (format, text) => {
  expect(sniff(Buffer.from(text, 'latin1'))).toBe(format);
});

it('has no parser but those of JPEG, PNG and WebP', async () => {
  await expect(sharp(SVG).metadata()).rejects.toThrow();
  await expect(sharp(await halves.clone().tiff().toBuffer()).metadata()).rejects.toThrow();
  expect((await sharp(await halves.clone().webp().toBuffer()).metadata()).format).toBe('webp');
  await expect(decodePhoto(SVG, 'it')).rejects.toMatchObject({ code: 'image/format', message: 'Expected it to be JPEG, PNG or WebP, got svg.' });
});

it('gives the same photo from a file as from its bytes, as planes of 0..1', async () => {
  const png = await halves.clone().png().toBuffer();
  const pixels = await decodePhoto(png, 'it');
  expect(pixels.byteLength).toBe(PHOTO_BYTES);
  const photo = photoOf(pixels);
  const [red, blue] = [photo.subarray(0, 4096), photo.subarray(8192)];
  expect([red[0], blue[0], red[63], blue[63]]).toEqual([1, 0, 0, 1]);
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-pictures-'));
  await writeFile(join(folder, 'halves.png'), png);
  expect(await readPhoto(join(folder, 'halves.png'))).toEqual(photo);
  await rm(folder, { recursive: true });
});
