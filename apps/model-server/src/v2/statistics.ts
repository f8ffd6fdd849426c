/** What every served model has done, under Triton's names: for the statistics extension and for Prometheus. Counts start with the process. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Times } from './batcher.ts';

/** Requests, and the sum of their durations. */
export interface Duration {
  count: number;
  ns: number;
}

export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970, 0 for none. */
  last_inference: number;
  /** Rows. */
  inference_count: number;
  execution_count: number;
  readonly inference_stats: Readonly<Record<'success' | 'fail' | (typeof PARTS)[number], Duration>>;
  readonly batch_stats: ({ batch_size: number } & Readonly<Record<(typeof EXECUTION_PARTS)[number], Duration>>)[];
}

const EXECUTION_PARTS = ['compute_input', 'compute_infer', 'compute_output'] as const;
const PARTS = ['queue', ...EXECUTION_PARTS] as const;

export interface Recorder {
  readonly statistics: ModelStatistics;
  /** A request that was answered; its times are summed by Triton's rule, each request with the whole execution it shared. */
  readonly succeeded: (times: Times, rows: number, totalNs: number) => void;
  readonly failed: (totalNs: number) => void;
  /** One execution of `rows` rows. */
  readonly executed: (times: Omit<Times, 'queueNs'>, rows: number) => void;
  /** Requests that wait for their execution. */
  pending: () => number;
}

export interface Statistics {
  /** The recorder of a model's version; the same one when asked again. */
  readonly of: (name: string, version: string) => Recorder;
}

export function openStatistics(registry: Registry): Statistics {
  const recorders = new Map<string, Recorder>();
  exposeMetrics(registry, () => recorders.values());
  return {
    of: (name, version) => {
      const key = `${name}/${version}`;
      const known = recorders.get(key);
      if (known) return known;
      const recorder = createRecorder(name, version);
      recorders.set(key, recorder);
      return recorder;
    },
  };
}

function createRecorder(name: string, version: string): Recorder {
  const zero = (): Duration => ({ count: 0, ns: 0 });
  const statistics: ModelStatistics = {
    name,
    version,
    last_inference: 0,
    inference_count: 0,
    execution_count: 0,
    inference_stats: {
      success: zero(),
      fail: zero(),
      queue: zero(),
      compute_input: zero(),
      compute_infer: zero(),
      compute_output: zero(),
    },
    batch_stats: [],
  };
  const add = (duration: Duration, ns: number) => {
    duration.count++;
    duration.ns += ns;
  };
  return {
    statistics,
    succeeded: (times, rows, totalNs) => {
      const { success, queue, compute_input, compute_infer, compute_output } = statistics.inference_stats;
      add(success, totalNs);
      add(queue, times.queueNs);
      add(compute_input, times.inputNs);
      add(compute_infer, times.inferNs);
      add(compute_output, times.outputNs);
      statistics.inference_count += rows;
      statistics.last_inference = Date.now();
    },
    failed: (totalNs) => add(statistics.inference_stats.fail, totalNs),
    executed: ({ inputNs, inferNs, outputNs }, rows) => {
      statistics.execution_count++;
      let batch = statistics.batch_stats.find(({ batch_size }) => batch_size === rows);
      if (!batch) {
        batch = { batch_size: rows, compute_input: zero(), compute_infer: zero(), compute_output: zero() };
        statistics.batch_stats.push(batch);
      }
      add(batch.compute_input, inputNs);
      add(batch.compute_infer, inferNs);
      add(batch.compute_output, outputNs);
    },
    pending: () => 0,
  };
}

/** The counters are read from the statistics whenever they are scraped. */
function exposeMetrics(registry: Registry, recorders: () => Iterable<Recorder>): void {
  const us = ({ ns }: Duration) => Math.round(ns / 1000);
  const expose = (name: string, help: string, read: (recorder: Recorder) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['model', 'version'],
      registers: [registry],
      collect() {
        this.reset();
        for (const recorder of recorders()) this.inc({ model: recorder.statistics.name, version: recorder.statistics.version }, read(recorder));
      },
    });
  const stats = (read: (s: ModelStatistics) => number) => (recorder: Recorder) => read(recorder.statistics);
  expose(
    'nv_inference_request_success',
    'Inference requests that were answered',
    stats((s) => s.inference_stats.success.count),
  );
  expose(
    'nv_inference_request_failure',
    'Inference requests that failed',
    stats((s) => s.inference_stats.fail.count),
  );
  expose(
    'nv_inference_count',
    'Inferences, one for each row of a batch',
    stats((s) => s.inference_count),
  );
  expose(
    'nv_inference_exec_count',
    'Executions of the model',
    stats((s) => s.execution_count),
  );
  expose(
    'nv_inference_request_duration_us',
    'Microseconds of all requests',
    stats((s) => us(s.inference_stats.success)),
  );
  for (const part of PARTS)
    expose(
      `nv_inference_${part}_duration_us`,
      `Microseconds of all requests in ${part.replace('_', ' ')}`,
      stats((s) => us(s.inference_stats[part])),
    );
  new Gauge({
    name: 'nv_inference_pending_request_count',
    help: 'Requests that wait for their execution',
    labelNames: ['model', 'version'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { statistics, pending } of recorders()) this.set({ model: statistics.name, version: statistics.version }, pending());
    },
  });
}
