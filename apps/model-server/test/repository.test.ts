/** Loading and unloading while requests run, versions, the limit of open sessions, and models that are not what they say. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { openModels } from '../src/models.ts';
import { openSessions } from '../src/v2/sessions.ts';
import { latentOf, modelOf, painted, photoOf } from './cases.ts';
import { binaryOutputs, inferBinary, MODELS, post, request, startEmbedded } from './endpoint.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-repository-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const latentInput = (latent: Uint8Array) => ({ name: 'latent', datatype: 'UINT8', shape: [1, 128], data: latent });

it('answers every request right or with 404 while its model is unloaded and loaded', async () => {
  const server = await startEmbedded({ PENTIMENTO_MODELS: join(MODELS, 'nouns-s') });
  try {
    const model = await modelOf('nouns-s');
    const expected = Array.from({ length: 8 }, (_, seed) => Buffer.from(painted(model, latentOf(seed))));
    const counts = { right: 0, absent: 0 };
    let done = false;
    const clients = Array.from({ length: 8 }, async (_, seed) => {
      while (!done) {
        const answer = await inferBinary(server.url, 'nouns-s_decoder', latentInput(latentOf(seed))).catch((error: Error) => error);
        if (answer instanceof Error) {
          expect(answer.message).toMatch(/^404 .*not loaded/);
          counts.absent++;
        } else {
          expect(answer[0]?.data.equals(expected[seed] as Buffer)).toBe(true);
          counts.right++;
        }
      }
    });
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    for (let i = 0; i < 10; i++) {
      for (const action of ['unload', 'load', 'load']) {
        await pause(15);
        expect((await post(`${server.url}/v2/repository/models/nouns-s_decoder/${action}`, {})).status).toBe(200);
      }
    }
    done = true;
    await Promise.all(clients);
    expect(counts.right).toBeGreaterThan(50);
    expect(counts.absent).toBeGreaterThan(0);
  } finally {
    await server.stop();
  }
});

it('serves folders of one name as versions, the newest by default', async () => {
  const second = join(folder, 'second');
  await cp(join(MODELS, 'nouns-m'), second, { recursive: true });
  const server = await startEmbedded({ PENTIMENTO_MODELS: `${join(MODELS, 'nouns-m')},${second}` });
  try {
    expect((await request(`${server.url}/v2/models/nouns-m`)).json()).toMatchObject({ versions: ['1', '2'] });
    const infer = (path: string) =>
      post(`${server.url}/v2/models/nouns-m_decoder${path}/infer`, { inputs: [{ ...latentInput(latentOf(1)), data: [...latentOf(1)] }] });
    expect((await infer('')).json()).toMatchObject({ model_version: '2' });
    expect((await infer('/versions/1')).json()).toMatchObject({ model_version: '1' });
    expect((await infer('/versions/3')).status).toBe(404);
  } finally {
    await server.stop();
  }
});

it('unloads the steps of an ensemble when asked to, and says why the ensemble is not ready', async () => {
  const server = await startEmbedded({ PENTIMENTO_MODELS: join(MODELS, 'nouns-s') });
  try {
    const control = (model: string, action: string, body: object = {}) => post(`${server.url}/v2/repository/models/${model}/${action}`, body);
    await control('nouns-s', 'unload', { parameters: { unload_dependents: true } });
    expect((await post(`${server.url}/v2/repository/index`, { ready: true })).json()).toEqual([]);
    expect((await request(`${server.url}/readyz`)).status).toBe(503);
    await control('nouns-s', 'load');
    expect((await post(`${server.url}/v2/repository/index`, {})).json()).toContainEqual({
      name: 'nouns-s',
      version: '1',
      state: 'UNAVAILABLE',
      reason: 'one of its steps is not loaded',
    });
    await control('nouns-s_encoder', 'load');
    await control('nouns-s_decoder', 'load');
    const index = await post(`${server.url}/v2/models/nouns-s/infer`, {
      inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 3, 64, 64], data: [...photoOf(2)] }],
      outputs: [{ name: 'index', parameters: { binary_data: true } }],
    });
    expect(binaryOutputs(index)[0]?.shape).toEqual([1, 32, 32]);
    expect((await control('nobody', 'load')).status).toBe(404);
    const page = { method: 'POST', headers: { origin: 'https://elsewhere.example' } };
    for (const action of ['load', 'unload']) expect((await request(`${server.url}/v2/repository/models/nouns-s/${action}`, page)).status).toBe(403);
    expect((await request(`${server.url}/v2/models/nouns-s/ready`)).status).toBe(200);
    expect((await control('nouns-s', 'load', { parameters: { config: '{}' } })).status).toBe(400);
  } finally {
    await server.stop();
  }
});

it('opens no more sessions than allowed, and answers from all models nevertheless', async () => {
  const server = await startEmbedded({ PENTIMENTO_SESSIONS: '1' });
  try {
    const names = ['nouns-s', 'nouns-m', 'strokes-rgb', 'nouns-s'];
    for (const name of names) {
      const [output] = await inferBinary(server.url, `${name}_decoder`, latentInput(latentOf(3)));
      expect(output?.data.equals(painted(await modelOf(name), latentOf(3)))).toBe(true);
    }
  } finally {
    await server.stop();
  }
  const sessions = openSessions(2);
  const paths = ['nouns-s', 'nouns-m', 'nouns-l64'].map((name) => join(MODELS, name, 'decoder.onnx')) as [string, string, string];
  // One that runs is not closed, even when it is the oldest.
  await sessions.use(paths[0], async (session) => {
    for (const path of paths.slice(1)) await sessions.use(path, async () => undefined);
    expect(session).toBeInstanceOf(InferenceSession);
    expect(session.inputNames).toEqual(['latent']);
  });
  expect(sessions.openCount()).toBe(2);
  await expect(sessions.use(join(MODELS, 'nothing.onnx'), async () => undefined)).rejects.toThrow();
  expect(sessions.openCount()).toBeLessThanOrEqual(2);
  await sessions.close();
  expect(sessions.openCount()).toBe(0);
});

it('does not start with a decoder that paints something else than its model', async () => {
  const broken = join(folder, 'broken');
  await cp(join(MODELS, 'nouns-s'), broken, { recursive: true });
  await cp(join(MODELS, 'nouns-m', 'decoder.onnx'), join(broken, 'decoder.onnx'));
  await expect(startEmbedded({ PENTIMENTO_MODELS: broken })).rejects.toMatchObject({ code: 'v2/broken' });
});

it('does not start with bad settings', async () => {
  expect(() => readConfig({ PENTIMENTO_MODEL_PORT: '70000' })).toThrow('Expected PENTIMENTO_MODEL_PORT to be an integer in 0..65535, got 70000.');
  expect(() => readConfig({ PENTIMENTO_SESSIONS: '0' })).toThrow('PENTIMENTO_SESSIONS');
  expect(() => readConfig({ PENTIMENTO_LOG: 'loud' })).toThrow('PENTIMENTO_LOG');
  await expect(openModels([await mkdtemp(join(folder, 'empty-'))])).rejects.toMatchObject({ code: 'config/invalid' });
  await expect(openModels([join(folder, 'nothing')])).rejects.toMatchObject({ code: 'model/not-found' });
});
