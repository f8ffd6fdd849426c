/** A user's photo as the encoder's input, and palette images as PNG. Nothing of a photo but its pixels is used. */
import { stat } from 'node:fs/promises';
import { BaseError } from '@pentimento/core';
import sharp, { type Metadata } from 'sharp';

const SIDE = 64;
const MIN_SIDE = 16;
const MAX_SIDE = 8192;
const MAX_BYTES = 32 * 1024 * 1024;
const FORMATS = ['jpeg', 'png', 'webp'];

/** `[3, 64, 64]` float32 in 0..1, the centre square of the upright picture on white. Throws `image/*`. */
export async function readPhoto(path: string): Promise<Float32Array> {
  await assertFile(path);
  const picture = sharp(path, { limitInputPixels: MAX_SIDE * MAX_SIDE, failOn: 'truncated' });
  assertPicture(
    path,
    await sharp(path, { limitInputPixels: false })
      .metadata()
      .catch((cause: Error) => refuse('image/not-an-image', path, 'a JPEG, PNG or WebP picture, got a file that cannot be read as one', cause)),
  );
  const pixels = await picture
    .rotate()
    .flatten({ background: '#ffffff' })
    .resize(SIDE, SIDE, { fit: 'cover', kernel: 'lanczos3' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer()
    .catch((cause: Error) => refuse('image/damaged', path, 'a complete picture, got one that is damaged or cut off', cause));
  return planar(pixels);
}

/** PNG of palette indices, each pixel drawn as a square of `scale` pixels. `palette` holds `#rrggbb`. */
export function encodePng(index: Uint8Array, width: number, palette: readonly string[], scale: number): Promise<Buffer> {
  const colours = palette.map((c) => [1, 3, 5].map((i) => Number.parseInt(c.slice(i, i + 2), 16)));
  const rgb = Uint8Array.from({ length: index.length * 3 }, (_, i) => colours[index[Math.floor(i / 3)] as number]?.[i % 3] as number);
  return magnified(rgb, width, scale);
}

/** PNG of channel values 0..255 `[3, H, W]`, each pixel drawn as a square of `scale` pixels. */
export function encodeRgbPng(planes: Uint8Array, width: number, scale: number): Promise<Buffer> {
  const size = planes.length / 3;
  return magnified(
    Uint8Array.from({ length: planes.length }, (_, i) => planes[(i % 3) * size + Math.floor(i / 3)] as number),
    width,
    scale,
  );
}

function magnified(rgb: Uint8Array, width: number, scale: number): Promise<Buffer> {
  const height = rgb.length / 3 / width;
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(width * scale, height * scale, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

async function assertFile(path: string): Promise<void> {
  const info = await stat(path).catch((cause: Error) => refuse('image/not-found', path, 'a file that can be read', cause));
  if (!info.isFile()) refuse('image/not-found', path, 'a file, got a folder or a device');
  if (info.size > MAX_BYTES) refuse('image/too-large', path, `at most ${MAX_BYTES / 2 ** 20} MiB, got ${(info.size / 2 ** 20).toFixed(1)} MiB`);
}

function assertPicture(path: string, { format, width = 0, height = 0, pages = 1 }: Metadata): void {
  if (!FORMATS.includes(format ?? '')) refuse('image/format', path, `JPEG, PNG or WebP, got ${format}`);
  if (pages > 1) refuse('image/animated', path, `a still picture, got ${pages} frames`);
  if (Math.min(width, height) < MIN_SIDE) refuse('image/too-small', path, `at least ${MIN_SIDE}x${MIN_SIDE} pixels, got ${width}x${height}`);
  if (Math.max(width, height) > MAX_SIDE) refuse('image/too-large', path, `at most ${MAX_SIDE}x${MAX_SIDE} pixels, got ${width}x${height}`);
}

function refuse(code: string, path: string, expected: string, cause?: unknown): never {
  throw new BaseError({ code, message: `Expected ${path} to be ${expected}.`, ...(cause === undefined ? {} : { cause }) });
}

function planar(rgb: Buffer): Float32Array {
  const plane = SIDE * SIDE;
  return Float32Array.from({ length: 3 * plane }, (_, i) => (rgb[3 * (i % plane) + Math.floor(i / plane)] as number) / 255);
}
