/** Latents near a given one, for choosing among several pictures. The same request gives the same latents on every machine. */
import { MAX_ACTIVATION } from '@pentimento/core';

export interface VariationOptions {
  /** How many, 1..16. */
  readonly count: number;
  /** 0..1: at 1 an element moves as far as it does among the collection's own latents. */
  readonly strength: number;
  /** 0..2^32-1. */
  readonly seed: number;
  /** `[L]`: how much each element varies in the collection. */
  readonly deviation: readonly number[];
}

/** `latent[i] + strength * deviation[i] * noise`, rounded and clamped to 0..127; the noise has mean 0 and variance 1. */
export function variationsOf(latent: Uint8Array, { count, strength, seed, deviation }: VariationOptions): Uint8Array[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () =>
    latent.map((value, i) => Math.min(MAX_ACTIVATION, Math.max(0, Math.floor(value + strength * (deviation[i] as number) * normal(random) + 0.5)))),
  );
}

/** The sum of twelve uniform numbers minus six: near enough to normal, and without functions that differ between machines. */
function normal(random: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

/** The generator mulberry32: numbers in 0..1 from a 32-bit state. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
