/** From photo to latent: the encoder network, which is never proven. */
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Latent elements in 0..127 for one photo of `[3, 64, 64]` floats in 0..1. Throws `model/encoder`. */
export async function encodePhoto(modelDir: string, photo: Float32Array): Promise<Uint8Array> {
  try {
    const session = await InferenceSession.create(join(modelDir, 'encoder.onnx'), { intraOpNumThreads: 1 });
    const { latent } = await session.run({ image: new Tensor('float32', photo, [1, 3, 64, 64]) });
    const data = Uint8Array.from(latent?.data as Uint8Array);
    await session.release();
    return data;
  } catch (cause) {
    throw new BaseError({
      code: 'model/encoder',
      message: `Expected a working encoder.onnx in ${modelDir}, got: ${(cause as Error).message}.`,
      cause,
    });
  }
}
