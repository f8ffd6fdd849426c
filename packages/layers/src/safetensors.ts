/**
 * Reader of the safetensors container, restricted to the two element types of a model: `I8` and `I32`.
 * The file is an 8-byte little-endian header length, a JSON header and the tensors' bytes, which must cover the rest without gap or
 * overlap (https://github.com/huggingface/safetensors#format). The header is untrusted: nothing is allocated on its word alone.
 */
import { BaseError } from '@pentimento/core';

/** Row-major integers; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: number[];
  readonly data: Int8Array | Int32Array;
}

interface Entry {
  readonly name: string;
  readonly dtype: 'I8' | 'I32';
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 1 << 20;
const ELEMENT_BYTES = { I8: 1, I32: 4 } as const;

/**
 * Tensors of a safetensors file, by name, copied out of `file`.
 * Throws `model/bad-safetensors` for a malformed container and `model/wrong-dtype` for an element type other than I8 and I32.
 */
export function readSafetensors(file: Uint8Array): Map<string, Tensor> {
  const headerLength = readHeaderLength(file);
  const header = parseHeader(file.subarray(LENGTH_BYTES, LENGTH_BYTES + headerLength));
  const body = file.subarray(LENGTH_BYTES + headerLength);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value));
  assertCover(entries, body.length);
  return new Map(entries.map((entry) => [entry.name, { shape: entry.shape, data: readElements(entry, body) }]));
}

function readHeaderLength(file: Uint8Array): number {
  if (file.length < LENGTH_BYTES) fail(`Expected a safetensors file of at least ${LENGTH_BYTES} bytes, got ${file.length}.`);
  const length = new DataView(file.buffer, file.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const available = Math.min(file.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length > BigInt(available)) fail(`Expected a safetensors header of at most ${available} bytes, got a length of ${length}.`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    fail('Expected a safetensors header in JSON, got bytes that do not parse.', cause);
  }
  if (!isRecord(header)) fail('Expected a JSON object as the safetensors header, got another value.');
  return header;
}

function parseEntry(name: string, value: unknown): Entry {
  const what = `tensor ${JSON.stringify(name.slice(0, 40))}`;
  if (!isRecord(value)) fail(`Expected an object that describes ${what}, got another value.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== 'I8' && dtype !== 'I32') {
    throw new BaseError({ code: 'model/wrong-dtype', message: `Expected ${what} to hold I8 or I32, got ${JSON.stringify(dtype)?.slice(0, 40)}.` });
  }
  if (!isCounts(shape)) fail(`Expected the shape of ${what} to be a list of sizes.`);
  if (!isCounts(offsets) || offsets.length !== 2) fail(`Expected two byte offsets for ${what}.`);
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype]);
  if (end - begin !== bytes) fail(`Expected ${bytes} bytes for ${what}, got offsets ${begin} to ${end}.`);
  return { name, dtype, shape, begin, end };
}

/** The entries' byte ranges, in order, must tile `0..length` exactly. */
function assertCover(entries: readonly Entry[], length: number): void {
  let position = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) fail(`Expected tensor ${JSON.stringify(name.slice(0, 40))} to begin at byte ${position}, got ${begin}.`);
    position = end;
  }
  if (position !== length) fail(`Expected ${position} bytes of tensors, got ${length}.`);
}

function readElements({ dtype, begin, end }: Entry, body: Uint8Array): Int8Array | Int32Array {
  // A copy; `slice` of a Node Buffer would be a view.
  const bytes = Uint8Array.from(body.subarray(begin, end));
  if (dtype === 'I8') return new Int8Array(bytes.buffer);
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: bytes.length / ELEMENT_BYTES.I32 }, (_, i) => view.getInt32(ELEMENT_BYTES.I32 * i, true));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function fail(message: string, cause?: unknown): never {
  throw new BaseError({ code: 'model/bad-safetensors', message, cause });
}
