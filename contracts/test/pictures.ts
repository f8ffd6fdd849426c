/** An independent reader of the vector pictures that tokens' metadata have. It is strict: an unknown form is an error. */

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
