/**
 * The life of a server's process: it prints `listening URL` when it is ready and ends with everything kept at SIGTERM and SIGINT. Exit
 * codes: 0 ended, 2 bad settings, 3 the machine or a file is not as it should be.
 */
import { BaseError } from '@pentimento/core';

export interface RunningServer {
  readonly url: string;
  /** Answers what runs, then ends everything. */
  readonly stop: () => Promise<void>;
}

export async function runServer(start: () => Promise<RunningServer>): Promise<void> {
  try {
    const { url, stop } = await start();
    let stopping = false;
    const end = () => {
      if (stopping) return;
      stopping = true;
      void stop().then(() => process.exit(0), fail);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    process.stdout.write(`listening ${url}\n`);
  } catch (error) {
    fail(error);
  }
}

/** The level is that of the log's other lines (pino): fatal. */
function fail(error: unknown): never {
  const known = error instanceof BaseError;
  process.stderr.write(`${JSON.stringify({ level: 60, code: known ? error.code : 'internal/error', msg: known ? error.message : String(error) })}\n`);
  process.exit(known && error.code.startsWith('config/') ? 2 : 3);
}
