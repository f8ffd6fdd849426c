/**
 * From layers to nodes. A node is a tensor of the circuit: a linear map of earlier nodes, then shift and activation. Every operation
 * is one node or a few: pooling by maximum is three nodes with the clamp as rectifier, `max(a, b) = a + clamp(b - a)`.
 */
import { BaseError, MAX_ACTIVATION } from '@pentimento/core';
import type { Activation } from '../activation.ts';
import { type Geometry, geometryOf, shiftsOf } from '../geometry.ts';
import type {
  AddLayer,
  BlockPoolLayer,
  Conv2dLayer,
  FullyConnectedLayer,
  GlobalAveragePoolLayer,
  Layer,
  PaletteArgmaxLayer,
  RgbLayer,
} from '../manifest.ts';
import { PALETTE_SIZE } from '../manifest.ts';
import { type Bounds, channelBounds, type Model, shapesById } from '../model.ts';

type Shape3 = readonly [number, number, number];
type Ints = ArrayLike<number>;

/** A convolution of one source. */
export interface Term {
  readonly source: string;
  readonly geometry: Geometry;
  /** Taps from input channel `i` to output channel `o`, row-major, or undefined where there are none. */
  taps(o: number, i: number): Ints | undefined;
}

/** Every element of `source` with weights of its own: `[outputs, elements]`. */
export interface DenseTerm {
  readonly source: string;
  readonly weight: Ints;
}

interface NodeBase {
  readonly id: string;
  readonly shape: Shape3;
}

/** `activation((sum of terms + bias + 2^(shift-1)) >> shift)`. */
export interface TensorNode extends NodeBase {
  readonly kind: 'tensor';
  readonly terms: readonly Term[];
  readonly dense?: DenseTerm;
  /** A tensor whose channels are summed up. */
  readonly pool?: string;
  /** A branch node: its value of channel c is added to all elements of channel c. */
  readonly branch?: string;
  /** One element a row. */
  readonly sparse?: boolean;
  /** For each channel, or for each element where a dense term defines it. */
  readonly bias: Ints;
  /** For each channel, like the bounds of the accumulator, rounding included. */
  readonly shifts: readonly number[];
  readonly bounds: readonly Bounds[];
  readonly activation: Activation;
}

/** The linear map of a pooled vector that is broadcast over channels; it is not shifted. */
export interface BranchNode extends NodeBase {
  readonly kind: 'branch';
  readonly dense: DenseTerm;
}

/** First maximum over `PALETTE_SIZE` logits of a 1x1 convolution. */
export interface HeadNode extends NodeBase {
  readonly kind: 'head';
  readonly source: string;
  readonly weight: Ints;
  readonly bias: Ints;
  readonly bounds: Bounds;
}

export type Node = TensorNode | BranchNode | HeadNode;

/** The chain as nodes, in an order in which sources come first. `slots` decides which tensors are spread out to one element a row. */
export function lower(model: Model, slots: number): Node[] {
  return new Lowering(model, slots).run();
}

const POINT: Geometry = geometryOf({ kernel: 1 });
const BLOCK: Geometry = geometryOf({ kernel: 2, stride: 2, padding: 'valid' });

/** Doubled, so that the shift of 1 gives the sum itself. */
const exactly = (taps: Ints): Ints => Array.from(taps, (w) => 2 * w);

/** A tensor whose shift is 1 and whose taps are doubled: `clamp(sum)`. */
const exact = { kind: 'tensor', activation: 'clamp' } as const;

class Lowering {
  readonly #model: Model;
  readonly #slots: number;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #bounds: ReadonlyMap<string, readonly Bounds[]>;
  readonly #nodes: Node[] = [];

  constructor(model: Model, slots: number) {
    this.#model = model;
    this.#slots = slots;
    this.#shapes = shapesById(model.manifest);
    this.#bounds = channelBounds(model);
  }

  run(): Node[] {
    for (const layer of this.#model.manifest.layers) this.#layer(layer);
    return this.#nodes;
  }

  #layer(layer: Layer): void {
    if (layer.op === 'fullyConnected') this.#fullyConnected(layer);
    else if (layer.op === 'conv2d') this.#convolution(layer);
    else if (layer.op === 'globalAveragePool') this.#globalAveragePool(layer);
    else if (layer.op === 'add') this.#add(layer);
    else if (layer.op === 'rgb') this.#rgb(layer);
    else if (layer.op === 'paletteArgmax') this.#palette(layer);
    else if (layer.op === 'averagePool') this.#averagePool(layer);
    else if (layer.op === 'maxPool') this.#maxPool(layer);
    else unknownOperation(layer.op);
  }

  #globalAveragePool({ id, input, shape: [channels] }: GlobalAveragePoolLayer): void {
    const [, height, width] = this.#shape(input);
    const shifts = new Array<number>(channels).fill(Math.log2(height * width));
    this.#tensor({ ...this.#plain(id, channels), pool: input, sparse: true, shifts });
  }

  #fullyConnected(layer: FullyConnectedLayer): void {
    const source = this.#spread(layer.input);
    const weighted = { shape: layer.shape, bias: this.#data(layer.bias), shifts: shiftsOf(layer, layer.shape[0]) };
    this.#tensor({
      ...this.#plain(layer.id, layer.shape[0]),
      ...weighted,
      dense: { source, weight: this.#data(layer.weight) },
      activation: layer.activation ?? 'clamp',
    });
  }

  #convolution(layer: Conv2dLayer): void {
    const geometry = geometryOf(layer);
    const branch = layer.channelBias && `${layer.id}/branch`;
    if (layer.channelBias && branch) {
      const dense = { source: layer.channelBias.input, weight: this.#data(layer.channelBias.weight) };
      this.#nodes.push({ kind: 'branch', id: branch, shape: [layer.shape[0], 1, 1], dense });
    }
    this.#tensor({
      ...this.#plain(layer.id, layer.shape[0]),
      shape: layer.shape,
      terms: [{ source: layer.input, geometry, taps: this.#taps(layer.weight, this.#shape(layer.input)[0], geometry.kernel ** 2) }],
      bias: this.#data(layer.bias),
      shifts: shiftsOf(layer, layer.shape[0]),
      activation: layer.activation ?? 'clamp',
      ...(branch ? { branch } : {}),
    });
  }

  #averagePool(layer: BlockPoolLayer): void {
    const shifts = new Array<number>(layer.shape[0]).fill(2);
    const terms = [{ source: layer.input, geometry: BLOCK, taps: (o: number, i: number) => (o === i ? [1, 1, 1, 1] : undefined) }];
    this.#tensor({ ...this.#plain(layer.id, layer.shape[0]), shape: layer.shape, terms, shifts });
  }

  /** `top = clamp(b - a)`, `bottom = clamp(d - c)`, `rest = clamp((c + bottom) - (a + top))`, and the maximum is `a + top + rest`. */
  #maxPool({ id, input, shape }: BlockPoolLayer): void {
    const [top, bottom, rest] = [`${id}/top`, `${id}/bottom`, `${id}/rest`];
    const block = (taps: Ints): Term => ({ source: input, geometry: BLOCK, taps: (o, i) => (o === i ? exactly(taps) : undefined) });
    const point = (source: string, sign: number): Term => ({ source, geometry: POINT, taps: (o, i) => (o === i ? [2 * sign] : undefined) });
    this.#exact(top, shape, [block([-1, 1, 0, 0])]);
    this.#exact(bottom, shape, [block([0, 0, -1, 1])]);
    this.#exact(rest, shape, [block([-1, 0, 1, 0]), point(bottom, 1), point(top, -1)]);
    this.#exact(id, shape, [block([1, 0, 0, 0]), point(top, 1), point(rest, 1)]);
  }

  #add(layer: AddLayer): void {
    const identity = (source: string): Term => ({ source, geometry: POINT, taps: (o, i) => (o === i ? [2] : undefined) });
    this.#exact(layer.id, layer.shape, [identity(layer.input), identity(layer.other)], layer.activation);
  }

  #rgb(layer: RgbLayer): void {
    const terms = [{ source: layer.input, geometry: POINT, taps: this.#taps(layer.weight, this.#shape(layer.input)[0], 1) }];
    this.#tensor({
      ...this.#plain(layer.id, 3),
      shape: layer.shape,
      terms,
      bias: this.#data(layer.bias),
      shifts: shiftsOf(layer, 3),
      sparse: true,
    });
  }

  #palette(layer: PaletteArgmaxLayer): void {
    const bounds = this.#bounds.get(layer.id) as readonly Bounds[];
    this.#nodes.push({
      kind: 'head',
      id: layer.id,
      shape: [PALETTE_SIZE, ...layer.shape],
      source: layer.input,
      weight: this.#data(layer.weight),
      bias: this.#data(layer.bias),
      bounds: { min: Math.min(...bounds.map(({ min }) => min)), max: Math.max(...bounds.map(({ max }) => max)) },
    });
  }

  /** A tensor with one element a row: itself, or a copy that is spread out. */
  #spread(id: string): string {
    if (this.#slots === 1 || this.#shapes.get(id)?.length === 1) return id;
    const spread = `${id}/spread`;
    if (!this.#nodes.some((node) => node.id === spread)) this.#nodes.push(copyOf(id, spread, this.#shape(id), true));
    return spread;
  }

  /** `activation(sum of terms)` of doubled taps. */
  #exact(id: string, shape: Shape3, terms: readonly Term[], activation: Activation = 'clamp'): void {
    this.#tensor({ ...exactNode(id, shape, terms), activation });
  }

  #tensor(node: TensorNode): void {
    this.#nodes.push(node);
  }

  #plain(id: string, channels: number): TensorNode {
    const bounds = this.#bounds.get(id) as readonly Bounds[];
    return { ...exact, id, shape: [channels, 1, 1], terms: [], bias: new Int32Array(channels), shifts: [], bounds };
  }

  #taps(name: string, channels: number, count: number): Term['taps'] {
    const weight = this.#data(name);
    return (o, i) => weight.subarray((o * channels + i) * count, (o * channels + i + 1) * count);
  }

  /** `[C, H, W]` of a tensor, `[C, 1, 1]` of a vector. */
  #shape(id: string): Shape3 {
    const [channels = 0, height = 1, width = 1] = this.#shapes.get(id) ?? unsupported(`Expected an earlier layer, got ${id}.`);
    return [channels, height, width];
  }

  #data(name: string): Int8Array | Int32Array {
    return this.#model.weights.get(name)?.data as Int8Array | Int32Array;
  }
}

/** The same values once more, for a second reader; `sparse` for one element a row. */
export function copyOf(source: string, id: string, shape: Shape3, sparse: boolean): TensorNode {
  const node = exactNode(id, shape, [{ source, geometry: POINT, taps: (o, i) => (o === i ? [2] : undefined) }]);
  return { ...node, bounds: node.bounds.map(() => ({ min: 0, max: 2 * MAX_ACTIVATION + 1 })), sparse };
}

/** A tensor of ones: what is different for each slot of a row is a weight of it. */
export function onesOf(id: string, shape: Shape3): TensorNode {
  return { ...exactNode(id, shape, []), bias: new Array<number>(shape[0]).fill(2), bounds: new Array(shape[0]).fill({ min: 0, max: 3 }) };
}

function exactNode(id: string, shape: Shape3, terms: readonly Term[]): TensorNode {
  const [channels] = shape;
  const bounds = Array.from({ length: channels }, (_, o) => {
    const taps = terms.flatMap((term) => Array.from(term.taps(o, o) ?? []));
    const sum = (sign: number) => taps.reduce((total, w) => total + Math.max(0, sign * w), 0) * MAX_ACTIVATION;
    return { min: -sum(-1), max: sum(1) + 1 };
  });
  return { ...exact, id, shape, terms, bias: new Int32Array(channels), shifts: new Array<number>(channels).fill(1), bounds };
}

export function unsupported(message: string): never {
  throw new BaseError({ code: 'circuit/unsupported-layer', message });
}

/** The compiler refuses a call as soon as an operation of the format has no branch. */
function unknownOperation(op: never): never {
  throw new RangeError(`no circuit for ${op}`);
}
