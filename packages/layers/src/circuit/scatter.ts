/**
 * A convolution seen from its input: element (y, x) adds to a patch of the output, at the exponent of its position plus those of the
 * kernel's taps. Upsampling makes the step between positions twice as long and the patch one wider; its second line is the first one times
 * a power, which is left to the unit (`fold`). With a stride of 2 only every second exponent of a line is an output, and lines of even and
 * odd y meet different taps.
 */
import type { Geometry } from '../geometry.ts';
import { elementsPerRow, type Grid, type Ring } from './placement.ts';
import type { Line } from './plan.ts';

/** A convolution and the grid of one of its sides: the input's where sizes follow from it, the output's for lines of weights. */
interface Source {
  readonly geometry: Geometry;
  readonly grid: Grid;
}

/** Exponents of the output from one input element to the next. */
export function stepOf({ stride, upsample }: Geometry, spacing: number): number {
  return stride === 2 ? spacing / 2 : spacing * upsample;
}

/** The least spacing of the output at which every row of every source begins at a multiple of `slots`. */
export function spacingOf(sources: readonly Source[], slots: number): number {
  let spacing = Math.max(1, ...sources.map(({ geometry }) => geometry.stride));
  while (sources.some(({ geometry, grid }) => (stepOf(geometry, spacing) * elementsPerRow(grid, slots)) % slots !== 0)) spacing *= 2;
  return spacing;
}

/** What the sources add outside the output. */
export function ringOf(sources: readonly Source[], [, height, width]: readonly [number, number, number], spacing: number): Ring {
  const ring = { top: 0, bottom: 0, left: 0, right: 0 };
  const grow = (side: keyof Ring, by: number) => {
    ring[side] = Math.max(ring[side], by);
  };
  for (const { geometry, grid } of sources) {
    const { kernel, before, stride, upsample } = geometry;
    const first = before - kernel + 1;
    const lastOf = (size: number) => size * upsample - 1 + before;
    grow('top', -Math.ceil(first / stride));
    grow('bottom', Math.floor(lastOf(grid.height) / stride) - (height - 1));
    grow('left', (-first * spacing) / stride);
    grow('right', (lastOf(grid.width) * spacing) / stride - (width - 1) * spacing);
  }
  return ring;
}

/** Lines of one kernel for inputs with `y % stride === phase`, relative to the exponent `origin` of output (0, 0); negated. */
export function tapLines({ geometry, grid }: Source, origin: number, taps: ArrayLike<number>, phase: number): Line[] {
  const { kernel, before, stride, upsample } = geometry;
  const step = grid.spacing / stride;
  const lines: Line[] = [];
  for (let u = 0; u < kernel; u++) {
    const dy = (phase + before - u) / stride;
    if (!Number.isInteger(dy)) continue;
    const weights = new Int32Array((kernel + upsample - 2) * step + 1);
    for (let v = 0; v < kernel; v++) {
      for (let d = 0; d < upsample; d++) (weights[(kernel - 1 - v + d) * step] as number) -= taps[u * kernel + v] as number;
    }
    lines.push({ exponent: origin + dy * grid.stride + (before - kernel + 1) * step, weights });
  }
  return lines;
}
