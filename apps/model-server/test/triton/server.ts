/** A real tritonserver on a model repository. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Endpoint } from '../endpoint.ts';
import type { TritonEnvironment } from './environment.ts';

const START_LIMIT_MS = 60_000;

/** Starts it on free ports with all models loaded; its log is `triton.log` in `folder`, which holds the repository `models`. */
export async function startTriton({ server, backends, libraries, sitePackages }: TritonEnvironment, folder: string): Promise<Endpoint> {
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const log = await open(join(folder, 'triton.log'), 'w');
  const address = '127.0.0.1';
  const flags = {
    'model-repository': join(folder, 'models'),
    'backend-directory': backends,
    'http-address': address,
    'http-port': http,
    'grpc-address': address,
    'grpc-port': grpc,
    'metrics-address': address,
    'metrics-port': metrics,
    'model-control-mode': 'explicit',
    'load-model': '*',
    'exit-timeout-secs': 3,
  };
  const child = spawn(
    server,
    Object.entries(flags)
      .map(([name, value]) => `--${name}=${value}`)
      .concat('--disable-auto-complete-config'),
    {
      env: { ...process.env, LD_LIBRARY_PATH: libraries, PYTHONPATH: sitePackages },
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://${address}:${http}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await log.close();
  };
  const limit = performance.now() + START_LIMIT_MS;
  while (
    !(await fetch(`${url}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || performance.now() > limit) {
      await stop();
      throw new Error(`tritonserver did not start; see ${join(folder, 'triton.log')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, grpc: `${address}:${grpc}`, metrics: `http://${address}:${metrics}/metrics`, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
