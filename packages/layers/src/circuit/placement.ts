/**
 * Where a tensor lives in the table of rows. A row has `slots` triples of cells (h, r, o); the pair (row, slot) has the exponent
 * `slots*row + slot`, and every linear layer is checked as an identity of polynomials in the challenge b over these exponents
 * (book/circuit.md). A convolution's output therefore keeps its ring: the product of two polynomials has those terms too.
 */

export interface Grid {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Exponents before element (0, 0) of a channel: its ring above and to the left. */
  readonly lead: number;
  /** Exponents from one y to the next, a multiple of `slots`. */
  readonly stride: number;
  /** Exponents from one x to the next, a power of two. */
  readonly spacing: number;
  /** Exponents from one channel to the next, a multiple of `slots`. */
  readonly channelStride: number;
  readonly rows: number;
}

/** What surrounds the elements: lines above and below, exponents to the left and right. */
export interface Ring {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const NO_RING: Ring = { top: 0, bottom: 0, left: 0, right: 0 };

const ceilTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/**
 * Lines share their rings: what one line has on its right and the next one on its left may fall on the same exponents, but never on an
 * element. Those sums stay within the channel's bounds, because the two sides come from different taps of the kernel.
 */
export function gridOf(shape: readonly [number, number, number], ring: Ring, spacing: number, slots: number): Grid {
  const [channels, height, width] = shape;
  const stride = ceilTo((width - 1) * spacing + Math.max(ring.left, ring.right) + 1, slots);
  const lead = ring.top * stride + ceilTo(ring.left, slots);
  const end = lead + (height - 1 + ring.bottom) * stride + (width - 1) * spacing + ring.right + 1;
  const channelStride = ceilTo(end, slots);
  return { channels, height, width, lead, stride, spacing, channelStride, rows: (channels * channelStride) / slots };
}

/** One element a row, in slot 0. */
export function vectorOf(channels: number, slots: number): Grid {
  return gridOf([channels, 1, 1], NO_RING, slots, slots);
}

/** Exponent of element (c, y, x), counted from the grid's first row. */
export function offsetOf(grid: Grid, c: number, y: number, x: number): number {
  return c * grid.channelStride + grid.lead + y * grid.stride + x * grid.spacing;
}

/** Elements in a row that holds any. */
export function elementsPerRow({ spacing }: Grid, slots: number): number {
  return Math.max(1, slots / spacing);
}

/** Rows, counted from the grid's first, of one line of elements, with the x of the first element of each. */
export function lineRows(grid: Grid, c: number, y: number, slots: number): { row: number; x: number }[] {
  const rows: { row: number; x: number }[] = [];
  for (let x = 0; x < grid.width; x += elementsPerRow(grid, slots)) rows.push({ row: offsetOf(grid, c, y, x) / slots, x });
  return rows;
}
