/**
 * Adam (Kingma and Ba 2015) on the latents of a few candidates, keeping for each the best latent met. The arithmetic is in doubles, as
 * in `training/pentimento_training/style/styler.py`, which does the same.
 */
import { MAX_ACTIVATION } from '@pentimento/core';
import type { Candidates, Evaluation } from './graphs.ts';
import type { Dial } from './manifest.ts';

const DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const SMALL = 1e-8;

/** Candidates with their losses, in the order given. */
export interface Refined {
  readonly latents: Float32Array;
  readonly losses: Float32Array;
}

/** `dial.steps` steps from `start`; `evaluate` gives losses and gradient of latents `[count, L]`. */
export async function refine(start: Candidates, dial: Dial, evaluate: (latents: Float32Array) => Promise<Evaluation>): Promise<Refined> {
  const length = start.latents.length / start.count;
  const latents = Float64Array.from(start.latents);
  const mean = new Float64Array(latents.length);
  const square = new Float64Array(latents.length);
  const best = { latents: Float32Array.from(start.latents), losses: new Float32Array(start.count).fill(Number.POSITIVE_INFINITY) };
  for (let step = 0; step <= dial.steps; step++) {
    const current = Float32Array.from(latents);
    const { losses, gradient } = await evaluate(current);
    keepBetter(best, current, losses, length);
    const meanScale = 1 - DECAY ** (step + 1);
    const squareScale = 1 - SQUARE_DECAY ** (step + 1);
    for (let i = 0; i < latents.length; i++) {
      const slope = gradient[i] as number;
      const m = DECAY * (mean[i] as number) + (1 - DECAY) * slope;
      const s = SQUARE_DECAY * (square[i] as number) + (1 - SQUARE_DECAY) * slope * slope;
      mean[i] = m;
      square[i] = s;
      const moved = (latents[i] as number) - (dial.rate * m) / meanScale / (Math.sqrt(s / squareScale) + SMALL);
      latents[i] = Math.min(MAX_ACTIVATION, Math.max(0, moved));
    }
  }
  return best;
}

function keepBetter(best: Refined, current: Float32Array, losses: Float32Array, length: number): void {
  losses.forEach((loss, i) => {
    if (loss >= (best.losses[i] as number)) return;
    best.losses[i] = loss;
    best.latents.set(current.subarray(i * length, (i + 1) * length), i * length);
  });
}
