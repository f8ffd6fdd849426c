/** The proven bytes as pixels: palette or channel values, posed by the public rule, to RGBA. */
import { applyPose, applyRgbPose, displayValue, MAX_ACTIVATION, MAX_POSE } from '@pentimento/core';

/** How the bytes of a picture are read. */
export interface PictureForm {
  readonly kind: 'palette' | 'rgb';
  readonly width: number;
  readonly height: number;
  /** `#rrggbb` for each index; empty with `rgb`. */
  readonly palette: readonly string[];
}

/** A picture before its pose, `[H, W]` indices or `[3, H, W]` channel values, and the pose to show it in. */
export interface Picture {
  readonly form: PictureForm;
  readonly bytes: Uint8Array;
  readonly pose: number;
}

/** Whether it can be shown: as many bytes as its form has, each with a colour, and a pose that there is. */
export function isWhole({ form, bytes, pose }: Picture): boolean {
  const pixels = form.width * form.height;
  const [length, values] = form.kind === 'rgb' ? [3 * pixels, MAX_ACTIVATION + 1] : [pixels, form.palette.length];
  return pixels > 0 && bytes.length === length && pose <= MAX_POSE && bytes.every((value) => value < values);
}

/** RGBA bytes, `4*H*W`, of the posed picture. A RangeError when there are too few or too many bytes, or a colour is not in the palette. */
export function rgbaOf({ form, bytes, pose }: Picture): Uint8ClampedArray<ArrayBuffer> {
  const pixels = form.width * form.height;
  const expected = form.kind === 'rgb' ? 3 * pixels : pixels;
  if (bytes.length !== expected) throw new RangeError(`Expected ${expected} bytes of a picture, got ${bytes.length}.`);
  return form.kind === 'rgb'
    ? rgbPixels(applyRgbPose(bytes, form.width, pose), pixels)
    : palettePixels(applyPose(bytes, form.width, pose), form.palette);
}

/** Each palette index that occurs, most frequent first, with its number of pixels; empty for RGB. */
export function coloursOf({ form, bytes, pose }: Picture): { readonly colour: string; readonly pixels: number }[] {
  if (form.kind === 'rgb') return [];
  const counts = new Map<number, number>();
  for (const index of applyPose(bytes, form.width, pose)) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([index, pixels]) => ({ colour: colourAt(form.palette, index), pixels }));
}

function rgbPixels(image: Uint8Array, pixels: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = displayValue(image[c * pixels + i] as number);
    out[4 * i + 3] = 255;
  }
  return out;
}

function palettePixels(index: Uint8Array, palette: readonly string[]): Uint8ClampedArray<ArrayBuffer> {
  const channels = palette.map((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)));
  const out = new Uint8ClampedArray(4 * index.length);
  index.forEach((value, i) => {
    const colour = channels[value];
    if (colour === undefined) throw new RangeError(`Expected a palette index below ${palette.length}, got ${value}.`);
    out.set(colour, 4 * i);
    out[4 * i + 3] = 255;
  });
  return out;
}

function colourAt(palette: readonly string[], index: number): string {
  const colour = palette[index];
  if (colour === undefined) throw new RangeError(`Expected a palette index below ${palette.length}, got ${index}.`);
  return colour;
}
