/** Proven bytes as pixels and as SVG; numbers by hand. */
import { encodePose } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { coloursOf, type Picture, rgbaOf } from '../src/picture/pixels.ts';
import { svgOf } from '../src/picture/svg.ts';

const IDENTITY = encodePose({ mirror: 0, dx: 0, dy: 0 });
const PALETTE = ['#000000', '#ff8000', '#ffffff'];
const picture = (bytes: number[], pose: number): Picture => ({
  form: { kind: 'palette', width: 2, height: 2, palette: PALETTE },
  bytes: Uint8Array.from(bytes),
  pose,
});
const pixels = (rgba: Uint8ClampedArray) => Array.from({ length: rgba.length / 4 }, (_, i) => [...rgba.subarray(4 * i, 4 * i + 4)]);

describe('rgbaOf', () => {
  it('looks palette indices up', () => {
    expect(pixels(rgbaOf(picture([0, 1, 2, 1], IDENTITY)))).toEqual([
      [0, 0, 0, 255],
      [255, 128, 0, 255],
      [255, 255, 255, 255],
      [255, 128, 0, 255],
    ]);
  });

  it('mirrors, and fills what a shift uncovers with the first pixel', () => {
    expect([...rgbaOf(picture([0, 1, 2, 0], encodePose({ mirror: 1, dx: 0, dy: 0 })))]).toEqual([...rgbaOf(picture([1, 0, 0, 2], IDENTITY))]);
    expect([...rgbaOf(picture([0, 1, 2, 1], encodePose({ mirror: 0, dx: 1, dy: 0 })))]).toEqual([...rgbaOf(picture([0, 0, 0, 2], IDENTITY))]);
    expect([...rgbaOf(picture([0, 1, 2, 1], encodePose({ mirror: 0, dx: 0, dy: -1 })))]).toEqual([...rgbaOf(picture([2, 1, 2, 1], IDENTITY))]);
  });

  it('shows channel values as twice themselves and the top bit, plane by plane', () => {
    const form = { kind: 'rgb', width: 2, height: 1, palette: [] } as const;
    expect(pixels(rgbaOf({ form, bytes: Uint8Array.of(0, 127, 63, 64, 1, 2), pose: IDENTITY }))).toEqual([
      [0, 126, 2, 255],
      [255, 129, 4, 255],
    ]);
  });

  it('refuses bytes that are no picture', () => {
    expect(() => rgbaOf(picture([0, 1, 2], IDENTITY))).toThrow(/Expected 4 bytes/);
    expect(() => rgbaOf(picture([0, 1, 2, 3], IDENTITY))).toThrow(/palette index below 3/);
  });
});

describe('coloursOf', () => {
  it('counts, most frequent first', () => {
    expect(coloursOf(picture([1, 1, 2, 1], IDENTITY))).toEqual([
      { colour: '#ff8000', pixels: 3 },
      { colour: '#ffffff', pixels: 1 },
    ]);
  });
});

describe('svgOf', () => {
  it('draws one rectangle for each run of a row', () => {
    const rects = svgOf(picture([1, 1, 2, 0], IDENTITY)).match(/<rect[^>]*>/g);
    expect(rects).toEqual([
      '<rect x="0" y="0" width="2" height="1" fill="#ff8000"/>',
      '<rect x="0" y="1" width="1" height="1" fill="#ffffff"/>',
      '<rect x="1" y="1" width="1" height="1" fill="#000000"/>',
    ]);
  });
});
