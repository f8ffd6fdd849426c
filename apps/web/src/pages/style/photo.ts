/** A photo in the page: opened with its orientation applied, cut to a square, and re-encoded, which leaves its metadata behind. */
import { BaseError } from '@pentimento/core';
import { type Crop, squareOf } from './crop.ts';

export interface Photo {
  /** Unlike any other photo of this visit. */
  readonly id: number;
  readonly name: string;
  readonly image: HTMLImageElement;
  readonly width: number;
  readonly height: number;
}

const MAX_BYTES = 40 * 2 ** 20;
/** Side in pixels of what is sent. */
export const SENT_SIZE = 384;
let lastId = 0;

/** Throws `photo/not-an-image` and `photo/too-large`. */
export async function openPhoto(file: Blob, name: string): Promise<Photo> {
  if (file.size > MAX_BYTES) {
    const megabytes = Math.round(file.size / 2 ** 20);
    throw new BaseError({ code: 'photo/too-large', message: `Expected a picture of at most 40 MB, got ${megabytes} MB.` });
  }
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    // A drawing may have no size.
    if (image.naturalWidth === 0 || image.naturalHeight === 0) throw new RangeError('Expected a picture with pixels.');
  } catch (cause) {
    URL.revokeObjectURL(image.src);
    throw new BaseError({ code: 'photo/not-an-image', message: `Expected a picture that this browser can open, got ${name}.`, cause });
  }
  lastId += 1;
  return { id: lastId, name, image, width: image.naturalWidth, height: image.naturalHeight };
}

export async function openSample(url: string, name: string): Promise<Photo> {
  return openPhoto(await (await fetch(url)).blob(), name);
}

/** Draws the square of the crop over a whole canvas. */
export function drawSquare(canvas: HTMLCanvasElement, { image, width, height }: Photo, crop: Crop): void {
  const { left, top, side } = squareOf(crop, width, height);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

/** The square as a PNG, without metadata. */
export async function squareBlob(photo: Photo, crop: Crop): Promise<Blob> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SENT_SIZE, SENT_SIZE];
  drawSquare(canvas, photo, crop);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new BaseError({ code: 'photo/not-an-image', message: `Expected to cut a square out of ${photo.name}, got nothing.` });
  return blob;
}
