/** Starts and stops the model server: models, decoders of uploads, HTTP and gRPC. */
import { home } from '@pentimento/core/node';
import { listen, noPort, type RunningServer } from '@pentimento/serving/http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Config } from './config.ts';
import { openModels } from './models.ts';
import { openStudio } from './preview/studio.ts';
import { openUses } from './preview/uses.ts';
import { buildServer } from './server.ts';
import { startDecoder } from './uploads/decoder.ts';
import { startGrpc } from './v2/grpc.ts';
import { openRepository } from './v2/repository.ts';
import { openSessions } from './v2/sessions.ts';
import { openStatistics } from './v2/statistics.ts';

const DECODERS = { ready: 2, timeoutMs: 5_000, memoryBytes: 512 * 2 ** 20 };

export interface Running extends RunningServer {
  readonly grpcPort: number;
  /** Process ids of the decoders. */
  readonly decoders: () => readonly number[];
}

/** Loads all models and listens. Throws `model/*`, `style/*`, `v2/broken`, `uses/unreadable` and `server/port`. */
export async function start(config: Config): Promise<Running> {
  const sources = await openModels(config.models);
  const uses = await openUses(home('model-server', 'uses.json'));
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const repository = openRepository(sources, openSessions(config.sessions), openStatistics(metrics));
  for (const name of new Set(repository.index(false).map((entry) => entry.name))) await repository.load(name);
  const studios = await Promise.all(sources.map((source) => openStudio(source, repository)));
  const decoder = startDecoder(DECODERS);
  const { previewsPerMinute, logLevel, host } = config;
  const app = await buildServer({ repository, studios, decoder, uses, metrics, previewsPerMinute, logLevel });
  const closing: (() => unknown)[] = [() => app.close()];
  const stop = async () => {
    await Promise.all(closing.map((close) => close()));
    decoder.close();
    await repository.close();
    await Promise.all(studios.map((studio) => studio.close()));
  };
  try {
    const grpc = await startGrpc(repository, { host, port: config.grpcPort }).catch((cause: Error) => noPort(host, config.grpcPort, cause));
    closing.push(grpc.close);
    const url = await listen(app, host, config.port);
    return { url, grpcPort: grpc.port, decoders: decoder.children, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
