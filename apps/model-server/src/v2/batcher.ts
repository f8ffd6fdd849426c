/**
 * Dynamic batching: requests that come close together share one execution. The first of a batch waits at most the given delay; while an
 * execution runs, the next batch gathers. A request gets exactly the rows that belong to it. Whoever comes when too many wait is refused.
 */
import { BaseError } from '@pentimento/core';

/** Times of one request in nanoseconds: waiting, and its execution. */
export interface Times {
  readonly queueNs: number;
  readonly inputNs: number;
  readonly inferNs: number;
  readonly outputNs: number;
}

/** What an execution returns: rows of every request, and how long its parts took. */
export interface Execution<Out> {
  readonly outputs: readonly Out[];
  readonly times: Omit<Times, 'queueNs'>;
}

export interface Batcher<In, Out> {
  /** `rows` is at most the batcher's `maxRows`. Throws `v2/busy`, which is retryable, when `maxWaiting` are waiting already. */
  readonly submit: (input: In, rows: number) => Promise<{ readonly output: Out; readonly times: Times }>;
  readonly pending: () => number;
}

export interface BatcherOptions<In, Out> {
  readonly maxRows: number;
  readonly maxDelayMs: number;
  /** Requests; those of the execution that runs do not count. */
  readonly maxWaiting: number;
  /** Answers as many outputs as inputs, in their order. */
  readonly execute: (inputs: readonly In[], rows: number) => Promise<Execution<Out>>;
}

interface Job<In, Out> {
  readonly input: In;
  readonly rows: number;
  /** Of `performance.now()`. */
  readonly since: number;
  readonly settle: (answer: { readonly output: Out; readonly times: Times }) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher<In, Out>({ maxRows, maxDelayMs, maxWaiting, execute }: BatcherOptions<In, Out>): Batcher<In, Out> {
  let queue: Job<In, Out>[] = [];
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  const schedule = (): void => {
    const [oldest] = queue;
    if (running || !oldest) return;
    clearTimeout(timer);
    const waitMs = oldest.since + maxDelayMs - performance.now();
    const full = queue.reduce((rows, job) => rows + job.rows, 0) >= maxRows;
    if (full || waitMs <= 0) void start();
    else timer = setTimeout(schedule, waitMs);
  };
  const start = async (): Promise<void> => {
    running = true;
    const jobs = takeBatch();
    const began = performance.now();
    try {
      const { outputs, times } = await execute(
        jobs.map(({ input }) => input),
        jobs.reduce((rows, job) => rows + job.rows, 0),
      );
      for (const [i, job] of jobs.entries()) job.settle({ output: outputs[i] as Out, times: { ...times, queueNs: toNs(began - job.since) } });
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
    running = false;
    schedule();
  };
  const takeBatch = (): Job<In, Out>[] => {
    const jobs: Job<In, Out>[] = [];
    let rows = 0;
    for (const job of queue) {
      rows += job.rows;
      if (rows > maxRows) break;
      jobs.push(job);
    }
    queue = queue.slice(jobs.length);
    return jobs;
  };

  return {
    submit: (input, rows) =>
      new Promise((settle, reject) => {
        if (queue.length >= maxWaiting) busy(maxWaiting);
        queue.push({ input, rows, since: performance.now(), settle, reject });
        schedule();
      }),
    pending: () => queue.length,
  };
}

function busy(maxWaiting: number): never {
  const message = `Expected fewer than ${maxWaiting} requests waiting for this model, got as many; try again in a moment.`;
  throw new BaseError({ code: 'v2/busy', message, retryable: true });
}

/** Nanoseconds of milliseconds. */
export const toNs = (ms: number): number => Math.round(ms * 1e6);
