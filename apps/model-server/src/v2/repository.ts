/**
 * The models of the Open Inference Protocol: which there are, which are loaded, and their answers. Loading, unloading and replacing wait for
 * the requests that run; a request that was accepted is answered by the models that accepted it.
 */
import { BaseError } from '@pentimento/core';
import { type EnsembleSpec, MAX_BATCH, type ServedSpec, specificationsOf, type TensorSpec } from '@pentimento/serving';
import { createTurns } from '@pentimento/serving/http';
import type { VersionedModel } from '../models.ts';
import { type Times, toNs } from './batcher.ts';
import { createGraph, type Graph, type Rows } from './graph.ts';
import type { Sessions } from './sessions.ts';
import type { ModelStatistics, Recorder, Statistics } from './statistics.ts';
import { type ClaimedTensor, invalid, product, rowBytes, shown, type Tensor } from './tensors.ts';

export type State = 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';

export interface InferRequest {
  readonly model: string;
  /** The newest loaded version when absent or empty. */
  readonly version?: string | undefined;
  readonly inputs: readonly ClaimedTensor[];
  /** Names of the outputs that are wanted; all when absent or empty. */
  readonly outputs?: readonly string[] | undefined;
}

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly outputs: readonly Tensor[];
}

export interface Served {
  readonly spec: ServedSpec;
  readonly version: string;
}

export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: State;
  readonly reason?: string;
}

export interface Repository {
  /** A loaded model; throws `v2/not-found`. */
  readonly find: (name: string, version?: string) => Served;
  readonly isReady: (name: string, version?: string) => boolean;
  /** Loaded versions, oldest first. */
  readonly versions: (name: string) => readonly string[];
  /** Throws `v2/not-found`, `v2/invalid`, and `v2/failed` when the execution fails. */
  readonly infer: (request: InferRequest) => Promise<InferResponse>;
  readonly index: (readyOnly: boolean) => readonly IndexEntry[];
  /** Loads all versions of a model, again when they are loaded. Throws `v2/not-found` and `v2/broken`. */
  readonly load: (name: string) => Promise<void>;
  /** Unloads all versions of a model; one that is not known is not loaded already. */
  readonly unload: (name: string, options?: { readonly dependents?: boolean }) => Promise<void>;
  /** Of loaded models: of all, of one, or of one version. */
  readonly statistics: (name?: string, version?: string) => readonly ModelStatistics[];
  readonly close: () => Promise<void>;
}

interface Entry extends Served {
  readonly source: VersionedModel;
  readonly recorder: Recorder;
  /** Absent in an ensemble. */
  graph?: Graph;
  state: State;
  reason: string;
  /** Requests that were accepted and not yet answered. */
  running: number;
  /** Called when the last one is answered. */
  idle: (() => void)[];
}

export function openRepository(sources: readonly VersionedModel[], sessions: Sessions, statistics: Statistics): Repository {
  const entries = sources.flatMap((source) => specificationsOf(source.model.manifest).map((spec) => createEntry(spec, source, statistics)));
  const named = (name: string) => entries.filter(({ spec }) => spec.name === name);
  const existing = (name: string): Entry[] => {
    const known = named(name);
    return known.length > 0 ? known : notFound(`Expected the name of a model here, got ${shown(name)}.`);
  };
  const stepsOf = (entry: Entry): Entry[] =>
    entry.spec.kind === 'ensemble' ? entry.spec.steps.map(({ model }) => named(model).find(({ version }) => version === entry.version) as Entry) : [];
  const stateOf = (entry: Entry): State => (stepsOf(entry).every(({ state }) => state === 'READY') ? entry.state : 'UNAVAILABLE');

  const select = (name: string, version = ''): Entry => {
    const ready = existing(name).filter((entry) => stateOf(entry) === 'READY');
    const found = version === '' ? ready.at(-1) : ready.find((entry) => entry.version === version);
    const wanted = version === '' ? name : `version ${shown(version)} of ${name}`;
    return found ?? notFound(`Expected a loaded model, but ${wanted} is not loaded.`);
  };
  const inTurn = createTurns();
  const load = async (name: string): Promise<void> => {
    for (const entry of existing(name)) await inTurn(() => loadEntry(entry, sessions));
  };
  const unload: Repository['unload'] = async (name, { dependents = false } = {}) => {
    const known = named(name);
    const steps = dependents ? known.flatMap(stepsOf) : [];
    for (const entry of [...known, ...steps]) await inTurn(() => unloadEntry(entry));
  };
  const reasonOf = (entry: Entry) => (entry.reason === '' && stateOf(entry) !== 'READY' ? 'one of its steps is not loaded' : entry.reason);

  return {
    find: select,
    isReady: (name, version = '') => named(name).some((entry) => stateOf(entry) === 'READY' && (version === '' || entry.version === version)),
    versions: (name) => named(name).flatMap((entry) => (stateOf(entry) === 'READY' ? [entry.version] : [])),
    infer: async ({ model, version, inputs, outputs = [] }) => {
      const entry = select(model, version);
      return held([entry, ...stepsOf(entry)], () => answer(entry, stepsOf(entry), { inputs, outputs }));
    },
    index: (readyOnly) =>
      entries
        .map((entry) => ({
          name: entry.spec.name,
          version: entry.version,
          state: stateOf(entry),
          ...(reasonOf(entry) === '' ? {} : { reason: reasonOf(entry) }),
        }))
        .filter(({ state }) => !readyOnly || state === 'READY')
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.version) - Number(b.version))),
    load,
    unload,
    statistics: (name, version) => {
      const chosen = name === undefined ? entries.filter((entry) => stateOf(entry) === 'READY') : [select(name, version)];
      return chosen.map(({ recorder }) => recorder.statistics);
    },
    close: async () => {
      await inTurn(async () => void (await Promise.all(entries.map(unloadEntry))));
      await sessions.close();
    },
  };
}

function createEntry(spec: ServedSpec, source: VersionedModel, statistics: Statistics): Entry {
  const version = String(source.version);
  return { spec, version, source, recorder: statistics.of(spec.name, version), state: 'UNAVAILABLE', reason: 'not loaded', running: 0, idle: [] };
}

async function loadEntry(entry: Entry, sessions: Sessions): Promise<void> {
  const { spec, source, recorder } = entry;
  if (entry.state !== 'READY') entry.state = 'LOADING';
  try {
    if (spec.kind === 'graph') {
      // Running executions keep the old session; this one is read from the file as it is now.
      await entry.graph?.close();
      const graph = createGraph(spec, { source, sessions, recorder });
      await graph.warmUp();
      entry.graph = graph;
      recorder.pending = graph.batcher.pending;
    }
    Object.assign(entry, { state: 'READY', reason: '' } satisfies Partial<Entry>);
  } catch (error) {
    Object.assign(entry, { state: 'UNAVAILABLE', reason: (error as Error).message } satisfies Partial<Entry>);
    throw error;
  }
}

async function unloadEntry(entry: Entry): Promise<void> {
  if (entry.state !== 'READY') return;
  entry.state = 'UNLOADING';
  if (entry.running > 0) await new Promise<void>((resolve) => entry.idle.push(resolve));
  await entry.graph?.close();
  Object.assign(entry, { state: 'UNAVAILABLE', reason: 'unloaded' } satisfies Partial<Entry>);
}

/** Keeps the entries from being unloaded while `work` runs. */
async function held<T>(entries: readonly Entry[], work: () => Promise<T>): Promise<T> {
  for (const entry of entries) entry.running++;
  try {
    return await work();
  } finally {
    for (const entry of entries) {
      entry.running--;
      if (entry.running === 0) for (const resolve of entry.idle.splice(0)) resolve();
    }
  }
}

interface Asked {
  readonly inputs: readonly ClaimedTensor[];
  readonly outputs: readonly string[];
}

async function answer(entry: Entry, steps: readonly Entry[], { inputs, outputs }: Asked): Promise<InferResponse> {
  const { spec, recorder } = entry;
  const began = performance.now();
  const elapsedNs = () => toNs(performance.now() - began);
  try {
    const { rows, tensors } = checked(spec, inputs);
    const wanted = [...new Set(outputs)].map(
      (name) => spec.outputs.find((tensor) => tensor.name === name) ?? invalid(`Expected an output of ${spec.name}, got ${shown(name)}.`),
    );
    const { output, times } = spec.kind === 'graph' ? await runGraph(entry, tensors, rows) : await runEnsemble(spec, steps, tensors, rows);
    recorder.succeeded(times, rows, elapsedNs());
    if (spec.kind === 'ensemble') recorder.executed(times, rows);
    const found = spec.outputs.map(({ name, datatype, dims }, i) => ({ name, datatype, shape: [rows, ...dims], data: output[i] as Uint8Array }));
    const chosen = wanted.length === 0 ? found : wanted.map(({ name }) => found.find((tensor) => tensor.name === name) as Tensor);
    return { model: spec.name, version: entry.version, outputs: chosen };
  } catch (error) {
    recorder.failed(elapsedNs());
    if (error instanceof BaseError) throw error;
    throw new BaseError({
      code: 'v2/failed',
      message: `Expected ${spec.name} to answer, but its execution failed: ${(error as Error).message}.`,
      cause: error,
    });
  }
}

function runGraph({ graph }: Entry, input: Rows, rows: number): Promise<{ output: Rows; times: Times }> {
  return (graph as Graph).batcher.submit(input, rows);
}

/** One step after the other; each is a request of its own to the step's model, in its batches and statistics. */
async function runEnsemble(spec: EnsembleSpec, steps: readonly Entry[], input: Rows, rows: number): Promise<{ output: Rows; times: Times }> {
  const pool = new Map(spec.inputs.map(({ name }, i) => [name, input[i] as Uint8Array]));
  const sum = { queueNs: 0, inputNs: 0, inferNs: 0, outputNs: 0 };
  for (const [position, { inputMap, outputMap }] of spec.steps.entries()) {
    const step = steps[position] as Entry;
    const began = performance.now();
    const own = step.spec.inputs.map(({ name }) => pool.get(inputMap[name] as string) as Uint8Array);
    const { output, times } = await runGraph(step, own, rows);
    step.recorder.succeeded(times, rows, toNs(performance.now() - began));
    for (const [i, { name }] of step.spec.outputs.entries()) pool.set(outputMap[name] as string, output[i] as Uint8Array);
    for (const key of Object.keys(sum) as (keyof Times)[]) sum[key] += times[key];
  }
  return { output: spec.outputs.map(({ name }) => pool.get(name) as Uint8Array), times: sum };
}

/** The inputs in the order of the specification, all of the same number of rows. */
function checked({ name, inputs: specs }: ServedSpec, inputs: readonly ClaimedTensor[]): { rows: number; tensors: Rows } {
  const names = inputs.map((input) => input.name);
  const stranger = names.find((input) => !specs.some((spec) => spec.name === input));
  if (stranger !== undefined) invalid(`Expected the inputs ${specs.map((spec) => spec.name).join(', ')} for ${name}, got ${shown(stranger)}.`);
  const again = names.find((input, i) => names.indexOf(input) !== i);
  if (again !== undefined) invalid(`Expected every input of ${name} once, got ${again} again.`);
  const found = specs.map(
    (spec) => inputs.find((input) => input.name === spec.name) ?? invalid(`Expected the input ${spec.name} for ${name}, got none.`),
  );
  const rows = found[0]?.shape[0] ?? 0;
  return { rows, tensors: found.map((input, i) => checkedTensor(specs[i] as TensorSpec, input, { model: name, rows })) };
}

function checkedTensor(spec: TensorSpec, { datatype, shape, data }: ClaimedTensor, { model, rows }: { model: string; rows: number }): Uint8Array {
  if (datatype !== spec.datatype) invalid(`Expected ${spec.datatype} for the input ${spec.name} of ${model}, got ${shown(datatype)}.`);
  if (shape.length !== spec.dims.length + 1 || spec.dims.some((size, i) => shape[i + 1] !== size))
    invalid(`Expected the shape [-1,${spec.dims}] for the input ${spec.name} of ${model}, got ${shown(shape)}.`);
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_BATCH || shape[0] !== rows)
    invalid(`Expected a batch of 1 to ${MAX_BATCH} for ${model}, the same in every input, got ${shape[0]}.`);
  if (data.byteLength !== rows * rowBytes(spec))
    invalid(`Expected ${rows * rowBytes(spec)} bytes for the shape [${shape}] of ${spec.name} (${product(shape)} elements), got ${data.byteLength}.`);
  return data;
}

function notFound(message: string): never {
  throw new BaseError({ code: 'v2/not-found', message });
}
