/** Models from a list of layers with random weights, and one that uses every operation of the format. */
import { modelCommitment } from '../src/commitment.ts';
import { geometryOf, isWeighted } from '../src/geometry.ts';
import { type Layer, type Manifest, PALETTE_SIZE } from '../src/manifest.ts';
import { type Model, shapesById, type Tensor } from '../src/model.ts';

/** Layers without the names of their tensors. */
type Bare<T> = T extends Layer ? Omit<T, 'weight' | 'bias'> : never;
export type BareLayer = Bare<Layer>;

export interface ZooOptions {
  readonly latent?: number;
  readonly seed?: number;
}

/** Weights in -5..5, biases in -60..150, the same for a seed (a multiplicative congruential generator). */
export function modelOf(bare: readonly BareLayer[], { latent = 6, seed = 1 }: ZooOptions = {}): Model {
  const layers = bare.map((layer) => ('shift' in layer ? { ...layer, weight: `${layer.id}.weight`, bias: `${layer.id}.bias` } : layer) as Layer);
  const random = generator(seed);
  const shapes = shapesById({ latent: { length: latent }, layers });
  const weights = new Map<string, Tensor>();
  for (const layer of layers) {
    if (!isWeighted(layer)) continue;
    const inputs = shapes.get(layer.input) as readonly number[];
    const size = layer.op === 'fullyConnected' ? product(layer.shape) : layer.op === 'paletteArgmax' ? PALETTE_SIZE : layer.shape[0];
    const kernel = layer.op === 'conv2d' ? geometryOf(layer).kernel : 0;
    const fanIn = layer.op === 'fullyConnected' ? [product(inputs)] : [inputs[0] as number, ...(kernel > 0 ? [kernel, kernel] : [])];
    const shape = [size, ...fanIn];
    weights.set(layer.weight, { shape, data: Int8Array.from({ length: product(shape) }, () => random(-5, 5)) });
    weights.set(layer.bias, { shape: [size], data: Int32Array.from({ length: size }, () => random(-60, 150)) });
    if (layer.op === 'conv2d' && layer.channelBias) {
      const pooled = [size, (shapes.get(layer.channelBias.input) as readonly number[])[0] as number];
      weights.set(layer.channelBias.weight, { shape: pooled, data: Int8Array.from({ length: product(pooled) }, () => random(-5, 5)) });
    }
  }
  return { manifest: seal(layers, latent, weights), weights };
}

function seal(layers: readonly Layer[], latent: number, weights: Map<string, Tensor>): Manifest {
  const head = layers.at(-1) as Layer;
  const [height, width] = (head.op === 'rgb' ? head.shape.slice(1) : head.shape) as [number, number];
  const palette = head.op === 'rgb' ? [] : Array.from({ length: PALETTE_SIZE }, (_, i) => `#${(i * 1118481).toString(16).padStart(6, '0')}`);
  return {
    format: 'pentimento-model',
    version: 1,
    arithmetic: 1,
    name: 'zoo',
    preset: 'test',
    license: 'CC0-1.0',
    latent: { length: latent },
    layers,
    image: { height, width, scale: 1 },
    palette,
    weights: { file: 'weights.safetensors', sha256: '0'.repeat(64) },
    commitment: modelCommitment({ layers, palette }, weights),
  };
}

/** Deterministic integers in `low..high`. */
function generator(seed: number): (low: number, high: number) => number {
  let state = (seed * 48271 + 11) % 2147483647;
  return (low, high) => {
    state = (state * 48271) % 2147483647;
    return low + (state % (high - low + 1));
  };
}

/** A latent with elements in 0..127. */
export function latentOf({ manifest }: Model, seed = 1): Uint8Array {
  const random = generator(seed + 100);
  return Uint8Array.from({ length: manifest.latent.length }, () => random(0, 127));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** Every operation, padding, stride and activation, a tensor with several readers, and the head of choice. */
export function everyLayer(head: 'paletteArgmax' | 'rgb'): readonly BareLayer[] {
  const last: BareLayer =
    head === 'rgb'
      ? { id: 'head', op: 'rgb', input: 'sum', shape: [3, 8, 8], shift: 3 }
      : { id: 'head', op: 'paletteArgmax', input: 'sum', shape: [8, 8], shift: 0 };
  return [
    { id: 'fc1', op: 'fullyConnected', input: 'latent', shape: [2, 2, 4], shift: [2, 3], activation: 'tanh' },
    { id: 'fc2', op: 'fullyConnected', input: 'fc1', shape: [2, 4, 4], shift: 3 },
    { id: 'up', op: 'conv2d', input: 'fc2', upsample: 2, kernel: 5, shape: [3, 8, 8], shift: [4, 3, 5] },
    { id: 'pool', op: 'globalAveragePool', input: 'up', shape: [3] },
    { id: 'max', op: 'maxPool', input: 'up', shape: [3, 4, 4] },
    { id: 'mean', op: 'averagePool', input: 'up', shape: [3, 4, 4] },
    { id: 'half', op: 'conv2d', input: 'up', stride: 2, kernel: 4, shape: [3, 4, 4], shift: 4, activation: 'leakyRelu' },
    { id: 'add', op: 'add', input: 'max', other: 'mean', shape: [3, 4, 4] },
    { id: 'both', op: 'add', input: 'add', other: 'half', shape: [3, 4, 4], activation: 'sigmoid' },
    { id: 'full', op: 'conv2d', input: 'both', kernel: 5, padding: 'full', upsample: 2, shape: [2, 12, 12], shift: 4 },
    {
      id: 'valid',
      op: 'conv2d',
      input: 'full',
      kernel: 5,
      padding: 'valid',
      shape: [2, 8, 8],
      shift: 4,
      channelBias: { input: 'pool', weight: 'valid.branch' },
    },
    { id: 'one', op: 'conv2d', input: 'valid', kernel: 1, shape: [2, 8, 8], shift: 2 },
    { id: 'sum', op: 'add', input: 'valid', other: 'one', shape: [2, 8, 8] },
    last,
  ];
}
