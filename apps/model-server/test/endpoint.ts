/** A running server of the Open Inference Protocol, embedded or Triton, and a small client of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { PROJECT } from '@pentimento/core/node';
import { readConfig } from '../src/config.ts';
import { type Running, start } from '../src/start.ts';

export interface Endpoint {
  readonly url: string;
  /** Host and port. */
  readonly grpc: string;
  /** Of its metrics. */
  readonly metrics: string;
  readonly stop: () => Promise<void>;
}

export const MODELS = join(PROJECT, 'models');

export interface Embedded extends Endpoint {
  readonly running: Running;
  /** Its data folder, which `stop` removes. */
  readonly home: string;
}

/** The model server in this process, on free ports, with a data folder of its own. */
export async function startEmbedded(env: Readonly<Record<string, string>> = {}): Promise<Embedded> {
  const home = await mkdtemp(join(tmpdir(), 'pentimento-model-server-'));
  process.env.PENTIMENTO_HOME = home;
  const defaults = { PENTIMENTO_MODEL_PORT: '0', PENTIMENTO_GRPC_PORT: '0', PENTIMENTO_LOG: 'silent', PENTIMENTO_RATE: '100000' };
  const running = await start(readConfig({ ...defaults, ...env })).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true });
    throw error;
  });
  const stop = async () => {
    await running.stop();
    await rm(home, { recursive: true, force: true });
  };
  return { url: running.url, grpc: `127.0.0.1:${running.grpcPort}`, metrics: `${running.url}/metrics`, stop, running, home };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly json: <T = Record<string, unknown>>() => T;
}

/** One request; never throws for a status. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body, json: <T>() => JSON.parse(body.toString('utf8')) as T };
}

export const post = (url: string, body: unknown): Promise<Answer> =>
  request(url, { method: 'POST', body: body === undefined ? '' : JSON.stringify(body), headers: { 'content-type': 'application/json' } });

export interface Output {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

/** An inference with binary tensors in both directions; throws for an error of the server. */
export async function inferBinary(
  url: string,
  model: string,
  input: { name: string; datatype: string; shape: number[]; data: Uint8Array },
): Promise<Output[]> {
  const { data, ...described } = input;
  const header = Buffer.from(
    JSON.stringify({ inputs: [{ ...described, parameters: { binary_data_size: data.byteLength } }], parameters: { binary_data_output: true } }),
  );
  const answer = await request(`${url}/v2/models/${model}/infer`, {
    method: 'POST',
    body: Buffer.concat([header, data]),
    headers: { 'inference-header-content-length': String(header.byteLength) },
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return binaryOutputs(answer);
}

/** The outputs of an answer whose tensors follow its JSON. */
export function binaryOutputs({ headers, body }: Answer): Output[] {
  const length = Number(headers.get('inference-header-content-length'));
  const { outputs } = JSON.parse(body.subarray(0, length).toString('utf8')) as {
    outputs: { name: string; shape: number[]; parameters: { binary_data_size: number } }[];
  };
  let offset = length;
  return outputs.map(({ name, shape, parameters }) => {
    offset += parameters.binary_data_size;
    return { name, shape, data: body.subarray(offset - parameters.binary_data_size, offset) };
  });
}

const PROTO = fileURLToPath(new URL('../src/v2/grpc_service.proto', import.meta.url));

export interface GrpcClient {
  readonly call: <T = Record<string, unknown>>(method: string, request: object) => Promise<T>;
  readonly stream: <T>(requests: readonly object[]) => Promise<T[]>;
  /** A stream of inferences, which reads nothing before it is read. */
  readonly open: () => grpc.ClientDuplexStream<object, object>;
  readonly close: () => void;
}

type Method = (request: object, answer: (error: Error | null, value: unknown) => void) => void;

export function grpcClient(address: string): GrpcClient {
  const { inference } = grpc.loadPackageDefinition(loadSync(PROTO, { keepCase: true, longs: Number, enums: String, defaults: true }));
  const { GRPCInferenceService } = inference as unknown as { GRPCInferenceService: grpc.ServiceClientConstructor };
  const client = new GRPCInferenceService(address, grpc.credentials.createInsecure());
  const open = () => (client.ModelStreamInfer as () => grpc.ClientDuplexStream<object, object>).call(client);
  return {
    call: <T>(method: string, body: object) =>
      new Promise<T>((resolve, reject) =>
        (client[method] as Method).call(client, body, (error, value) => (error ? reject(error) : resolve(value as T))),
      ),
    stream: <T>(requests: readonly object[]) =>
      new Promise<T[]>((resolve, reject) => {
        const answers: T[] = [];
        const call = open();
        call.on('data', (answer) => answers.push(answer as T));
        call.on('error', reject);
        call.on('end', () => resolve(answers));
        for (const each of requests) call.write(each);
        call.end();
      }),
    open,
    close: () => client.close(),
  };
}
