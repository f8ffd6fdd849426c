/** What any server of our models has to do in the Open Inference Protocol: the same requests to the embedded server and to a real Triton. */
import { configOf, specificationsOf } from '@pentimento/serving';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOfFloats, encoded, latentOf, modelOf, painted, photoOf } from './cases.ts';
import { binaryOutputs, type Endpoint, type GrpcClient, grpcClient, inferBinary, post, request } from './endpoint.ts';

/** Models that the servers under test have: one with a palette, one in RGB. */
export const CONTRACT_MODELS = ['nouns-m', 'strokes-rgb'] as const;

interface JsonOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface InferAnswer {
  readonly id?: string;
  readonly model_name: string;
  readonly model_version: string;
  readonly outputs: readonly JsonOutput[];
}

export function contract(name: string, connect: () => Promise<Endpoint>): void {
  describe(`the v2 contract of ${name}`, () => {
    let server: Endpoint;
    let grpc: GrpcClient;
    beforeAll(async () => {
      server = await connect();
      grpc = grpcClient(server.grpc);
    });
    afterAll(async () => {
      grpc?.close();
      await server?.stop();
    });
    const get = (path: string) => request(`${server.url}${path}`);
    const infer = (model: string, body: unknown) => post(`${server.url}/v2/models/${model}/infer`, body);
    const latentInput = (latents: readonly Uint8Array[]) => ({
      name: 'latent',
      datatype: 'UINT8',
      shape: [latents.length, 128],
      data: Buffer.concat(latents),
    });
    const jsonInput = (latents: readonly Uint8Array[]) => ({ ...latentInput(latents), data: latents.map((latent) => [...latent]) });

    it('is alive and says what it is', async () => {
      expect((await get('/v2/health/live')).status).toBe(200);
      expect((await get('/v2/health/ready')).status).toBe(200);
      const { extensions } = (await get('/v2')).json<{ extensions: string[] }>();
      expect(extensions).toEqual(expect.arrayContaining(['model_repository', 'model_configuration', 'binary_tensor_data', 'statistics']));
    });

    it.each(CONTRACT_MODELS)('describes the three models of %s', async (model) => {
      for (const spec of specificationsOf((await modelOf(model)).manifest)) {
        const shaped = (tensors: typeof spec.inputs) => tensors.map(({ name, datatype, dims }) => ({ name, datatype, shape: [-1, ...dims] }));
        for (const path of [`/v2/models/${spec.name}`, `/v2/models/${spec.name}/versions/1`])
          expect((await get(path)).json()).toMatchObject({
            name: spec.name,
            versions: ['1'],
            inputs: shaped(spec.inputs),
            outputs: shaped(spec.outputs),
          });
        expect((await get(`/v2/models/${spec.name}/ready`)).status).toBe(200);
        const { input, output, max_batch_size, parameters } = configOf(spec, 'onnxruntime');
        expect((await get(`/v2/models/${spec.name}/config`)).json()).toMatchObject({ name: spec.name, max_batch_size, input, output, parameters });
      }
    });

    it.each(CONTRACT_MODELS)('decodes with %s the bytes of the reference, as JSON', async (name_) => {
      const model = await modelOf(name_);
      const latents = [0, 1, 2].map((seed) => latentOf(seed));
      const answer = await infer(`${name_}_decoder`, { id: 'three', inputs: [jsonInput(latents)] });
      expect(answer.status).toBe(200);
      const { id, model_name, model_version, outputs } = answer.json<InferAnswer>();
      expect({ id, model_name, model_version }).toEqual({ id: 'three', model_name: `${name_}_decoder`, model_version: '1' });
      const [, decoder] = specificationsOf(model.manifest);
      expect(outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual(
        decoder.outputs.map(({ name, datatype, dims }) => ({ name, datatype, shape: [3, ...dims] })),
      );
      expect(Buffer.from(outputs[0]?.data ?? [])).toEqual(Buffer.concat(latents.map((latent) => painted(model, latent))));
    });

    it.each(CONTRACT_MODELS)('decodes with %s the bytes of the reference, as binary tensors', async (name_) => {
      const model = await modelOf(name_);
      const latents = Array.from({ length: 32 }, (_, seed) => latentOf(seed + 40));
      const [output] = await inferBinary(server.url, `${name_}_decoder`, latentInput(latents));
      expect(output?.data).toEqual(Buffer.concat(latents.map((latent) => painted(model, latent))));
    });

    it('takes the raw bytes of the one input', async () => {
      const latent = latentOf(5);
      const url = `${server.url}/v2/models/nouns-m_decoder/infer`;
      const answer = await request(url, { method: 'POST', body: Buffer.from(latent), headers: { 'inference-header-content-length': '0' } });
      expect(binaryOutputs(answer)[0]?.data).toEqual(Buffer.from(painted(await modelOf('nouns-m'), latent)));
    });

    it.each(CONTRACT_MODELS)('runs the ensemble of %s: the latent is the encoder’s, the picture the decoder’s', async (name_) => {
      const model = await modelOf(name_);
      const photos = [0, 1, 2, 3, 4].map(photoOf);
      const data = Buffer.concat(photos.map(bytesOfFloats));
      const outputs = await inferBinary(server.url, name_, { name: 'image', datatype: 'FP32', shape: [5, 3, 64, 64], data });
      const latent = outputs.find((output) => output.name === 'latent');
      const picture = outputs.find((output) => output.name !== 'latent');
      const rows = photos.map((_, i) => latent?.data.subarray(128 * i, 128 * (i + 1)) as Buffer);
      expect(picture?.data).toEqual(Buffer.concat(rows.map((row) => painted(model, row))));
      // Another build of the runtime may round a float the other way.
      for (const [i, own] of (await encoded(name_, photos)).entries())
        expect(Math.max(...own.map((value, j) => Math.abs(value - (rows[i]?.[j] as number))))).toBeLessThanOrEqual(1);
    });

    // Triton's ensemble (2.51) answers "unexpected deadlock" when not all of its outputs are asked for; the embedded server's own test does that.
    it('gives the outputs that are asked for, each in the form that is asked for', async () => {
      const inputs = [{ name: 'image', datatype: 'FP32', shape: [1, 3, 64, 64], data: [...photoOf(1)] }];
      const answer = await infer('nouns-m', { inputs, outputs: [{ name: 'latent', parameters: { binary_data: true } }, { name: 'index' }] });
      const header = answer.body.subarray(0, Number(answer.headers.get('inference-header-content-length')));
      const latent = answer.body.subarray(header.byteLength);
      const { outputs } = JSON.parse(header.toString()) as InferAnswer;
      expect(outputs.map((output) => output.name).sort()).toEqual(['index', 'latent']);
      expect(latent.byteLength).toBe(128);
      expect(outputs.find((output) => output.name === 'index')?.data).toEqual([...painted(await modelOf('nouns-m'), latent)]);
    });

    const wrong: readonly (readonly [string, object, number])[] = [
      ['another shape', { ...jsonInput([latentOf(0)]), shape: [1, 1], data: [1] }, 400],
      ['another rank', { ...jsonInput([latentOf(0)]), shape: [1, 128, 1] }, 400],
      ['another data type', { ...jsonInput([latentOf(0)]), datatype: 'FP32' }, 400],
      ['an unknown input', { ...jsonInput([latentOf(0)]), name: 'other' }, 400],
      ['too large a batch', jsonInput(Array.from({ length: 33 }, () => latentOf(0))), 400],
      ['too few raw bytes', { name: 'latent', datatype: 'UINT8', shape: [1, 128], parameters: { binary_data_size: 4 } }, 400],
    ];
    it.each(wrong)('refuses %s', async (_name, input, status) => refused(await infer('nouns-m_decoder', { inputs: [input] }), status));

    it('refuses what it does not have or does not understand', async () => {
      refused(await infer('nobody_decoder', { inputs: [jsonInput([latentOf(0)])] }), 404);
      refused(await get('/v2/models/nobody'), 404);
      refused(await get('/v2/models/nouns-m/versions/7'), 404);
      refused(await get('/v2/models/nobody/ready'), 400);
      refused(await get('/v2/nothing'), 404);
      refused(await infer('nouns-m_decoder', { inputs: [] }), 400);
      refused(await infer('nouns-m_decoder', { inputs: [jsonInput([latentOf(0)])], outputs: [{ name: 'nothing' }] }), 400);
      refused(await get('/v2/models/nouns-m_decoder/infer'), 405);
      refused(await post(`${server.url}/v2/health/live`, {}), 405);
      // Triton calls JSON that it cannot read its own error, 500; the protocol calls it the caller's, 400.
      for (const body of ['{', '{}', '[]', 'null'])
        expect((await request(`${server.url}/v2/models/nouns-m_decoder/infer`, { method: 'POST', body })).status).toBeOneOf([400, 500]);
    });

    it('unloads and loads', async () => {
      const state = async (wanted: string) => {
        const models = (await post(`${server.url}/v2/repository/index`, {})).json<{ name: string; state: string }[]>();
        return models.find((entry) => entry.name === wanted)?.state;
      };
      const control = (action: string) => post(`${server.url}/v2/repository/models/nouns-m_decoder/${action}`, {});
      expect(await state('nouns-m_decoder')).toBe('READY');
      expect((await control('unload')).status).toBe(200);
      await expect.poll(() => state('nouns-m_decoder'), { timeout: 10_000 }).toBe('UNAVAILABLE');
      refused(await get('/v2/models/nouns-m_decoder/ready'), 400);
      refused(await infer('nouns-m_decoder', { inputs: [jsonInput([latentOf(0)])] }), 404);
      expect(await state('nouns-m_encoder')).toBe('READY');
      expect((await control('load')).status).toBe(200);
      expect((await post(`${server.url}/v2/repository/models/nouns-m/load`, {})).status).toBe(200);
      expect((await get('/v2/models/nouns-m/ready')).status).toBe(200);
      const [output] = await inferBinary(server.url, 'nouns-m_decoder', latentInput([latentOf(9)]));
      expect(output?.data).toEqual(Buffer.from(painted(await modelOf('nouns-m'), latentOf(9))));
    });

    it('keeps 96 concurrent requests apart, and counts them', async () => {
      const model = await modelOf('strokes-rgb');
      const stats = async () => {
        const answer = await get('/v2/models/strokes-rgb_decoder/stats');
        return answer.json<{ model_stats: { inference_count: number; inference_stats: { success: { count: number; ns: number } } }[] }>()
          .model_stats[0];
      };
      const metric = async () => {
        const text = (await request(server.metrics)).body.toString();
        return Number(/^nv_inference_count\{model="strokes-rgb_decoder",version="1"\} (\d+)/m.exec(text)?.[1]);
      };
      const [before, metricBefore] = [await stats(), await metric()];
      const work = Array.from({ length: 96 }, async (_, i) => {
        const latents = Array.from({ length: 1 + (i % 3) }, (_, row) => latentOf(1000 + 7 * i + row));
        const [output] = await inferBinary(server.url, 'strokes-rgb_decoder', latentInput(latents));
        return output?.data.equals(Buffer.concat(latents.map((latent) => painted(model, latent))));
      });
      expect((await Promise.all(work)).filter((same) => same !== true)).toEqual([]);
      const after = await stats();
      expect((after?.inference_count ?? 0) - (before?.inference_count ?? 0)).toBe(192);
      expect((after?.inference_stats.success.count ?? 0) - (before?.inference_stats.success.count ?? 0)).toBe(96);
      expect((await metric()) - metricBefore).toBe(192);
    });

    describe('over gRPC', () => {
      const inferRequest = (id: string, latents: readonly Uint8Array[], raw: boolean) => ({
        id,
        model_name: 'nouns-m_decoder',
        inputs: [{ ...latentInput(latents), contents: raw ? null : { uint_contents: [...Buffer.concat(latents)] } }],
        raw_input_contents: raw ? [Buffer.concat(latents)] : [],
      });
      interface GrpcAnswer {
        readonly id: string;
        readonly outputs: readonly { name: string; datatype: string; shape: number[] }[];
        readonly raw_output_contents: readonly Buffer[];
      }

      it('says the same as over HTTP', async () => {
        expect(await grpc.call('ServerLive', {})).toEqual({ live: true });
        expect(await grpc.call('ServerReady', {})).toEqual({ ready: true });
        expect(await grpc.call('ModelReady', { name: 'nouns-m' })).toEqual({ ready: true });
        const metadata = (await get('/v2/models/nouns-m')).json();
        expect(await grpc.call('ModelMetadata', { name: 'nouns-m' })).toEqual(metadata);
        const { config } = await grpc.call<{ config: object }>('ModelConfig', { name: 'strokes-rgb' });
        const [, decoder, ensemble] = specificationsOf((await modelOf('strokes-rgb')).manifest);
        const { input, output, ensemble_scheduling, max_batch_size } = configOf(ensemble, 'onnxruntime');
        expect(config).toMatchObject({ name: 'strokes-rgb', platform: 'ensemble', input, output, ensemble_scheduling, max_batch_size });
        const { config: graph } = await grpc.call<{ config: object }>('ModelConfig', { name: 'strokes-rgb_decoder' });
        expect(graph).toMatchObject({ name: 'strokes-rgb_decoder', dynamic_batching: configOf(decoder, 'onnxruntime').dynamic_batching });
        const { models } = await grpc.call<{ models: { name: string; state: string }[] }>('RepositoryIndex', { ready: true });
        const byHttp = (await post(`${server.url}/v2/repository/index`, { ready: true })).json<{ name: string }[]>();
        expect(models.map((entry) => entry.name).sort()).toEqual(byHttp.map((entry) => entry.name).sort());
      });

      it.each([true, false])('decodes the bytes of the reference (raw contents: %s)', async (raw) => {
        const latents = [latentOf(20), latentOf(21)];
        const answer = await grpc.call<GrpcAnswer>('ModelInfer', inferRequest('g', latents, raw));
        expect(answer).toMatchObject({ id: 'g', outputs: [{ name: 'index', datatype: 'UINT8', shape: [2, 32, 32] }] });
        const model = await modelOf('nouns-m');
        expect(answer.raw_output_contents[0]).toEqual(Buffer.concat(latents.map((latent) => painted(model, latent))));
      });

      it('answers every request of a stream', async () => {
        const answers = await grpc.stream<{ infer_response: GrpcAnswer }>([1, 2, 3].map((seed) => inferRequest(`s${seed}`, [latentOf(seed)], true)));
        const model = await modelOf('nouns-m');
        const found = new Map(answers.map(({ infer_response }) => [infer_response.id, infer_response.raw_output_contents[0]]));
        for (const seed of [1, 2, 3]) expect(found.get(`s${seed}`)).toEqual(Buffer.from(painted(model, latentOf(seed))));
      });

      it('refuses with the status of gRPC', async () => {
        await expect(grpc.call('ModelMetadata', { name: 'nobody' })).rejects.toMatchObject({ code: 5 });
        const short = { ...inferRequest('x', [latentOf(0)], true), raw_input_contents: [Buffer.alloc(3)] };
        await expect(grpc.call('ModelInfer', short)).rejects.toMatchObject({ code: 3 });
      });

      it('unloads and loads', async () => {
        await grpc.call('RepositoryModelUnload', { model_name: 'nouns-m_encoder' });
        await expect.poll(() => grpc.call('ModelReady', { name: 'nouns-m_encoder' }), { timeout: 10_000 }).toEqual({ ready: false });
        await grpc.call('RepositoryModelLoad', { model_name: 'nouns-m_encoder' });
        expect(await grpc.call('ModelReady', { name: 'nouns-m_encoder' })).toEqual({ ready: true });
      });
    });
  });
}

function refused(answer: { status: number; json: <T>() => T }, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.json<{ error: unknown }>().error).toEqual(expect.any(String));
}
