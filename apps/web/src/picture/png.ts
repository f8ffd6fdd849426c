/** A picture on a canvas and as a PNG file. Browser only. */
import { type Picture, rgbaOf } from './pixels.ts';

/** Side of a downloaded PNG, at least; the factor is whole, so that every pixel stays a square. */
const DOWNLOAD_SIZE = 1024;

/** Draws one canvas pixel for each pixel of the picture; CSS enlarges them with `image-rendering: pixelated`. */
export function paint(canvas: HTMLCanvasElement, picture: Picture): void {
  const { width, height } = picture.form;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(rgbaOf(picture), width, height), 0, 0);
}

export async function pngOf(picture: Picture): Promise<Blob> {
  const small = document.createElement('canvas');
  paint(small, picture);
  const factor = Math.ceil(DOWNLOAD_SIZE / picture.form.width);
  const large = document.createElement('canvas');
  [large.width, large.height] = [small.width * factor, small.height * factor];
  const context = large.getContext('2d');
  if (context === null) throw new Error('Expected a canvas to draw on, got none.');
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  const blob = await new Promise<Blob | null>((resolve) => large.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('Expected the canvas to make a PNG, got nothing.');
  return blob;
}
