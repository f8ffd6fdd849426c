/** A picture as an SVG of rectangles, one for each horizontal run of a colour: sharp at any size, without an embedded bitmap. */
import { type Picture, rgbaOf } from './pixels.ts';

/** Side of the drawing in units of the file; viewers scale it. */
const DISPLAY_SIZE = 1024;

export function svgOf(picture: Picture): string {
  const { width, height } = picture.form;
  const rgba = rgbaOf(picture);
  const rows = Array.from({ length: height }, (_, y) => rowRuns(rgba, width, y).join(''));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${DISPLAY_SIZE}" height="${DISPLAY_SIZE}" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges">${rows.join('')}</svg>\n`;
}

function rowRuns(rgba: Uint8ClampedArray, width: number, y: number): string[] {
  const runs: string[] = [];
  let start = 0;
  for (let x = 1; x <= width; x++) {
    if (x < width && colourOf(rgba, y * width + x) === colourOf(rgba, y * width + start)) continue;
    runs.push(`<rect x="${start}" y="${y}" width="${x - start}" height="1" fill="${colourOf(rgba, y * width + start)}"/>`);
    start = x;
  }
  return runs;
}

function colourOf(rgba: Uint8ClampedArray, pixel: number): string {
  return `#${[0, 1, 2].map((c) => (rgba[4 * pixel + c] as number).toString(16).padStart(2, '0')).join('')}`;
}
