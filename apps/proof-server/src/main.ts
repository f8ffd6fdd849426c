/** The proof server: `node apps/proof-server/src/main.ts`. Its life as a process is that of every server here (packages/serving); jobs are kept. */
import { runServer } from '@pentimento/serving/http';
import { readConfig } from './config.ts';
import { start } from './start.ts';

await runServer(() => start(readConfig(process.env)));
