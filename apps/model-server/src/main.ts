/** The model server: `node apps/model-server/src/main.ts`. Its life as a process is that of every server here (packages/serving). */
import { runServer } from '@pentimento/serving/http';
import { readConfig } from './config.ts';
import { start } from './start.ts';

await runServer(async () => {
  const { url, grpcPort, stop } = await start(readConfig(process.env));
  process.stderr.write(`${JSON.stringify({ level: 30, grpcPort, msg: `gRPC listens on ${grpcPort}` })}\n`);
  return { url, stop };
});
