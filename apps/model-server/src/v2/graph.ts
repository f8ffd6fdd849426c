/** One ONNX graph that answers requests in shared executions. */
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { runDecoder } from '@pentimento/layers';
import { type GraphSpec, MAX_BATCH, MAX_QUEUE_DELAY_US, MAX_QUEUE_SIZE, type TensorSpec } from '@pentimento/serving';
import { Tensor as RuntimeTensor } from 'onnxruntime-node';
import type { VersionedModel } from '../models.ts';
import { type Batcher, createBatcher, type Execution, toNs } from './batcher.ts';
import type { Sessions } from './sessions.ts';
import type { Recorder } from './statistics.ts';
import { floatsOf, rowBytes } from './tensors.ts';

/** Raw bytes of tensors, in the order of the specification. */
export type Rows = readonly Uint8Array[];

export interface Graph {
  readonly batcher: Batcher<Rows, Rows>;
  /** Opens the session and answers a first request; throws `v2/broken` for a graph that is not the model's. */
  readonly warmUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface GraphOptions {
  readonly source: VersionedModel;
  readonly sessions: Sessions;
  readonly recorder: Recorder;
}

export function createGraph(spec: GraphSpec, { source, sessions, recorder }: GraphOptions): Graph {
  const path = join(source.folder, spec.file);
  const execute = async (requests: readonly Rows[], rows: number): Promise<Execution<Rows>> => {
    const began = performance.now();
    const inputs = spec.inputs.map((_, i) => Buffer.concat(requests.map((request) => request[i] as Uint8Array)));
    const ready = performance.now();
    const outputs = await run(spec, { path, sessions, inputs, rows });
    const done = performance.now();
    const shares = requests.map((request) => (request[0] as Uint8Array).byteLength / rowBytes(spec.inputs[0] as TensorSpec));
    const answers = split(spec.outputs, outputs, shares);
    const times = { inputNs: toNs(ready - began), inferNs: toNs(done - ready), outputNs: toNs(performance.now() - done) };
    recorder.executed(times, rows);
    return { outputs: answers, times };
  };
  return {
    batcher: createBatcher({ maxRows: MAX_BATCH, maxDelayMs: MAX_QUEUE_DELAY_US / 1000, maxWaiting: MAX_QUEUE_SIZE, execute }),
    warmUp: () => warmUp(spec, { path, sessions, source }),
    close: () => sessions.forget(path),
  };
}

interface RunOptions {
  readonly path: string;
  readonly sessions: Sessions;
  readonly inputs: Rows;
  readonly rows: number;
}

/**
 * The decoder computes in integers, whose results do not depend on the batch. The encoder computes in floats, whose sums may be ordered
 * differently in another batch: its rows run one by one, so that a photo's latent never depends on its neighbours.
 */
async function run(spec: GraphSpec, { path, sessions, inputs, rows }: RunOptions): Promise<Rows> {
  if (spec.file === 'decoder.onnx') return runOnce(spec, { path, sessions, inputs, rows });
  const parts: Rows[] = [];
  for (let row = 0; row < rows; row++) {
    const own = spec.inputs.map((tensor, i) => inputs[i]?.subarray(row * rowBytes(tensor), (row + 1) * rowBytes(tensor)) as Uint8Array);
    parts.push(await runOnce(spec, { path, sessions, inputs: own, rows: 1 }));
  }
  return spec.outputs.map((_, i) => Buffer.concat(parts.map((part) => part[i] as Uint8Array)));
}

async function runOnce(spec: GraphSpec, { path, sessions, inputs, rows }: RunOptions): Promise<Rows> {
  const feeds = spec.inputs.map(({ name, datatype, dims }, i) => {
    const [data, shape] = [inputs[i] as Uint8Array, [rows, ...dims]];
    return [name, datatype === 'FP32' ? new RuntimeTensor('float32', floatsOf(data), shape) : new RuntimeTensor('uint8', data, shape)] as const;
  });
  const found = await sessions.use(path, (session) => session.run(Object.fromEntries(feeds)));
  return spec.outputs.map((tensor) => {
    const data = found[tensor.name]?.data;
    if (data instanceof Uint8Array && data.byteLength === rows * rowBytes(tensor)) return data;
    return broken(path, `${rows * rowBytes(tensor)} bytes of ${tensor.name} from it, got ${data?.length}`);
  });
}

function split(specs: readonly TensorSpec[], outputs: Rows, shares: readonly number[]): Rows[] {
  let first = 0;
  return shares.map((rows) => {
    const own = specs.map((tensor, i) => (outputs[i] as Uint8Array).slice(first * rowBytes(tensor), (first + rows) * rowBytes(tensor)));
    first += rows;
    return own;
  });
}

/** A decoder must paint what the integer reference paints; an encoder must answer. */
async function warmUp(spec: GraphSpec, { path, sessions, source }: { path: string; sessions: Sessions; source: VersionedModel }): Promise<void> {
  const inputs = spec.inputs.map((tensor) =>
    Uint8Array.from({ length: rowBytes(tensor) }, (_, i) => (tensor.datatype === 'UINT8' ? (37 * i) & 127 : 0)),
  );
  const [first] = await runOnce(spec, { path, sessions, inputs, rows: 1 }).catch((cause: Error) =>
    broken(path, `a graph that runs, got: ${cause.message}`),
  );
  if (spec.file !== 'decoder.onnx') return;
  const { index, image } = runDecoder(source.model, inputs[0] as Uint8Array);
  if (Buffer.compare(first as Uint8Array, index.length > 0 ? index : image) !== 0)
    broken(path, "the model's decoder, got a graph that paints something else");
}

function broken(path: string, expected: string): never {
  throw new BaseError({ code: 'v2/broken', message: `Expected ${path} to be ${expected}.` });
}
