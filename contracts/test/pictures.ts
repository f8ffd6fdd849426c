/** Independent readers of the two picture forms that a token's metadata have. Each is strict: an unknown form is an error. */

/** Colours, row-major, of the SVG that Render.sol writes: a background, then one stroke for each run. */
export function readSvg(svg: string): { width: number; height: number; colours: string[]; drawnWidth: number; drawnHeight: number } {
  const document =
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(\d+)" height="(\d+)" viewBox="0 -0\.5 (\d+) (\d+)" shape-rendering="crispEdges"><path fill="(#[0-9a-f]{6})" d="M0-0\.5h(\d+)v(\d+)H0z"\/>(.*)<\/svg>$/.exec(
      svg,
    );
  if (!document) throw new Error(`unknown SVG form: ${svg.slice(0, 200)}`);
  const [drawnWidth, drawnHeight, width, height] = document.slice(1, 5).map(Number) as [number, number, number, number];
  if (Number(document[6]) !== width || Number(document[7]) !== height) throw new Error('the background does not cover the view box');
  const colours = new Array<string>(width * height).fill(document[5] as string);
  const rest = (document[8] as string).replace(/<path stroke="(#[0-9a-f]{6})" d="((?:M\d+ \d+h\d+)+)"\/>/g, (_, colour: string, runs: string) => {
    for (const run of runs.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      const [x, y, length] = run.slice(1).map(Number) as [number, number, number];
      if (length < 1 || x + length > width || y >= height) throw new Error(`run ${run[0]} leaves the picture`);
      colours.fill(colour, y * width + x, y * width + x + length);
    }
    return '';
  });
  if (rest !== '') throw new Error(`unknown SVG content: ${rest.slice(0, 200)}`);
  return { width, height, colours, drawnWidth, drawnHeight };
}

/** Palette and indices of a top-down BMP with 4 bits a pixel. */
export function readBmp(file: Uint8Array): { width: number; height: number; palette: string[]; index: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const width = view.getInt32(18, true);
  const height = -view.getInt32(22, true);
  const offset = view.getUint32(10, true);
  const expected: [string, number, number][] = [
    ['magic', view.getUint16(0, false), 0x424d],
    ['file size', view.getUint32(2, true), file.length],
    ['offset', offset, 118],
    ['header size', view.getUint32(14, true), 40],
    ['planes', view.getUint16(26, true), 1],
    ['bits per pixel', view.getUint16(28, true), 4],
    ['compression', view.getUint32(30, true), 0],
    ['image size', view.getUint32(34, true), file.length - offset],
    ['colours', view.getUint32(46, true), 16],
    ['pixel bytes', file.length - offset, (width / 2) * height],
  ];
  for (const [what, actual, value] of expected) {
    if (actual !== value) throw new Error(`BMP ${what}: expected ${value}, got ${actual}`);
  }
  const hex = (byte: number | undefined) => (byte as number).toString(16).padStart(2, '0');
  const palette = Array.from({ length: 16 }, (_, i) => {
    const at = 54 + 4 * i;
    return `#${hex(file[at + 2])}${hex(file[at + 1])}${hex(file[at])}`;
  });
  const index = Uint8Array.from({ length: width * height }, (_, i) => {
    const byte = file[offset + (i >> 1)] as number;
    return i % 2 === 0 ? byte >> 4 : byte & 15;
  });
  return { width, height, palette, index };
}
