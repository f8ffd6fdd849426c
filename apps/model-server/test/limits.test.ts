/** What one client cannot do to the others: fill the queue without end, leave its answers unread, and have its own texts sent back at length. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_BATCH, MAX_QUEUE_SIZE } from '@pentimento/serving';
import Fastify, { type FastifyInstance } from 'fastify';
import type { InferenceSession } from 'onnxruntime-node';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openModels } from '../src/models.ts';
import { type GrpcServer, startGrpc } from '../src/v2/grpc.ts';
import { openRepository, type Repository } from '../src/v2/repository.ts';
import { v2Routes } from '../src/v2/rest.ts';
import { openSessions } from '../src/v2/sessions.ts';
import { openStatistics } from '../src/v2/statistics.ts';
import { latentOf, modelOf, painted } from './cases.ts';
import { type GrpcClient, grpcClient, MODELS } from './endpoint.ts';

const NAME = 'nouns-s';
const MODEL = `${NAME}_decoder`;

/** What every execution waits for. */
let gate = Promise.resolve();
let repository: Repository;
let http: FastifyInstance;
let server: GrpcServer;
let grpc: GrpcClient;
beforeAll(async () => {
  const sessions = openSessions(2);
  const gated = { ...sessions, use: <T>(path: string, work: (session: InferenceSession) => Promise<T>) => gate.then(() => sessions.use(path, work)) };
  repository = openRepository(await openModels([join(MODELS, NAME)]), gated, openStatistics(new Registry()));
  await repository.load(MODEL);
  http = Fastify();
  v2Routes(http, repository);
  server = await startGrpc(repository, { host: '127.0.0.1', port: 0 });
  grpc = grpcClient(`127.0.0.1:${server.port}`);
});
afterAll(async () => {
  grpc?.close();
  await server?.close();
  await http?.close();
  await repository?.close();
});

const tensorOf = (latents: readonly Uint8Array[]) => ({ name: 'latent', datatype: 'UINT8', shape: [latents.length, 128] });
const jsonInput = { ...tensorOf([latentOf(0)]), data: [...latentOf(0)] };
const post = (body: object) => http.inject({ method: 'POST', url: `/v2/models/${MODEL}/infer`, payload: body });
const inferRequest = (id: string, latents: readonly Uint8Array[]) => ({
  id,
  model_name: MODEL,
  inputs: [tensorOf(latents)],
  raw_input_contents: [Buffer.concat(latents)],
});

const batch = Array.from({ length: MAX_BATCH }, (_, seed) => latentOf(seed));
const paintedBatch = async () => {
  const model = await modelOf(NAME);
  return Buffer.concat(batch.map((latent) => painted(model, latent)));
};

it('refuses who comes when too many wait, over both protocols, and answers all who waited', async () => {
  const { promise, resolve: open } = Promise.withResolvers<void>();
  gate = promise;
  onTestFinished(() => open());
  const input = { ...tensorOf(batch), data: Buffer.concat(batch) };
  // The first is an execution of its own, behind which the others wait.
  const accepted = Array.from({ length: 1 + MAX_QUEUE_SIZE }, () => repository.infer({ model: MODEL, inputs: [input] }));
  const error = expect.stringMatching(/^Expected fewer than 128 requests waiting .{1,100}\.$/);
  await expect(repository.infer({ model: MODEL, inputs: [input] })).rejects.toMatchObject({ code: 'v2/busy', message: error });
  await expect(grpc.call('ModelInfer', inferRequest('late', [latentOf(0)]))).rejects.toMatchObject({ code: 14, details: error });
  const answer = await post({ inputs: [jsonInput] });
  expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([503, '1', { error }]);
  open();
  const expected = await paintedBatch();
  for (const { outputs } of await Promise.all(accepted)) expect(Buffer.compare(outputs[0]?.data as Uint8Array, expected)).toBe(0);
}, 60_000);

describe('a stream', () => {
  const REQUESTS = 300;
  const inferred = () => (repository.statistics(MODEL)[0]?.inference_count ?? 0) / MAX_BATCH;
  /** Sends everything at once and has asked for one answer: without that the client's own library reads all of them ahead. */
  const flood = () => {
    const call = grpc.open();
    for (let i = 0; i < REQUESTS; i++) call.write(inferRequest(String(i), batch));
    call.end();
    call.read(0);
    return call;
  };
  const standstill = async () => {
    let before = -1;
    while (inferred() !== before) {
      before = inferred();
      await sleep(1000);
    }
  };

  it('whose answers nobody reads stands still, and goes on when they are read', async () => {
    const before = inferred();
    const call = flood();
    await standstill();
    // Those in work, and those in the buffers of both sides.
    expect(inferred() - before).toBeGreaterThan(0);
    expect(inferred() - before).toBeLessThan(REQUESTS / 2);
    const expected = await paintedBatch();
    const ids: string[] = [];
    for await (const { infer_response } of call as AsyncIterable<{ infer_response: { id: string; raw_output_contents: Buffer[] } }>) {
      ids.push(infer_response.id);
      expect(infer_response.raw_output_contents[0]?.equals(expected)).toBe(true);
    }
    expect(ids).toEqual(Array.from({ length: REQUESTS }, (_, i) => String(i)));
    expect(inferred() - before).toBe(REQUESTS);
  });

  it('that is broken off leaves nothing behind', async () => {
    const before = inferred();
    const call = flood();
    await once(call, 'readable');
    const failed = once(call, 'error');
    call.cancel();
    expect(await failed).toMatchObject([{ code: 1 }]);
    await standstill();
    expect(inferred() - before).toBeLessThan(REQUESTS / 2);
    // Waits for the requests that run.
    await repository.unload(MODEL);
    await repository.load(MODEL);
  });
});

describe('a refusal is one short sentence', () => {
  const long = 'a'.repeat(100_000);
  const short = expect.stringMatching(/^Expected [^\n]{1,250}\.$/);
  const input = jsonInput;
  const inputs: readonly (readonly [string, object])[] = [
    ['the name of an input', { inputs: [{ ...input, name: long }] }],
    ['the name of an input without data', { inputs: [{ ...input, name: long, data: undefined }] }],
    ['the name of an input with bad data', { inputs: [{ ...input, name: long, data: [-1] }] }],
    ['the same input again and again', { inputs: Array.from({ length: 500 }, () => input) }],
    ['a data type', { inputs: [{ ...input, datatype: long }] }],
    ['a shape', { inputs: [{ ...input, shape: Array.from({ length: 10_000 }, (_, i) => i) }] }],
    ['a size', { inputs: [{ ...input, data: undefined, parameters: { binary_data_size: long } }] }],
    ['the name of an output', { inputs: [input], outputs: [{ name: long }] }],
  ];

  it.each(inputs)('over HTTP for %s', async (_, body) => {
    const answer = await post(body);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: short }]);
  });

  const good = inferRequest('', [latentOf(0)]);
  const calls: readonly (readonly [string, string, object, number])[] = [
    ['the name of a model', 'ModelInfer', { ...good, model_name: long }, 5],
    ['the version of a model', 'ModelInfer', { ...good, model_version: long }, 5],
    ['the name of a model to load', 'RepositoryModelLoad', { model_name: long }, 5],
    ['the name of an input', 'ModelInfer', { ...good, inputs: [{ ...tensorOf([latentOf(0)]), name: long }] }, 3],
    ['a data type', 'ModelInfer', { ...good, inputs: [{ ...tensorOf([latentOf(0)]), datatype: long }] }, 3],
    ['a shape', 'ModelInfer', { ...good, inputs: [{ ...tensorOf([latentOf(0)]), shape: Array(10_000).fill(7) }] }, 3],
    ['the name of an output', 'ModelInfer', { ...good, outputs: [{ name: long }] }, 3],
  ];

  it.each(calls)('over gRPC for %s', async (_, method, body, code) => {
    await expect(grpc.call(method, body)).rejects.toMatchObject({ code, details: short });
  });

  it('and a shape is shown whole', async () => {
    const answer = await post({ inputs: [{ ...input, shape: [1, 1] }] });
    expect(answer.json()).toEqual({ error: `Expected the shape [-1,128] for the input latent of ${MODEL}, got [1,1].` });
  });
});

it('answers an output once, however often it is asked for', async () => {
  const { outputs } = await grpc.call<{ outputs: unknown[] }>('ModelInfer', {
    ...inferRequest('', [latentOf(0)]),
    outputs: Array.from({ length: 1000 }, () => ({ name: 'index' })),
  });
  expect(outputs.length).toBe(1);
});
