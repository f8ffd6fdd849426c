/** The two ONNX graphs of a style package, on one thread, behind typed arrays. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dial } from './manifest.ts';

const SIDE = 64;

/** Latents `[count, L]` as floats in 0..127, and one pose byte for each. */
export interface Candidates {
  readonly count: number;
  readonly latents: Float32Array;
  readonly poses: BigInt64Array;
}

/** Candidates with their losses `[count]`. */
export interface Compared extends Candidates {
  readonly losses: Float32Array;
}

export interface Evaluation {
  /** `[count]`. */
  readonly losses: Float32Array;
  /** `[count, L]`. */
  readonly gradient: Float32Array;
}

export interface StyleGraphs {
  /** The bank's best entries in their best poses for a photo, by the search's own score. */
  readonly search: (photo: Float32Array, dial: Dial) => Promise<Compared>;
  /** Loss and gradient of every candidate; `origin` `[count, L]` is where the inertia pulls to. */
  readonly evaluate: (photo: Float32Array, candidates: Candidates, origin: Float32Array, dial: Dial) => Promise<Evaluation>;
  readonly release: () => Promise<void>;
}

export async function openGraphs(searchModel: Uint8Array, stepModel: Uint8Array): Promise<StyleGraphs> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const [search, step] = await Promise.all([InferenceSession.create(searchModel, options), InferenceSession.create(stepModel, options)]);
  return {
    search: async (photo, dial) => {
      const { latent, latentPose, loss } = await search.run(lossInputs(photo, dial), ['latent', 'latentPose', 'loss']);
      const poses = latentPose?.data as BigInt64Array;
      return { count: poses.length, latents: latent?.data as Float32Array, poses, losses: loss?.data as Float32Array };
    },
    evaluate: async (photo, { count, latents, poses }, origin, dial) => {
      const shape = [count, latents.length / count];
      const { loss, gradient } = await step.run({
        ...lossInputs(photo, dial),
        latent: new Tensor('float32', latents, shape),
        origin: new Tensor('float32', origin, shape),
        pose: new Tensor('int64', poses, [count]),
        inertia: vector(dial.inertia),
      });
      return { losses: loss?.data as Float32Array, gradient: gradient?.data as Float32Array };
    },
    release: async () => {
      await Promise.all([search.release(), step.release()]);
    },
  };
}

function lossInputs(photo: Float32Array, { amounts, colour, tilt }: Dial): Record<string, Tensor> {
  return {
    photo: new Tensor('float32', photo, [1, 3, SIDE, SIDE]),
    amounts: vector(amounts),
    colour: vector(Float32Array.of(colour)),
    tilt: vector(tilt),
  };
}

const vector = (values: Float32Array): Tensor => new Tensor('float32', values, [values.length]);
