/**
 * Integer reference of the decoder (book/formats.md, section 1): the numbers that every other implementation must reproduce exactly.
 * Runs in Node and in browsers. Tensors are row-major typed arrays `[C, H, W]`; activations lie in 0..127, accumulators in int32 (a
 * validated model cannot overflow them).
 */
import { BaseError, MAX_ACTIVATION } from '@pentimento/core';
import { geometryOf, isWeighted, shiftsOf } from './geometry.ts';
import type { Layer, Manifest } from './manifest.ts';
import type { Model } from './model.ts';
import { paletteHead, rgbHead } from './reference/head.ts';
import { channelBias, convolution, fullyConnected, type Ints, type Shape3 } from './reference/linear.ts';
import { add, averagePool, globalAveragePool, maxPool } from './reference/pool.ts';

export { type Manifest, parseManifest } from './manifest.ts';
export { type Model, parseModel } from './model.ts';

export interface DecoderRun {
  /** Output of every layer by id, row-major; for a palette head its logits `[K, H, W]`. */
  readonly layers: Map<string, Int32Array>;
  /** `[H, W]` palette indices, before the pose; empty with an RGB head. */
  readonly index: Uint8Array;
  /** `[3, H, W]` channel values 0..127, before the pose; empty with a palette head. */
  readonly image: Uint8Array;
}

/**
 * Decodes one latent (`[latent.length]`, each 0..127) and keeps every layer's output.
 * Throws `model/latent-length` and `model/latent-out-of-range`; the model must be one that `parseModel` accepted.
 */
export function runDecoder(model: Model, latent: Uint8Array): DecoderRun {
  assertLatent(model.manifest, latent);
  const tensors: Tensors = {
    model,
    outputs: new Map<string, Ints>([['latent', latent]]),
    shapes: new Map(model.manifest.layers.map((layer) => [layer.id, layer.shape])),
  };
  const layers = new Map<string, Int32Array>();
  let index = new Uint8Array();
  for (const layer of model.manifest.layers) {
    const step = layer.op === 'paletteArgmax' ? palette(tensors, layer.input, layer) : { output: runLayer(tensors, layer) };
    tensors.outputs.set(layer.id, step.output);
    layers.set(layer.id, step.output);
    if ('index' in step) index = step.index;
  }
  const last = model.manifest.layers.at(-1);
  return { layers, index, image: last?.op === 'rgb' ? Uint8Array.from(layers.get(last.id) as Int32Array) : new Uint8Array() };
}

interface Tensors {
  readonly model: Model;
  readonly outputs: Map<string, Ints>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

function palette({ model, outputs }: Tensors, id: string, layer: { readonly weight: string; readonly bias: string }) {
  const { logits, index } = paletteHead({ input: outputs.get(id) as Ints, weight: dataOf(model, layer.weight), bias: dataOf(model, layer.bias) });
  return { output: logits, index };
}

function runLayer({ model, outputs, shapes }: Tensors, layer: Exclude<Layer, { op: 'paletteArgmax' }>): Int32Array {
  const input = outputs.get(layer.input) as Ints;
  const inputShape = shapes.get(layer.input) as Shape3;
  if (!isWeighted(layer)) {
    if (layer.op === 'add') return add(input, outputs.get(layer.other) as Ints, layer.activation);
    if (layer.op === 'globalAveragePool') return globalAveragePool(input, inputShape);
    if (layer.op === 'averagePool') return averagePool(input, inputShape);
    return layer.op === 'maxPool' ? maxPool(input, inputShape) : unknownOperation(layer.op);
  }
  const parameters = { input, weight: dataOf(model, layer.weight), bias: dataOf(model, layer.bias) };
  if (layer.op === 'rgb') return rgbHead({ ...parameters, shift: layer.shift });
  const rescaling = { shifts: shiftsOf(layer, layer.shape[0]), activation: layer.activation };
  if (layer.op === 'fullyConnected') return fullyConnected({ ...parameters, ...rescaling });
  const branch = layer.channelBias && channelBias(outputs.get(layer.channelBias.input) as Ints, dataOf(model, layer.channelBias.weight));
  return convolution({ ...parameters, ...rescaling, inputShape, geometry: geometryOf(layer), channelBias: branch });
}

/** The compiler refuses a call as soon as an operation of the format has no branch. */
function unknownOperation(op: never): never {
  throw new RangeError(`no arithmetic for ${op}`);
}

function dataOf(model: Model, name: string): Ints {
  const tensor = model.weights.get(name);
  if (!tensor)
    throw new BaseError({ code: 'model/missing-tensor', message: `Expected a tensor ${JSON.stringify(name)} in the weights, found none.` });
  return tensor.data;
}

/** Throws `model/latent-length` or `model/latent-out-of-range` when no latent of the model is this. */
export function assertLatent({ latent: { length } }: Manifest, latent: Uint8Array): void {
  if (latent.length !== length) {
    throw new BaseError({ code: 'model/latent-length', message: `Expected a latent of ${length} elements, got ${latent.length}.` });
  }
  const position = latent.findIndex((value) => value > MAX_ACTIVATION);
  if (position >= 0) {
    const message = `Expected every latent element in 0..${MAX_ACTIVATION}, got ${latent[position]} at position ${position}.`;
    throw new BaseError({ code: 'model/latent-out-of-range', message });
  }
}
