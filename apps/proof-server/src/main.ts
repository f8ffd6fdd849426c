/**
 * The proof server: `node apps/proof-server/src/main.ts`. Prints `listening http://127.0.0.1:PORT` when it is ready; SIGTERM and SIGINT end it
 * with all jobs kept. Exit codes: 0 stopped, 2 bad settings, 3 the machine, the database or the chain is not as it should be.
 */
import { BaseError } from '@pentimento/core';
import { readConfig } from './config.ts';
import { start } from './start.ts';

async function main(): Promise<void> {
  const { url, stop } = await start(readConfig(process.env));
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    void stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stdout.write(`listening ${url}\n`);
}

function fail(error: unknown): never {
  const known = error instanceof BaseError;
  process.stderr.write(`${JSON.stringify({ level: 60, code: known ? error.code : 'internal/error', msg: known ? error.message : String(error) })}\n`);
  process.exit(known && error.code.startsWith('config/') ? 2 : 3);
}

main().catch(fail);
