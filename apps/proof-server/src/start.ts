/** The parts of the server, opened in the order in which they need each other, and ended in the reverse one: also when a later one cannot be opened. */
import { listen, type RunningServer } from '@pentimento/serving/http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { openCircuits } from './circuits/circuits.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database.ts';
import type { Indexer, IndexerOptions } from './indexer/run.ts';
import { migrate } from './migrations.ts';
import { openModels } from './models.ts';
import { openProofService } from './proofs/service.ts';
import { buildServer } from './server.ts';

/** Resolves when the server listens. Throws the `BaseError` of the part that cannot be opened. */
export async function start(config: Config): Promise<RunningServer> {
  await using parts = new AsyncDisposableStack();
  const models = await openModels(config.models);
  const database = await openDatabase(config.databaseUrl);
  parts.defer(() => database.close());
  await migrate(database);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const circuits = openCircuits(models);
  const proofs = await openProofService({ config, database, models, circuits, metrics });
  // Together, because a proof may wait for a circuit.
  parts.defer(async () => void (await Promise.all([proofs.stop(), circuits.stop()])));
  const indexer = config.rpcUrl === undefined ? undefined : await openIndexer({ config, database, models, metrics });
  parts.defer(() => indexer?.stop());
  const app = await buildServer({ config, database, metrics, proofs, circuits, indexer });
  parts.defer(() => app.close());
  const url = await listen(app, config.host, config.port);
  const opened = parts.move();
  return { url, stop: () => opened.disposeAsync() };
}

/** Loaded only where there is a chain to follow. */
async function openIndexer(options: IndexerOptions): Promise<Indexer> {
  return (await import('./indexer/run.ts')).startIndexer(options);
}
