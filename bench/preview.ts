/**
 * How long a preview takes a client of the model server, and whether an unmodified public client gets the reference's bytes from it:
 * `node bench/preview.ts`. The server is a process of its own; requests go one after the other to nouns-m, warm.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jpegOf, latentOf } from '../apps/model-server/test/cases.ts';
import { post, request, startEmbedded } from '../apps/model-server/test/endpoint.ts';
import { tritonEnvironment } from '../apps/model-server/test/triton/environment.ts';
import { publicClientCases, runPublicClient } from '../apps/model-server/test/triton/public-client.ts';
import { bytesToHex } from '../packages/core/src/index.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MODEL = 'nouns-m';
const WARM_UP = 5;
const REQUESTS = 50;

/** Milliseconds at the 95th percentile: `photo` of an upload of 1.9 million pixels with the slower dial, `latent` of a latent to its pixels. */
export async function previewFigures(): Promise<Record<string, number>> {
  const home = await mkdtemp(join(tmpdir(), 'pentimento-preview-'));
  const child = spawn(process.execPath, [join(ROOT, 'apps/model-server/src/main.ts')], {
    env: { ...process.env, PENTIMENTO_HOME: home, PENTIMENTO_MODEL_PORT: '0', PENTIMENTO_GRPC_PORT: '0', PENTIMENTO_LOG: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const model = `${line.replace('listening ', '')}/v1/models/${MODEL}`;
    const { dials } = (await request(model)).json<{ dials: string[] }>();
    const photos: number[] = [];
    for (const dial of dials) photos.push(await percentile(jpegOf, (body) => send(`${model}/preview?dial=${dial}`, body)));
    const latent = await percentile(
      async (i) => ({ latent: bytesToHex(latentOf(i)), pose: 31 }),
      async (body) => assertOk(await post(`${model}/decode`, body)),
    );
    return { 'previewP95Ms.photo': Math.max(...photos), 'previewP95Ms.latent': latent, v2ClientMismatches: await clientMismatches() };
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  }
}

async function send(url: string, body: Buffer): Promise<void> {
  assertOk(await request(url, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': 'image/jpeg' } }));
}

/** Of the time of `work` on what `prepare` makes, which is not measured. */
async function percentile<T>(prepare: (i: number) => Promise<T>, work: (prepared: T) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + REQUESTS; i++) {
    const prepared = await prepare(i);
    const began = performance.now();
    await work(prepared);
    if (i >= WARM_UP) times.push(performance.now() - began);
  }
  return Math.round((times.sort((a, b) => a - b)[Math.ceil(0.95 * REQUESTS) - 1] as number) * 10) / 10;
}

/** Outputs of encoder, decoder and ensemble of all models that tritonclient gets with other bytes than the integer reference has. */
async function clientMismatches(): Promise<number> {
  const environment = await tritonEnvironment();
  if ('missing' in environment) throw new Error(`Expected tritonclient from PyPI on this machine, got none: ${environment.missing}.`);
  const server = await startEmbedded();
  try {
    return (await runPublicClient(environment, server, await publicClientCases())).mismatches;
  } finally {
    await server.stop();
  }
}

function assertOk({ status, body }: { readonly status: number; readonly body: Buffer }): void {
  if (status !== 200) throw new Error(`the model server answered ${status} ${body}`);
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await previewFigures())}\n`);
