/** Checks of a manifest's layers, one after the other: fields, wiring, and the shape that follows from the input's. */
import { ACTIVATIONS, type Activation } from './activation.ts';
import { asList, asRecord, asSize, assertFields, assertText, fail, MAX_ELEMENTS, product, sameShape, show } from './check.ts';
import { geometryOf, outputSize } from './geometry.ts';
import type { Conv2dLayer, Layer } from './manifest.ts';

type Raw = Readonly<Record<string, unknown>>;
type Shapes = ReadonlyMap<string, readonly number[]>;

const MAX_SHIFT = 30;
const MAX_KERNEL = 5;
const FIELDS: Readonly<Record<Layer['op'], string[]>> = {
  fullyConnected: 'id op input shape weight bias shift activation'.split(' '),
  conv2d: 'id op input shape weight bias shift upsample kernel stride padding channelBias activation'.split(' '),
  globalAveragePool: 'id op input shape'.split(' '),
  averagePool: 'id op input shape'.split(' '),
  maxPool: 'id op input shape'.split(' '),
  add: 'id op input other shape activation'.split(' '),
  paletteArgmax: 'id op input shape weight bias shift'.split(' '),
  rgb: 'id op input shape weight bias shift'.split(' '),
};

/** Throws `model/malformed`, `model/unknown-op`, `model/unknown-input` or `model/shape-mismatch`. */
export function assertLayers(layers: readonly unknown[], latentLength: number): void {
  const shapes = new Map<string, readonly number[]>([['latent', [latentLength]]]);
  layers.forEach((value, position) => {
    const layer = asRecord(value, `layer ${position}`);
    const shape = assertLayer(layer, shapes, position === layers.length - 1);
    shapes.set(layer.id as string, shape);
  });
}

/** Returns the layer's shape. */
function assertLayer(layer: Raw, shapes: Shapes, last: boolean): readonly number[] {
  assertText(layer.id, /^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'a layer id to begin with a letter and have at most 32 letters and digits');
  const what = `layer ${show(layer.id)}`;
  if (shapes.has(layer.id as string)) fail('malformed', `Expected every layer id once, got ${show(layer.id)} twice.`);
  if (!Object.hasOwn(FIELDS, String(layer.op)))
    fail('unknown-op', `Expected ${what} to be one of ${Object.keys(FIELDS).join(', ')}, got ${show(layer.op)}.`);
  const op = layer.op as Layer['op'];
  assertFields(layer, FIELDS[op], what);
  if ((op === 'paletteArgmax' || op === 'rgb') !== last) fail('malformed', 'Expected exactly one paletteArgmax or rgb layer, at the end.');
  const shape = asList(layer.shape, `the shape of ${what}`).map((size) => asSize(size, `a size of ${what}`));
  if (product(shape) > MAX_ELEMENTS) fail('shape-mismatch', `Expected at most ${MAX_ELEMENTS} elements in ${what}, got [${shape}].`);
  assertShape(layer, op, shape, shapes, what);
  if (FIELDS[op].includes('weight')) assertWeighted(layer, op, shape, what);
  if (layer.activation !== undefined && !ACTIVATIONS.includes(layer.activation as Activation)) {
    fail('malformed', `Expected the activation of ${what} to be one of ${ACTIVATIONS.join(', ')}, got ${show(layer.activation)}.`);
  }
  if (layer.channelBias !== undefined) assertBranch(asRecord(layer.channelBias, 'channelBias'), what, shapes);
  return shape;
}

function inputShape(input: unknown, what: string, shapes: Shapes): readonly number[] {
  const shape = typeof input === 'string' ? shapes.get(input) : undefined;
  return shape ?? fail('unknown-input', `Expected the input of ${what} to be an earlier layer, got ${show(input)}.`);
}

function assertShape(layer: Raw, op: Layer['op'], shape: readonly number[], shapes: Shapes, what: string): void {
  const input = inputShape(layer.input, what, shapes);
  if (op === 'fullyConnected') {
    if (shape.length !== 3) fail('shape-mismatch', `Expected three sizes for ${what}, got [${shape}].`);
    return;
  }
  const [channels, height, width] = input;
  if (input.length !== 3 || !channels || !height || !width) fail('shape-mismatch', `Expected an input [C, H, W] for ${what}, got [${input}].`);
  const expected = op === 'conv2d' ? convolutionShape(layer, what, [height, width], shape[0] ?? 0) : shapeOf(op, [channels, height, width], what);
  if (!sameShape(expected, shape)) fail('shape-mismatch', `Expected the shape [${expected}] for ${what}, got [${shape}].`);
  if (op !== 'add') return;
  if (layer.other === layer.input) fail('malformed', `Expected ${what} to add two different layers, got ${show(layer.other)} twice.`);
  const other = inputShape(layer.other, what, shapes);
  if (!sameShape(input, other)) fail('shape-mismatch', `Expected two tensors of the shape [${input}] for ${what}, got [${other}].`);
}

/** Output shape of an operation without sizes of its own. */
function shapeOf(op: Layer['op'], [channels, height, width]: readonly [number, number, number], what: string): readonly number[] {
  if (op === 'paletteArgmax') return [height, width];
  if (op === 'rgb') return [3, height, width];
  if (op === 'add') return [channels, height, width];
  if (op === 'globalAveragePool') {
    if (!Number.isInteger(Math.log2(height * width))) fail('shape-mismatch', `Expected ${what} to pool 2^s positions, got ${height * width}.`);
    if (height * width < 2) fail('shape-mismatch', `Expected ${what} to pool at least two positions, got one.`);
    return [channels];
  }
  if (height % 2 !== 0 || width % 2 !== 0) fail('shape-mismatch', `Expected ${what} to pool an even height and width, got [${height},${width}].`);
  return [channels, height / 2, width / 2];
}

function convolutionShape(layer: Raw, what: string, sizes: readonly number[], outputs: number): number[] {
  assertOneOf(layer.upsample, [1, 2], `upsample in ${what}`);
  assertOneOf(layer.stride, [1, 2], `the stride of ${what}`);
  assertOneOf(layer.padding, ['same', 'valid', 'full'], `the padding of ${what}`);
  assertOneOf(layer.kernel, [1, 2, 3, 4, MAX_KERNEL], `the kernel size of ${what}`);
  if (layer.stride === 2 && layer.upsample === 2) fail('malformed', `Expected ${what} not to have both a stride and an upsampling of 2.`);
  const geometry = geometryOf(layer as Partial<Conv2dLayer>);
  const found = sizes.map((size) => outputSize(geometry, size));
  if (found.some((size) => size < 1)) fail('shape-mismatch', `Expected the kernel of ${what} to fit into its input, got the input [${sizes}].`);
  return [outputs, ...found];
}

/** Absent, or one of the values. */
function assertOneOf(value: unknown, allowed: readonly (string | number)[], what: string): void {
  if (value !== undefined && !allowed.includes(value as string | number))
    fail('malformed', `Expected ${what} to be one of ${allowed.join(', ')}, got ${show(value)}.`);
}

function assertWeighted(layer: Raw, op: Layer['op'], shape: readonly number[], what: string): void {
  assertText(layer.weight, /^.{1,128}$/, `${what} to name its weight`);
  assertText(layer.bias, /^.{1,128}$/, `${what} to name its bias`);
  const [min, max] = op === 'paletteArgmax' ? [0, 0] : [1, MAX_SHIFT];
  const perChannel = Array.isArray(layer.shift) && (op === 'conv2d' || op === 'fullyConnected');
  const shifts: readonly unknown[] = perChannel ? (layer.shift as unknown[]) : [layer.shift];
  if (perChannel && shifts.length !== shape[0]) fail('shape-mismatch', `Expected ${shape[0]} shifts in ${what}, got ${shifts.length}.`);
  for (const shift of shifts) {
    if (!Number.isInteger(shift) || (shift as number) < min || (shift as number) > max) {
      fail('malformed', `Expected a shift in ${min}..${max} in ${what}, got ${show(shift)}.`);
    }
  }
}

function assertBranch(branch: Record<string, unknown>, layer: string, shapes: Shapes): void {
  const what = `the channel bias of ${layer}`;
  assertFields(branch, ['input', 'weight'], what);
  assertText(branch.weight, /^.{1,128}$/, `${what} to name its weight`);
  const shape = inputShape(branch.input, what, shapes);
  if (shape.length !== 1 || branch.input === 'latent') fail('shape-mismatch', `Expected a pooled vector as the input of ${what}, got [${shape}].`);
}
