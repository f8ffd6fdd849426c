/** Batches: who shares an execution, that nobody gets another's rows, and what a failure does. */
import type { Model } from '@pentimento/layers';
import { describe, expect, it } from 'vitest';
import { createBatcher } from '../src/v2/batcher.ts';
import { bytesOfFloats, encoded, latentOf, modelNames, modelOf, painted, photoOf } from './cases.ts';
import { inferBinary, request, startEmbedded } from './endpoint.ts';

const times = { inputNs: 0, inferNs: 0, outputNs: 0 };

describe('the batcher', () => {
  /** Doubles its inputs; records the rows of every execution. */
  function doubling(options: { maxRows: number; maxDelayMs: number; maxWaiting?: number; takesMs?: number }) {
    const executions: number[] = [];
    const batcher = createBatcher<number, number>({
      maxWaiting: 100,
      ...options,
      execute: async (inputs, rows) => {
        executions.push(rows);
        await new Promise((resolve) => setTimeout(resolve, options.takesMs ?? 0));
        return { outputs: inputs.map((value) => 2 * value), times };
      },
    });
    return { batcher, executions };
  }

  it('puts what comes together into one execution, and answers each with its own', async () => {
    const { batcher, executions } = doubling({ maxRows: 8, maxDelayMs: 5 });
    const answers = await Promise.all([1, 2, 3].map((value) => batcher.submit(value, 1)));
    expect(answers.map(({ output }) => output)).toEqual([2, 4, 6]);
    expect(executions).toEqual([3]);
  });

  it('never exceeds the largest batch, keeps requests whole and in order', async () => {
    const { batcher, executions } = doubling({ maxRows: 4, maxDelayMs: 5 });
    await Promise.all([3, 2, 1, 4, 1].map((rows) => batcher.submit(rows, rows)));
    expect(executions).toEqual([3, 3, 4, 1]);
  });

  it('does not wait when the batch is full', async () => {
    const { batcher } = doubling({ maxRows: 2, maxDelayMs: 10_000 });
    await Promise.all([batcher.submit(1, 1), batcher.submit(2, 1)]);
  });

  it('gathers the next batch while one runs', async () => {
    const { batcher, executions } = doubling({ maxRows: 8, maxDelayMs: 0, takesMs: 20 });
    const first = batcher.submit(0, 1);
    const others = Array.from({ length: 5 }, (_, i) => batcher.submit(i, 1));
    expect(batcher.pending()).toBe(5);
    await Promise.all([first, ...others]);
    expect(executions).toEqual([1, 5]);
    expect(batcher.pending()).toBe(0);
  });

  it('refuses who comes when the queue is full, whatever its rows, and nobody else', async () => {
    const { batcher } = doubling({ maxRows: 4, maxDelayMs: 0, maxWaiting: 2, takesMs: 5 });
    const answers = await Promise.allSettled([4, 4, 1, 1, 1].map((rows) => batcher.submit(rows, rows)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(answers[3]).toMatchObject({
      reason: { code: 'v2/busy', retryable: true, message: expect.stringMatching(/^Expected fewer than 2 .*\.$/) },
    });
    expect(batcher.pending()).toBe(0);
    expect(await batcher.submit(5, 1)).toMatchObject({ output: 10 });
  });

  it('goes on after an execution that failed', async () => {
    let calls = 0;
    const batcher = createBatcher<number, number>({
      maxRows: 1,
      maxDelayMs: 0,
      maxWaiting: 1,
      execute: async (inputs) => {
        calls++;
        if (calls === 1) throw new Error('broken once');
        return { outputs: [...inputs], times };
      },
    });
    const [first, second] = await Promise.allSettled([batcher.submit(1, 1), batcher.submit(2, 1)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'broken once' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { output: 2 } });
  });
});

describe('the server', () => {
  it('answers the bytes of the reference for all models at once, in fewer executions than requests', async () => {
    const server = await startEmbedded();
    const latentsOf = (i: number) => Array.from({ length: 1 + (i % 3) }, (_, row) => latentOf(i + 7 * row));
    const rows = 14 * 1 + 13 * 2 + 13 * 3;
    try {
      const jobs = modelNames.flatMap((name) => Array.from({ length: 40 }, (_, i) => ({ name, latents: latentsOf(i), photo: photoOf(i) })));
      const models = new Map(await Promise.all(modelNames.map(async (name) => [name, await modelOf(name)] as const)));
      const decoded = await Promise.all(
        jobs.map(({ name, latents }) => {
          const input = { name: 'latent', datatype: 'UINT8', shape: [latents.length, 128], data: Buffer.concat(latents) };
          return inferBinary(server.url, `${name}_decoder`, input);
        }),
      );
      for (const [i, { name, latents }] of jobs.entries()) {
        const expected = Buffer.concat(latents.map((latent) => painted(models.get(name) as Model, latent)));
        expect(decoded[i]?.[0]?.data.equals(expected), `${name} ${i}`).toBe(true);
      }
      const photo = (value: Float32Array) => ({ name: 'image', datatype: 'FP32', shape: [1, 3, 64, 64], data: bytesOfFloats(value) });
      const encodings = await Promise.all(jobs.map((job) => inferBinary(server.url, `${job.name}_encoder`, photo(job.photo))));
      for (const name of modelNames) {
        const own = jobs.flatMap((job, i) => (job.name === name ? [encodings[i]?.[0]?.data] : []));
        const alone = await encoded(
          name,
          jobs.filter((job) => job.name === name).map((job) => job.photo),
        );
        expect(Buffer.concat(own as Buffer[]).equals(Buffer.concat(alone)), name).toBe(true);
      }
      const { model_stats } = (await request(`${server.url}/v2/models/stats`)).json<{
        model_stats: {
          name: string;
          inference_count: number;
          execution_count: number;
          batch_stats: { batch_size: number; compute_infer: { count: number } }[];
        }[];
      }>();
      for (const { name, inference_count, execution_count, batch_stats } of model_stats.filter((entry) => entry.name.endsWith('_decoder'))) {
        expect(inference_count, name).toBe(rows);
        expect(execution_count, name).toBeLessThan(40);
        expect(batch_stats.reduce((sum, { batch_size, compute_infer }) => sum + batch_size * compute_infer.count, 0)).toBe(rows);
      }
    } finally {
      await server.stop();
    }
  });
});
