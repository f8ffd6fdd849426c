/**
 * Where each tensor lives in the table of rows. A row has `slots` cells triples (h, r, o); the pair (row, slot) has the exponent
 * `slots*row + slot`, and every linear layer is checked as an identity of polynomials in the challenge b over these exponents
 * (book/circuit.md). A convolution's output therefore keeps its zero-padding ring: the product of two polynomials has those terms too.
 */

export interface Grid {
  readonly kind: 'grid';
  readonly baseRow: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** 1 when the tensor carries the ring of a convolution, else 0. */
  readonly ring: 0 | 1;
  /** Exponents from one y to the next. */
  readonly stride: number;
  /** Exponents from one channel to the next. */
  readonly channelStride: number;
  readonly rows: number;
}

/** One element per row, in slot 0. */
export interface Vector {
  readonly kind: 'vector';
  readonly baseRow: number;
  readonly channels: number;
  readonly rows: number;
}

/** The palette head: plane q holds the classes 2q and 2q+1 of every pixel, side by side. */
export interface Planes {
  readonly kind: 'planes';
  readonly baseRow: number;
  readonly classes: number;
  readonly pixels: number;
  readonly rows: number;
}

export type Placement = Grid | Vector | Planes;

const ceilTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export function placeGrid(baseRow: number, [channels, height, width]: readonly [number, number, number], ring: 0 | 1, slots: number): Grid {
  const stride = ceilTo(width + 2 * ring, slots);
  const last = ring ? (height + 1) * stride + width + slots : height * stride - 1;
  const channelStride = ceilTo(last + 1, slots);
  return { kind: 'grid', baseRow, channels, height, width, ring, stride, channelStride, rows: (channels * channelStride) / slots };
}

export function placeVector(baseRow: number, channels: number): Vector {
  return { kind: 'vector', baseRow, channels, rows: channels };
}

export function placePlanes(baseRow: number, classes: number, pixels: number, slots: number): Planes {
  return { kind: 'planes', baseRow, classes, pixels, rows: (classes * pixels) / slots };
}

/** Exponent of element (c, y, x), counted from the grid's first row; the ring has y or x equal to -1, height or width. */
export function gridOffset(grid: Grid, c: number, y: number, x: number, slots: number): number {
  return c * grid.channelStride + (y + grid.ring) * grid.stride + x + (grid.ring ? slots : 0);
}

/** Exponent of class k of pixel p, counted from the head's first row. */
export function planeOffset(planes: Planes, k: number, p: number): number {
  return (k >> 1) * 2 * planes.pixels + 2 * p + (k & 1);
}

/** Rows of a channel's inner elements, with the coordinates of the first one of each row. */
export function innerRows(grid: Grid, c: number, slots: number): { row: number; y: number; x: number }[] {
  const rows: { row: number; y: number; x: number }[] = [];
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x += slots) rows.push({ row: grid.baseRow + gridOffset(grid, c, y, x, slots) / slots, y, x });
  }
  return rows;
}

/** All rows of a channel, ring and padding included. */
export function channelRows(grid: Grid, c: number, slots: number): number[] {
  const perChannel = grid.channelStride / slots;
  return Array.from({ length: perChannel }, (_, i) => grid.baseRow + c * perChannel + i);
}
