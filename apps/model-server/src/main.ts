/**
 * The model server: `node apps/model-server/src/main.ts`. Prints `listening http://127.0.0.1:PORT` when it is ready; SIGTERM and SIGINT end
 * it after what runs is answered. Exit codes: 0 stopped, 2 bad settings, 3 the machine or a file is not as it should be.
 */
import { BaseError } from '@pentimento/core';
import { readConfig } from './config.ts';
import { start } from './start.ts';

async function main(): Promise<void> {
  const { url, grpcPort, stop } = await start(readConfig(process.env));
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    void stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stderr.write(`${JSON.stringify({ level: 'info', grpcPort, msg: `gRPC listens on ${grpcPort}` })}\n`);
  process.stdout.write(`listening ${url}\n`);
}

function fail(error: unknown): never {
  const known = error instanceof BaseError;
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', code: known ? error.code : 'internal/error', msg: known ? error.message : String(error) })}\n`,
  );
  process.exit(known && error.code.startsWith('config/') ? 2 : 3);
}

main().catch(fail);
