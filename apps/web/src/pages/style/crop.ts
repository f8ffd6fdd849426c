/** The square that is cut out of a photo: the largest that fits, made smaller by `zoom` and moved within the photo. */

export interface Crop {
  /** 1 is the largest square, 4 a quarter of its side. */
  readonly zoom: number;
  /** Position of the square between the two ends that it can reach, 0..1; 0.5 is the centre. */
  readonly x: number;
  readonly y: number;
}

/** In pixels of the photo. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

export const CENTRE: Crop = { zoom: 1, x: 0.5, y: 0.5 };
export const MAX_ZOOM = 4;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export function squareOf({ zoom, x, y }: Crop, width: number, height: number): Square {
  const side = Math.min(width, height) / clamp(zoom, 1, MAX_ZOOM);
  return { left: (width - side) * clamp(x, 0, 1), top: (height - side) * clamp(y, 0, 1), side };
}

/** Moves what is seen by `dx`, `dy` shares of the shown square, as a hand drags it: to the right shows more of the left. */
export function dragged(crop: Crop, dx: number, dy: number, width: number, height: number): Crop {
  const { left, top, side } = squareOf(crop, width, height);
  const along = (start: number, by: number, room: number) => (room <= 0 ? 0.5 : clamp((start - by * side) / room, 0, 1));
  return { zoom: crop.zoom, x: along(left, dx, width - side), y: along(top, dy, height - side) };
}

export function zoomed(crop: Crop, zoom: number): Crop {
  return { ...crop, zoom: clamp(zoom, 1, MAX_ZOOM) };
}
