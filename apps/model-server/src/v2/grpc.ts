/** The Open Inference Protocol over gRPC, with Triton's extensions: `inference.GRPCInferenceService` of `grpc_service.proto`. */
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { BaseError } from '@pentimento/core';
import { MAX_BATCH } from '@pentimento/serving';
import { configurationOf, metadataOf, SERVER } from './description.ts';
import type { InferResponse, Repository } from './repository.ts';
import { bytesOf, type ClaimedTensor, invalid } from './tensors.ts';

const PROTO = fileURLToPath(new URL('./grpc_service.proto', import.meta.url));
const MESSAGE_LIMIT = 16 * 1024 * 1024;
const DRAIN_MS = 5_000;
/** Triton's; other codes are failures of the server. */
const STATUSES: Readonly<Record<string, grpc.status>> = {
  'v2/not-found': grpc.status.NOT_FOUND,
  'v2/invalid': grpc.status.INVALID_ARGUMENT,
  'v2/busy': grpc.status.UNAVAILABLE,
};

export interface GrpcServer {
  /** Where it listens. */
  readonly port: number;
  /** Answers what runs, for some seconds at most. */
  readonly close: () => Promise<void>;
}

interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

interface GrpcTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents: { readonly uint_contents: readonly number[]; readonly fp32_contents: readonly number[] } | null;
}

interface GrpcInferRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly inputs: readonly GrpcTensor[];
  readonly outputs: readonly { readonly name: string }[];
  readonly raw_input_contents: readonly Buffer[];
}

interface RepositoryRequest {
  readonly model_name: string;
  readonly parameters: Readonly<Record<string, { readonly bool_param?: boolean }>>;
}

export async function startGrpc(repository: Repository, { host, port }: { host: string; port: number }): Promise<GrpcServer> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': MESSAGE_LIMIT, 'grpc.max_send_message_length': MESSAGE_LIMIT });
  server.addService(serviceDefinition(), implementation(repository));
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host}:${port}`, grpc.ServerCredentials.createInsecure(), (error, found) => (error ? reject(error) : resolve(found))),
  );
  const close = () =>
    new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, DRAIN_MS);
      server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  return { port: bound, close };
}

/** 64-bit integers come as numbers: shapes and counts stay below 2^53. */
function serviceDefinition(): grpc.ServiceDefinition {
  const loaded = grpc.loadPackageDefinition(loadSync(PROTO, { keepCase: true, longs: Number, enums: String, defaults: true }));
  const { GRPCInferenceService } = loaded.inference as unknown as { GRPCInferenceService: grpc.ServiceClientConstructor };
  return GRPCInferenceService.service;
}

function implementation(repository: Repository): grpc.UntypedServiceImplementation {
  return {
    ServerLive: unary(() => ({ live: true })),
    ServerReady: unary(() => ({ ready: true })),
    ServerMetadata: unary(() => SERVER),
    ModelReady: unary(({ name, version }: ModelRequest) => ({ ready: repository.isReady(name, version) })),
    ModelMetadata: unary(({ name, version }: ModelRequest) => metadataOf(repository, name, version)),
    ModelConfig: unary(({ name, version }: ModelRequest) => ({ config: configurationOf(repository, name, version) })),
    ModelStatistics: unary(({ name, version }: ModelRequest) => ({ model_stats: repository.statistics(name === '' ? undefined : name, version) })),
    ModelInfer: unary((request: GrpcInferRequest) => infer(repository, request)),
    ModelStreamInfer: (call: grpc.ServerDuplexStream<GrpcInferRequest, unknown>) => stream(repository, call),
    RepositoryIndex: unary(({ ready }: { ready: boolean }) => ({ models: repository.index(ready) })),
    RepositoryModelLoad: unary(async ({ model_name, parameters }: RepositoryRequest) => {
      if (Object.keys(parameters).length > 0) invalid('Expected a load without parameters; models are read from their folders.');
      await repository.load(model_name);
      return {};
    }),
    RepositoryModelUnload: unary(async ({ model_name, parameters }: RepositoryRequest) => {
      await repository.unload(model_name, { dependents: parameters.unload_dependents?.bool_param === true });
      return {};
    }),
  };
}

function unary<Request>(handler: (request: Request) => unknown): grpc.handleUnaryCall<Request, unknown> {
  return (call, answer) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (value) => answer(null, value),
        (error: unknown) => answer({ code: statusOf(error), details: messageOf(error) }),
      );
  };
}

/**
 * Requests are answered in their order, and an error is an answer too that does not end the stream. As many as fill an execution are worked
 * on at once; no more are read while the client does not read their answers.
 */
function stream(repository: Repository, call: grpc.ServerDuplexStream<GrpcInferRequest, unknown>): void {
  const answer = (request: GrpcInferRequest) =>
    infer(repository, request).then(
      (infer_response) => ({ infer_response }),
      (error: unknown) => ({ error_message: messageOf(error), infer_response: { id: request.id } }),
    );
  // Whoever breaks off gets no more answers; nothing else is left to do then.
  pipeline(call.map(answer, { concurrency: MAX_BATCH }), call, () => undefined);
}

async function infer(repository: Repository, request: GrpcInferRequest): Promise<unknown> {
  const { model_name: model, model_version: version, id } = request;
  repository.find(model, version);
  const outputs = request.outputs.map(({ name }) => name);
  return formatResponse(await repository.infer({ model, version, inputs: inputsOf(request), outputs }), id);
}

/** Raw contents, one for each input, or typed contents in every input. */
function inputsOf({ inputs, raw_input_contents: raw }: GrpcInferRequest): ClaimedTensor[] {
  if (raw.length > 0 && raw.length !== inputs.length) invalid(`Expected raw contents for each of the ${inputs.length} inputs, got ${raw.length}.`);
  return inputs.map(({ name, datatype, shape, contents }, i) => {
    const typed = datatype === 'UINT8' ? contents?.uint_contents : contents?.fp32_contents;
    return { name, datatype, shape, data: raw[i] ?? bytesOf(name, datatype, typed ?? []) };
  });
}

function formatResponse({ model, version, outputs }: InferResponse, id: string): unknown {
  return {
    model_name: model,
    model_version: version,
    id,
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(({ data }) => data),
  };
}

function statusOf(error: unknown): grpc.status {
  const code = error instanceof BaseError ? error.code : '';
  return STATUSES[code] ?? grpc.status.INTERNAL;
}

const messageOf = (error: unknown): string =>
  error instanceof BaseError ? error.message : 'Expected to answer this request, but something failed here.';
