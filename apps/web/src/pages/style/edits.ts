/** From the found latent and the positions of the sliders to the latent that is painted. Integers in 0..127, the same each time. */
import { MAX_ACTIVATION } from '@pentimento/core';
import type { Direction } from '../../worker/directions.ts';

export interface Edits {
  /** Position of each direction's slider, -100..100. */
  readonly amounts: readonly number[];
  /** How far towards the chosen variation, 0..100. */
  readonly blend: number;
  /** The variation, or null. */
  readonly target: Uint8Array | null;
  /** How far towards the random latent of `seed`, 0..100. */
  readonly wander: number;
  readonly seed: number;
  /** 0..125. */
  readonly pose: number;
}

export const untouched = (pose: number, seed: number): Edits => ({ amounts: [], blend: 0, target: null, wander: 0, seed, pose });

/** Share of the way to the random latent at the slider's end: all the way is noise. */
const WANDER_REACH = 0.35;

/** `base` `[L]` in 0..127, moved by the sliders and rounded. */
export function editedLatent(base: Uint8Array, directions: readonly Direction[], edits: Edits): Uint8Array {
  const { amounts, blend, target, wander, seed } = edits;
  const random = wander === 0 ? null : randomLatent(base, seed);
  return Uint8Array.from(base, (start, i) => {
    let value = start;
    if (target !== null) value += ((target[i] as number) - start) * (blend / 100);
    directions.forEach((direction, d) => {
      value += ((amounts[d] ?? 0) / 100) * direction.reach * (direction.vector[i] as number);
    });
    if (random !== null) value += ((random[i] as number) - value) * (wander / 100) * WANDER_REACH;
    return Math.min(MAX_ACTIVATION, Math.max(0, Math.round(value)));
  });
}

/** The elements of `latent` in another order, given by the seed: random, and yet with the values that the model knows. */
export function randomLatent(latent: Uint8Array, seed: number): Uint8Array {
  const out = Uint8Array.from(latent);
  const next = generator(seed);
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j] as number, out[i] as number];
  }
  return out;
}

/** Mulberry32 (public domain, T. Ettinger): numbers in [0, 1) from a 32-bit seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
