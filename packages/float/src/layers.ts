/** The part of the model format that the comparison covers: the layers of the presets. Everything else is rejected by name. */
import { BaseError } from '@pentimento/core';
import type { Model } from '@pentimento/layers';

export type Shape3 = readonly [channels: number, height: number, width: number];

export interface Weighted {
  readonly id: string;
  readonly input: string;
  readonly weight: string;
  readonly bias: string;
  readonly shift: number;
}

export type PlainLayer =
  | (Weighted & { readonly op: 'fullyConnected'; readonly shape: Shape3 })
  | (Weighted & {
      readonly op: 'convolution';
      readonly shape: Shape3;
      readonly branch: { readonly input: string; readonly weight: string } | undefined;
    })
  | (Weighted & { readonly op: 'paletteArgmax' })
  | (Weighted & { readonly op: 'rgb' })
  | { readonly op: 'pool'; readonly id: string; readonly input: string };

/**
 * Fully connected layers, 3x3 convolutions over the x2 upsampled input with zero padding, their branches, global average pools, and a
 * palette or RGB head at the end; one shift a layer and the clamp as activation. Throws `float/unsupported-layer`.
 */
export function plainLayers(model: Model): PlainLayer[] {
  const layers = model.manifest.layers.map(plainLayer);
  const last = model.manifest.layers.at(-1)?.op;
  if (last !== 'paletteArgmax' && last !== 'rgb') throw unsupported('a palette or RGB head as the last layer', last ?? 'none');
  return layers;
}

type Fields = Readonly<Record<string, unknown>>;

function plainLayer(layer: Model['manifest']['layers'][number]): PlainLayer {
  const fields = layer as unknown as Fields;
  const { id, op } = layer;
  if (op === 'globalAveragePool') return { op: 'pool', id, input: fields.input as string };
  const { input, weight, bias, shift } = fields as unknown as Weighted;
  if (typeof shift !== 'number') throw unsupported(`one shift for layer ${id}`, 'one for each channel');
  if ((fields.activation ?? 'clamp') !== 'clamp') throw unsupported(`the clamp as the activation of layer ${id}`, JSON.stringify(fields.activation));
  const weighted = { id, input, weight, bias, shift };
  if (op === 'paletteArgmax' || op === 'rgb') return { ...weighted, op };
  if (op === 'fullyConnected') return { ...weighted, op, shape: layer.shape as Shape3 };
  if (op !== 'conv2d') throw unsupported(`a layer of the presets for ${id}`, op);
  const form = [fields.upsample ?? 1, fields.kernel ?? 3, fields.stride ?? 1, fields.padding ?? 'same'].join(' ');
  if (form !== '2 3 1 same') throw unsupported(`upsampling 2, kernel 3, stride 1 and padding "same" for layer ${id}`, form);
  return {
    ...weighted,
    op: 'convolution',
    shape: layer.shape as Shape3,
    branch: fields.channelBias as { input: string; weight: string } | undefined,
  };
}

function unsupported(expected: string, found: string): BaseError {
  return new BaseError({ code: 'float/unsupported-layer', message: `Expected ${expected}, got ${found}.` });
}
