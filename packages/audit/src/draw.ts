/**
 * A circuit as a picture: one strip for each column from the first row at the top to the last at the bottom, darker where more cells of a
 * bin of rows are not zero, and the regions of the layout beside them.
 */
import { type Circuit, type Column, usableRows, type Witness } from '@pentimento/circuit';

export interface Region {
  readonly name: string;
  readonly first: number;
  readonly rows: number;
}

export interface Drawing {
  readonly circuit: Circuit;
  /** Fills the phase-0 strips; without it they are drawn empty. Phase-1 strips have no values before a challenge exists. */
  readonly witness?: Witness;
  readonly regions: readonly Region[];
  readonly title: string;
}

const BINS = 240;
const BIN = 3;
const STRIP = 18;
const GAP = 4;
const TOP = 118;
const LEFT = 150;
const KINDS = {
  fixed: { colour: '#4a6fa5', label: 'fixed: weights, tables, selectors' },
  phase0: { colour: '#b5533c', label: 'advice, phase 0: the witness' },
  phase1: { colour: '#5d8a4c', label: 'advice, phase 1: after the challenges' },
  instance: { colour: '#8a6d3b', label: 'instance: what is public' },
};

interface Strip {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly density: readonly number[];
}

/** A self-contained SVG document that reads on light and on dark pages. */
export function drawCircuit({ circuit, witness, regions, title }: Drawing): string {
  const { ir } = circuit;
  const rows = 2 ** ir.k;
  const strips = stripsOf(circuit, witness, rows);
  const width = LEFT + strips.length * (STRIP + GAP) + 20;
  const height = TOP + BINS * BIN + 34 + 18 * Object.keys(KINDS).length;
  const counts = `2^${ir.k} rows, ${usableRows(ir)} usable; ${ir.fixed.length} fixed, ${ir.advice.length} advice columns, ${ir.copies.length} copies`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="11">`,
    `<title>${xml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fbf9f4"/>`,
    text(12, 22, title, 'font-size="15" font-weight="600"'),
    text(12, 40, counts, 'fill="#555"'),
    ...strips.flatMap((strip, i) => drawStrip(strip, LEFT + i * (STRIP + GAP))),
    ...regions.flatMap((region) => drawRegion(region, rows, width)),
    ...Object.values(KINDS).flatMap(({ colour, label }, i) => {
      const y = TOP + BINS * BIN + 26 + 18 * i;
      return [`<rect x="${LEFT}" y="${y - 9}" width="11" height="11" fill="${colour}"/>`, text(LEFT + 18, y, label)];
    }),
    '</svg>',
    '',
  ].join('\n');
}

function stripsOf({ ir, fixed }: Circuit, witness: Witness | undefined, rows: number): Strip[] {
  return [
    ...ir.fixed.map((name, i): Strip => ({ name, kind: 'fixed', density: densityOf(fixed[i] as Column, rows) })),
    ...ir.advice.map(
      ({ name, phase }, i): Strip => ({ name, kind: phase === 0 ? 'phase0' : 'phase1', density: densityOf(witness?.advice[i] ?? [], rows) }),
    ),
    ...ir.instances.map(({ name, rows: count }): Strip => ({ name, kind: 'instance', density: densityOf(new Int32Array(count).fill(1), rows) })),
  ];
}

/** Share of non-zero cells in each of `BINS` equal parts of the rows. */
function densityOf(column: Column, rows: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  column.forEach((value: number | bigint, row: number) => {
    const bin = Math.floor((row * BINS) / rows);
    if (value !== 0 && value !== 0n) counts[bin] = (counts[bin] as number) + 1;
  });
  return counts.map((count) => count / Math.max(1, rows / BINS));
}

function drawStrip({ name, kind, density }: Strip, x: number): string[] {
  const { colour } = KINDS[kind];
  const bars: string[] = [];
  for (let bin = 0; bin < BINS; bin++) {
    const level = Math.min(1, Math.ceil((density[bin] as number) * 5) / 5);
    let length = 1;
    while (bin + length < BINS && Math.min(1, Math.ceil((density[bin + length] as number) * 5) / 5) === level) length++;
    if (level > 0) bars.push(`<rect x="${x}" y="${TOP + bin * BIN}" width="${STRIP}" height="${length * BIN}" opacity="${0.25 + 0.75 * level}"/>`);
    bin += length - 1;
  }
  return [
    `<rect x="${x}" y="${TOP}" width="${STRIP}" height="${BINS * BIN}" fill="none" stroke="${colour}" stroke-opacity="0.35"/>`,
    `<g fill="${colour}">${bars.join('')}</g>`,
    `<text transform="translate(${x + 13} ${TOP - 6}) rotate(-60)" fill="#333">${xml(name)}</text>`,
  ];
}

function drawRegion({ name, first, rows: count }: Region, rows: number, width: number): string[] {
  const scale = (BINS * BIN) / rows;
  const [y, height] = [TOP + first * scale, count * scale];
  const line = `<line x1="${LEFT - 8}" x2="${width - 14}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#222" stroke-opacity="0.25" stroke-dasharray="2 3"/>`;
  if (height < 9) return [line];
  return [
    line,
    text(12, y + Math.min(height / 2 + 4, 16), name, 'font-weight="600"'),
    text(12, y + Math.min(height / 2 + 16, 29), height < 26 ? '' : `${count} rows`, 'fill="#777"'),
  ];
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return content === '' ? '' : `<text x="${x}" y="${y.toFixed(1)}" ${attributes}>${xml(content)}</text>`;
}

function xml(value: string): string {
  return value.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string);
}
