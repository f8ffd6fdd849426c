/** The decoder as a binary32 program: an input for each latent element, an output for each pixel's label or for each value of an RGB image. */
import type { Model } from '@pentimento/layers';
import { programArithmetic } from '../arithmetics.ts';
import { decodeWith } from '../decoder.ts';
import { type CompiledProgram, Program, type Recorder } from './program.ts';

/** Throws what `decodeWith` throws. */
export function compileDecoder(model: Model): CompiledProgram {
  const program = new Program();
  recordDecoder(model, program);
  return program.compile();
}

export function recordDecoder(model: Model, recorder: Recorder): void {
  const latent = Array.from({ length: model.manifest.latent.length }, () => recorder.input());
  const { index, image } = decodeWith(model, programArithmetic(recorder), latent);
  for (const pixel of index) recorder.outputLabel(pixel);
  for (const value of image) recorder.output(value);
}
