/** The square that is cut out of a photo. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CENTRE, dragged, MAX_ZOOM, squareOf, zoomed } from '../src/pages/style/crop.ts';

describe('squareOf', () => {
  it('is the largest square in the centre at first', () => {
    expect(squareOf(CENTRE, 400, 300)).toEqual({ left: 50, top: 0, side: 300 });
    expect(squareOf(CENTRE, 300, 400)).toEqual({ left: 0, top: 50, side: 300 });
  });

  it('zooms and moves', () => {
    expect(squareOf({ zoom: 2, x: 1, y: 0 }, 400, 300)).toEqual({ left: 250, top: 0, side: 150 });
  });
});

describe('dragged', () => {
  it('follows the hand: to the right shows more of the left', () => {
    const moved = squareOf(dragged({ zoom: 2, x: 0.5, y: 0.5 }, 0.1, -0.2, 400, 300), 400, 300);
    expect(moved.left).toBeCloseTo(125 - 15);
    expect(moved.top).toBeCloseTo(75 + 30);
  });

  it('never leaves the photo', () => {
    const unit = fc.double({ min: -3, max: 3, noNaN: true });
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(unit, unit, unit, size, size, (zoom, dx, dy, width, height) => {
        const { left, top, side } = squareOf(dragged(zoomed(CENTRE, 1 + Math.abs(zoom)), dx, dy, width, height), width, height);
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(left + side).toBeLessThanOrEqual(width + 1e-6);
        expect(top + side).toBeLessThanOrEqual(height + 1e-6);
      }),
    );
  });
});

describe('zoomed', () => {
  it('keeps within 1 and the largest zoom', () => {
    expect(zoomed(CENTRE, 0.2).zoom).toBe(1);
    expect(zoomed(CENTRE, 99).zoom).toBe(MAX_ZOOM);
  });
});
