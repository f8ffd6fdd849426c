/**
 * Bodies of inference requests and answers over HTTP: JSON alone, JSON followed by raw tensors (Triton's binary tensor data extension; the
 * header `Inference-Header-Content-Length` says where the JSON ends), or the raw bytes of a model's one input.
 */
import type { ServedSpec, TensorSpec } from '@pentimento/serving';
import type { InferResponse } from './repository.ts';
import { bytesOf, type ClaimedTensor, invalid, numbersOf, rowBytes, shown } from './tensors.ts';

export interface ParsedBody {
  readonly id: string | undefined;
  readonly inputs: readonly ClaimedTensor[];
  readonly outputs: readonly string[];
  /** Whether an output goes into the answer as raw bytes. */
  readonly isBinary: (output: string) => boolean;
}

/** Parses the body of a request to `spec`; `headerLength` is the value of the header, if there is one. Throws `v2/invalid`. */
export function parseBody(spec: ServedSpec, body: Buffer, headerLength: string | undefined): ParsedBody {
  if (headerLength === undefined) return parseJson(body, Buffer.alloc(0));
  const length = Number(headerLength);
  if (!/^\d+$/.test(headerLength) || length > body.byteLength)
    invalid(`Expected Inference-Header-Content-Length in 0..${body.byteLength}, got ${headerLength.slice(0, 40)}.`);
  return length === 0 ? rawBody(spec, body) : parseJson(body.subarray(0, length), body.subarray(length));
}

/** The body of an answer, and the length of its JSON part when raw tensors follow it. */
export function formatBody(
  { model, version, outputs }: InferResponse,
  { id, isBinary }: ParsedBody,
): { body: Buffer; jsonLength: number | undefined } {
  const described = outputs.map((tensor) => {
    const { name, datatype, shape } = tensor;
    if (isBinary(name)) return { name, datatype, shape, parameters: { binary_data_size: tensor.data.byteLength } };
    return { name, datatype, shape, data: numbersOf(tensor) };
  });
  const json = Buffer.from(JSON.stringify({ ...(id === undefined ? {} : { id }), model_name: model, model_version: version, outputs: described }));
  const raw = outputs.filter(({ name }) => isBinary(name)).map(({ data }) => data);
  return raw.length === 0 ? { body: json, jsonLength: undefined } : { body: Buffer.concat([json, ...raw]), jsonLength: json.byteLength };
}

/** The bytes of the only input, in one row. */
function rawBody({ name, inputs }: ServedSpec, body: Buffer): ParsedBody {
  const [input] = inputs as readonly [TensorSpec];
  if (body.byteLength !== rowBytes(input)) invalid(`Expected the ${rowBytes(input)} bytes of one ${input.name} for ${name}, got ${body.byteLength}.`);
  return { id: undefined, inputs: [{ ...input, shape: [1, ...input.dims], data: body }], outputs: [], isBinary: () => true };
}

function parseJson(text: Buffer, raw: Buffer): ParsedBody {
  const request = object(parsed(text), 'an object');
  if (!Array.isArray(request.inputs)) invalid('Expected a list of inputs in the request, got none.');
  const inputs = parseInputs(request.inputs, raw);
  const outputs = (Array.isArray(request.outputs) ? request.outputs : []).map((value) => object(value, 'an object for every output'));
  for (const { parameters } of outputs) {
    if (parameters !== undefined && 'classification' in object(parameters, 'an object of parameters'))
      invalid('Expected outputs as they are; the classification extension is not offered.');
  }
  const all = flag(request.parameters, 'binary_data_output') ?? false;
  const binary = new Map(outputs.map((output) => [textOf(output.name, 'a name for every output'), flag(output.parameters, 'binary_data') ?? all]));
  return {
    id: request.id === undefined ? undefined : textOf(request.id, 'a text as id'),
    inputs,
    outputs: [...binary.keys()],
    isBinary: (output) => binary.get(output) ?? all,
  };
}

/** Raw tensors follow each other in the order of the inputs that announce them. */
function parseInputs(values: readonly unknown[], raw: Buffer): ClaimedTensor[] {
  let offset = 0;
  const inputs = values.map((value) => {
    const { name, datatype, shape, data, parameters } = object(value, 'an object for every input');
    const named = { name: textOf(name, 'a name for every input'), datatype: textOf(datatype, 'a datatype for every input'), shape: sizes(shape) };
    const size = parameters === undefined ? undefined : object(parameters, 'an object of parameters').binary_data_size;
    if (size === undefined) {
      if (data === undefined) invalid(`Expected data or a binary_data_size for the input ${shown(named.name)}, got neither.`);
      return { ...named, data: bytesOf(named.name, named.datatype, data) };
    }
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || offset + size > raw.byteLength)
      invalid(`Expected ${shown(size)} raw bytes for the input ${shown(named.name)}, got ${raw.byteLength - offset}.`);
    offset += size;
    return { ...named, data: raw.subarray(offset - size, offset) };
  });
  if (offset !== raw.byteLength) invalid(`Expected ${offset} raw bytes after the JSON, got ${raw.byteLength}.`);
  return inputs;
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (cause) {
    return invalid(`Expected JSON in the request, got: ${(cause as Error).message}.`, cause);
  }
}

function object(value: unknown, expected: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) invalid(`Expected ${expected}, got ${shown(value)}.`);
  return value as Record<string, unknown>;
}

function textOf(value: unknown, expected: string): string {
  return typeof value === 'string' ? value : invalid(`Expected ${expected}, got ${shown(value)}.`);
}

function sizes(value: unknown): number[] {
  if (Array.isArray(value) && value.every((size) => Number.isSafeInteger(size))) return value as number[];
  return invalid(`Expected a list of integers as shape, got ${shown(value)}.`);
}

function flag(parameters: unknown, name: string): boolean | undefined {
  if (parameters === undefined) return undefined;
  const value = object(parameters, 'an object of parameters')[name];
  if (value === undefined || typeof value === 'boolean') return value;
  return invalid(`Expected true or false for ${name}, got ${shown(value)}.`);
}
