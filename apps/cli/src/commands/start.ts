/**
 * `start`: the whole platform from one command. Chain, contracts, servers and pages, with a few tokens that are really proven; it stays until
 * Ctrl-C and goes on next time where it ended. With `--once` it takes one photo to a minted token, reports what it measured, and ends.
 */
import type { Objective } from '@pentimento/core';
import { BaseError } from '@pentimento/core';
import { home, modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { type Declare, integer, modelOption, objectiveOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { indexedThere } from '../start/clients.ts';
import { type Platform, startKept, startPassing, type Wanted } from '../start/platform.ts';
import { assertPortFree, DEFAULT_PORTS } from '../start/ports.ts';
import { seedCollection } from '../start/seeds.ts';
import { type Summary, selfCheck } from '../start/self-check.ts';

interface StartFlags {
  readonly once?: true;
  readonly image?: string;
  readonly model: string;
  readonly objective: Objective;
  readonly port?: number;
  readonly modelPort: number;
  readonly proofPort: number;
  readonly webPort: number;
}

async function once(wanted: Wanted, o: StartFlags, output: Output): Promise<void> {
  if (o.port !== undefined) await assertPortFree('chain', o.port);
  const runs = home('runs');
  const platform = await startPassing(wanted, o.port, output);
  try {
    const summary = await orBroken(platform, selfCheck(platform, wanted, { photo: o.image, runs }, output));
    output.result(summary, described(summary));
  } finally {
    await platform.stop();
  }
}

async function stay(wanted: Wanted, o: StartFlags, output: Output): Promise<void> {
  const signal = interruption();
  const ports = { chain: o.port ?? DEFAULT_PORTS.chain, model: o.modelPort, grpc: o.modelPort + 1, proof: o.proofPort, web: o.webPort };
  const platform = await startKept(wanted, { ports, signal }, output);
  try {
    const ready = (async () => {
      const seeded = await seedCollection(platform, wanted, output);
      await indexedThere(platform.proofServer.url, Number(await platform.connection.reader.getBlockNumber()));
      announce(platform, seeded, output);
      return new Promise<never>(() => undefined);
    })();
    await orBroken(platform, Promise.race([ready, aborted(signal)]));
    output.progress('Ending: the chain and all that was proven are kept for the next start');
  } finally {
    await platform.stop();
  }
}

/** A terminal and npm may both pass one Ctrl-C on. */
const SAME_MS = 1000;

/** Aborted at Ctrl-C, or when the terminal is closed. At another one the process ends at once, and takes its children with it. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  const interrupt = () => {
    if (controller.signal.aborted && performance.now() - since > SAME_MS) process.exit(EXIT.cancelled);
    if (!controller.signal.aborted) since = performance.now();
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The task's result; throws `cli/service-ended` as soon as a part has ended by itself. */
function orBroken<T>(platform: Platform, task: Promise<T>): Promise<T> {
  const broken = platform.broken.then((message) => {
    throw new BaseError({ code: 'cli/service-ended', message: `Expected every part to stay up, but ${message}` });
  });
  return Promise.race([task, broken]);
}

function announce({ chain, deployment, modelServer, proofServer, web }: Platform, seeded: number, output: Output): void {
  const url = web?.url ?? '';
  const line = '─'.repeat(url.length + 8);
  const facts = { url, rpcUrl: chain.url, modelServer: modelServer.url, proofServer: proofServer.url, collection: deployment.collection, seeded };
  output.result(
    facts,
    `\n  ┌${line}┐\n  │    ${url}    │\n  └${line}┘\n\n  Open it in a browser. Chain ${chain.url}, model server ${modelServer.url}, proof server ${proofServer.url}.\n  Collection ${deployment.collection} of ${deployment.model}. Ctrl-C ends; the next start goes on from here.\n`,
  );
}

function described(summary: Summary): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name.padEnd(14)} ${value}`)
    .join('\n');
}

export function startCommand(command: Declare): void {
  command('start', 'the whole platform: chain, contracts, servers and pages', async (output, o: StartFlags) => {
    const modelDir = modelFolder(o.model);
    const wanted = { model: await loadModel(modelDir), modelDir, objective: o.objective };
    await (o.once ? once : stay)(wanted, o, output);
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(objectiveOption())
    .option('--once', 'take one photo to a minted token, report and end')
    .option('--image <file>', 'with --once: another photo than the bundled one')
    .option('--port <number>', `the chain's port (default: ${DEFAULT_PORTS.chain}, with --once a free one)`, port)
    .option('--model-port <number>', "the model server's port; gRPC has the next one", port, DEFAULT_PORTS.model)
    .option('--proof-port <number>', "the proof server's port", port, DEFAULT_PORTS.proof)
    .option('--web-port <number>', "the pages' port", port, DEFAULT_PORTS.web);
}

const port = integer(1024, 65_534);
