/**
 * From photo to latent and pose, which is never proven: by the model's style package, or by the encoder network alone where a model was
 * exported without one.
 */
import { join } from 'node:path';
import { BaseError, IDENTITY_POSE } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openStyle } from './styler.ts';

export interface Encoded {
  /** 0..127 each. */
  readonly latent: Uint8Array;
  /** 0..125. */
  readonly pose: number;
  /** The dial that was used; absent where the model has no style package. */
  readonly dial?: string;
}

export interface EncodeOptions {
  readonly dial?: string | undefined;
  readonly seed?: number | undefined;
}

/** Latent and pose for a photo `[3, 64, 64]` of floats in 0..1. Throws `style/*` and `model/encoder`. */
export async function encodePhoto(model: Model, modelDir: string, photo: Float32Array, options: EncodeOptions = {}): Promise<Encoded> {
  if (!model.manifest.style) return proposal(modelDir, photo, options);
  const styler = await openStyle(modelDir);
  try {
    const { latent, pose } = await styler.style(photo, options);
    return { latent, pose, dial: options.dial ?? styler.defaultDial };
  } finally {
    await styler.release();
  }
}

async function proposal(modelDir: string, photo: Float32Array, { dial }: EncodeOptions): Promise<Encoded> {
  if (dial !== undefined) {
    const message = `Expected a model with a style package for the dial ${dial}, got ${modelDir}, which has none.`;
    throw new BaseError({ code: 'style/not-found', message });
  }
  try {
    const session = await InferenceSession.create(join(modelDir, 'encoder.onnx'), { intraOpNumThreads: 1 });
    const { latent } = await session.run({ image: new Tensor('float32', photo, [1, 3, 64, 64]) });
    const data = Uint8Array.from(latent?.data as Uint8Array);
    await session.release();
    return { latent: data, pose: IDENTITY_POSE };
  } catch (cause) {
    throw new BaseError({
      code: 'model/encoder',
      message: `Expected a working encoder.onnx in ${modelDir}, got: ${(cause as Error).message}.`,
      cause,
    });
  }
}
