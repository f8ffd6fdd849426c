/**
 * The few directions of latent space in which the picture changes most around one latent. Method: the Jacobian of the decoder's last
 * layer by one-sided differences, and the leading eigenvectors of J J^T (power iteration with deflation); they are the principal
 * directions of small random changes. Deterministic.
 */
import { MAX_ACTIVATION } from '@pentimento/core';

export interface Direction {
  /** `[L]`, of length 1. */
  readonly vector: readonly number[];
  /** Latent units at the slider's end. */
  readonly reach: number;
  /** Where it paints: mean change of each pixel, `[H*W]` in 0..1. */
  readonly heat: readonly number[];
}

export interface DecoderView {
  /** Pixels of the picture. */
  readonly pixels: number;
  /** Output of the last layer, `[K, H, W]` logits or `[3, H, W]` values. */
  readonly decode: (latent: Uint8Array) => Int32Array;
  /** Share of pixels that look different in two such outputs, 0..1. */
  readonly difference: (a: Int32Array, b: Int32Array) => number;
}

/** Step of the differences, in latent units: large enough to pass the rounding of 8-bit layers. */
const STEP = 12;
/** A slider's end changes about this share of the pixels. */
const VISIBLE = 0.3;
const ITERATIONS = 40;
const REACHES: readonly number[] = [20, 30, 45, 70, 105, 160, 240, 360];

/** Rows of the Jacobian, `[L][K*H*W]`. */
export function jacobianOf(view: DecoderView, latent: Uint8Array): Float32Array[] {
  const origin = view.decode(latent);
  return Array.from(latent, (value, i) => {
    const moved = Uint8Array.from(latent);
    const step = value + STEP <= MAX_ACTIVATION ? STEP : -STEP;
    moved[i] = value + step;
    return Float32Array.from(view.decode(moved), (output, o) => (output - (origin[o] as number)) / step);
  });
}

/** The `count` strongest directions around `latent`, strongest first. */
export function principalDirections(view: DecoderView, latent: Uint8Array, jacobian: readonly Float32Array[], count: number): Direction[] {
  const origin = view.decode(latent);
  return eigenvectors(gram(jacobian), count).map((vector) => ({
    vector,
    reach: reachOf(view, latent, vector, origin),
    heat: heatOf(jacobian, vector, view.pixels),
  }));
}

/** `J J^T`, `[L][L]`. */
function gram(rows: readonly Float32Array[]): Float64Array[] {
  const out = rows.map(() => new Float64Array(rows.length));
  rows.forEach((a, i) => {
    for (let j = 0; j <= i; j++) {
      const b = rows[j] as Float32Array;
      let sum = 0;
      for (let o = 0; o < a.length; o++) sum += (a[o] as number) * (b[o] as number);
      (out[i] as Float64Array)[j] = sum;
      (out[j] as Float64Array)[i] = sum;
    }
  });
  return out;
}

/** Leading eigenvectors of a symmetric positive matrix, each of length 1 and with a positive largest element. */
function eigenvectors(matrix: readonly Float64Array[], count: number): number[][] {
  const found: number[][] = [];
  for (let k = 0; k < count; k++) {
    // Any start with a part in every direction; cosines of growing steps are orthogonal to nothing.
    let vector = normalised(matrix.map((_, i) => Math.cos(1 + i * (k + 1))));
    for (let step = 0; step < ITERATIONS; step++) vector = normalised(deflated(product(matrix, vector), found));
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    found.push(largest < 0 ? vector.map((value) => -value) : vector);
  }
  return found;
}

function product(matrix: readonly Float64Array[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] as number), 0));
}

function deflated(vector: number[], found: readonly number[][]): number[] {
  return found.reduce((rest, known) => {
    const part = known.reduce((sum, value, i) => sum + value * (rest[i] as number), 0);
    return rest.map((value, i) => value - part * (known[i] as number));
  }, vector);
}

function normalised(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

/** The smallest reach at which one of both ends changes enough of the picture, by bisection; the largest when none does. */
function reachOf(view: DecoderView, latent: Uint8Array, vector: readonly number[], origin: Int32Array): number {
  const end = (amount: number) =>
    view.decode(Uint8Array.from(latent, (v, i) => Math.min(MAX_ACTIVATION, Math.max(0, Math.round(v + amount * (vector[i] as number))))));
  const enough = (reach: number) => view.difference(origin, end(reach)) >= VISIBLE || view.difference(origin, end(-reach)) >= VISIBLE;
  let [low, high] = [0, REACHES.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (enough(REACHES[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return REACHES[low] as number;
}

function heatOf(jacobian: readonly Float32Array[], vector: readonly number[], pixels: number): number[] {
  const length = jacobian[0]?.length ?? 0;
  const change = new Float64Array(length);
  jacobian.forEach((row, i) => {
    for (let o = 0; o < length; o++) change[o] = (change[o] as number) + (row[o] as number) * (vector[i] as number);
  });
  const heat = new Float64Array(pixels);
  change.forEach((value, o) => {
    heat[o % pixels] = (heat[o % pixels] as number) + Math.abs(value);
  });
  const top = heat.reduce((best, value) => Math.max(best, value), 1e-9);
  return Array.from(heat, (value) => value / top);
}
