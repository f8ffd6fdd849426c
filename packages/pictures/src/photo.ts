/** A user's photo as the encoder's input, and palette images as PNG. Nothing of a photo but its pixels is used. */
import { readFile, stat } from 'node:fs/promises';
import { BaseError } from '@pentimento/core';
import sharp, { type Metadata } from 'sharp';
import { sniff } from './format.ts';

const SIDE = 64;
const MIN_SIDE = 16;
const MAX_SIDE = 8192;
const MAX_PIXELS = 50_000_000;
const MAX_BYTES = 32 * 1024 * 1024;
const FORMATS = ['jpeg', 'png', 'webp'];

/** Bytes of what `decodePhoto` returns. */
export const PHOTO_BYTES = 3 * SIDE * SIDE;

// Every loader of libvips but these three is off in a process that reads photos: no SVG, PDF, TIFF or HEIF parser ever sees a user's bytes.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });

/** `[3, 64, 64]` float32 in 0..1, the centre square of the upright picture on white. Throws `image/*`. */
export async function readPhoto(path: string): Promise<Float32Array> {
  await assertFile(path);
  return photoOf(await decodePhoto(await readFile(path), path));
}

/** The same pixels as `[64, 64, 3]` bytes, from a file's bytes; `name` is what an error calls it. Throws `image/*`. */
export async function decodePhoto(bytes: Uint8Array, name: string): Promise<Buffer> {
  const format = sniff(bytes);
  if (format === undefined) refuse('image/not-an-image', name, 'a JPEG, PNG or WebP picture, got something that does not begin like one');
  if (!FORMATS.includes(format)) refuse('image/format', name, `JPEG, PNG or WebP, got ${format}`);
  const damaged = (cause: Error) => refuse('image/damaged', name, 'a complete picture, got one that is damaged or cut off', cause);
  assertPicture(name, await sharp(bytes, { limitInputPixels: false }).metadata().catch(damaged));
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated' })
    .rotate()
    .flatten({ background: '#ffffff' })
    .resize(SIDE, SIDE, { fit: 'cover', kernel: 'lanczos3' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer()
    .catch(damaged);
}

/** What `decodePhoto` returns as the encoder's input `[3, 64, 64]` of floats in 0..1. */
export function photoOf(rgb: Uint8Array): Float32Array {
  const plane = SIDE * SIDE;
  return Float32Array.from({ length: PHOTO_BYTES }, (_, i) => (rgb[3 * (i % plane) + Math.floor(i / plane)] as number) / 255);
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

function assertPicture(name: string, { width = 0, height = 0, pages = 1 }: Metadata): void {
  if (pages > 1) refuse('image/animated', name, `a still picture, got ${pages} frames`);
  if (Math.min(width, height) < MIN_SIDE) refuse('image/too-small', name, `at least ${MIN_SIDE}x${MIN_SIDE} pixels, got ${width}x${height}`);
  if (Math.max(width, height) > MAX_SIDE) refuse('image/too-large', name, `at most ${MAX_SIDE}x${MAX_SIDE} pixels, got ${width}x${height}`);
  if (width * height > MAX_PIXELS) refuse('image/too-large', name, `at most ${MAX_PIXELS / 1e6} million pixels, got ${width}x${height}`);
}

function refuse(code: string, name: string, expected: string, cause?: unknown): never {
  throw new BaseError({ code, message: `Expected ${name} to be ${expected}.`, ...(cause === undefined ? {} : { cause }) });
}
