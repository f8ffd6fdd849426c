/** Tensors of the Open Inference Protocol: raw little-endian bytes with a name, a data type and a shape whose first entry is the batch. */
import { BaseError } from '@pentimento/core';
import type { Datatype, TensorSpec } from '@pentimento/serving';

export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A tensor as a request brings it: its data type is still any text. */
export interface ClaimedTensor extends Omit<Tensor, 'datatype'> {
  readonly datatype: string;
}

const ELEMENT_BYTES: Readonly<Record<Datatype, number>> = { FP32: 4, UINT8: 1 };

/** More than any tensor here has dimensions; without a bound the stack of the process is one. */
const MAX_DEPTH = 16;

export const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** Bytes of one row, which is one element of the batch. */
export const rowBytes = ({ datatype, dims }: TensorSpec): number => product(dims) * ELEMENT_BYTES[datatype];

/** Throws `v2/invalid`, which every protocol answers as the caller's mistake. */
export function invalid(message: string, cause?: unknown): never {
  throw new BaseError({ code: 'v2/invalid', message, ...(cause === undefined ? {} : { cause }) });
}

/** A value of a request for a sentence: short whatever it is, and not read into unless it may be a shape, because it may be nested without end. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && !isShape(value)) return Array.isArray(value) ? 'a list' : 'an object';
  return String(JSON.stringify(value)).slice(0, 60);
}

const isShape = (value: object): boolean => Array.isArray(value) && value.length <= MAX_DEPTH && value.every((size) => typeof size === 'number');

/** Raw bytes of numbers, nested at most `MAX_DEPTH` deep. Throws `v2/invalid` for one that the data type does not hold. */
export function bytesOf(name: string, datatype: string, data: unknown): Uint8Array {
  const values = (Array.isArray(data) ? data.flat(MAX_DEPTH - 1) : [data]) as unknown[];
  const wrong = values.find((value) => typeof value !== 'number');
  if (wrong !== undefined) invalid(`Expected numbers in the data of ${shown(name)}, got ${shown(wrong)}.`);
  const numbers = values as number[];
  if (datatype !== 'UINT8') return floatBytes(numbers);
  const outside = numbers.find((value) => !Number.isInteger(value) || value < 0 || value > 255);
  if (outside !== undefined) invalid(`Expected integers in 0..255 in the data of ${shown(name)}, got ${outside}.`);
  return Uint8Array.from(numbers);
}

/** The numbers of raw bytes, for JSON. */
export function numbersOf({ datatype, data }: Tensor): number[] {
  return datatype === 'UINT8' ? Array.from(data) : Array.from(floatsOf(data));
}

/** FP32 elements, in memory of their own: the bytes of a request start anywhere. */
export function floatsOf(data: Uint8Array): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float32Array.from({ length: data.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function floatBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}
