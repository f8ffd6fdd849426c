/**
 * `start`: the whole path on a local chain, from a photo to a minted and re-verified token. Proving runs in a process of its own, so that
 * its peak memory is the prover's alone.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, claim, connect, type Deployment, deploy, mint, showToken, verifyGas, verifyOnChain } from '@pentimento/chain';
import { aigcDataOf, BaseError, bytesToHex, encodePrompt, type Hex, instancesFor, type Objective, pictureOf } from '@pentimento/core';
import { home, modelFolder, PROJECT, writeWhole } from '@pentimento/core/node';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { type Painting, paintingPng } from '@pentimento/pictures';
import { countersOf, openKit, verifyBundle } from '@pentimento/prover';
import { startAnvil } from '@pentimento/verifier/testing';
import { readBundle } from '../bundle.ts';
import { type Declare, integer, modelOption, objectiveOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { stylePhoto } from '../styling.ts';

/** The port on which Ethereum nodes listen by custom. */
const DEFAULT_PORT = 8545;

export interface StartOptions {
  readonly once: boolean;
  readonly image: string | undefined;
  readonly model: string;
  readonly objective: Objective;
  readonly port: number | undefined;
}

async function start(options: StartOptions, output: Output): Promise<void> {
  const modelDir = modelFolder(options.model);
  const model = await loadModel(modelDir);
  output.progress('Starting a local chain');
  const port = options.port ?? (options.once ? undefined : DEFAULT_PORT);
  const anvil = await startAnvil(port === undefined ? {} : { port });
  try {
    const connection = await connect(anvil.url);
    const summary = await mintOnce(connection, model, modelDir, options, output);
    output.result(summary, describe(summary));
    if (!options.once) await stayUp(anvil.url, summary, output);
  } finally {
    await anvil.stop();
  }
}

async function mintOnce(connection: Connection, model: Model, modelDir: string, options: StartOptions, output: Output): Promise<Summary> {
  const { objective } = options;
  const kit = await openKit(model, objective, output.progress);
  const counters = countersOf(kit.circuit);
  kit.prover.close();
  output.progress('Deploying verifier, verifying key, registry, factory and collection');
  const names = { name: 'Pentimento Nouns', symbol: 'PENTI' };
  const deployment = await deploy(connection, { model, objective, ir: kit.circuit.ir, vk: kit.vk, ...names });
  const photo = options.image ?? join(PROJECT, 'examples', 'sample.png');
  output.progress(`Styling ${photo}`);
  const styled = await stylePhoto(model, modelDir, photo);
  const latentFile = home('runs', 'latent.json');
  await writeWhole(latentFile, JSON.stringify({ latent: [...styled.latent], pose: styled.pose }));
  output.progress('Claiming the token, so that nobody who sees its mint can take it');
  const { claimGas } = await claim(connection, deployment.collection, bytesToHex(encodePrompt(styled.latent, styled.pose)));
  const proven = await proveInChild(model, modelDir, objective, latentFile, connection, deployment, output);
  const bundle = await readBundle(proven.bundle);
  output.progress('Verifying the proof offline, in TypeScript');
  if (!(await verifyBundle(model, bundle, output.progress)))
    throw new BaseError({ code: 'cli/refused', message: 'Expected our own proof to verify offline, but it does not.' });
  output.progress('Minting');
  const gas = await verifyGas(connection, deployment, bundle, instancesFor(bundle, model.manifest));
  const minted = await mint(connection, bundle);
  output.progress('Asking the chain to verify the token and to draw it');
  const verified = await verifyOnChain(connection, bundle);
  const image = await checkedImage(connection, model, deployment, minted.tokenId, styled);
  return {
    tokenId: minted.tokenId.toString(),
    proveMs: Math.round(proven.proveMs),
    keygenMs: Math.round(kit.keygenMs),
    peakRssBytes: proven.peakRssBytes,
    proofBytes: (bundle.proof.length - 2) / 2,
    verifyGas: Number(gas),
    claimGas: Number(claimGas),
    mintGas: Number(minted.mintGas),
    verifierBytes: deployment.verifierBytes,
    vkBytes: deployment.vkBytes,
    k: counters.k as number,
    rows: counters.rows as number,
    verified,
    image,
    collection: deployment.collection,
    model: model.manifest.name,
    objective,
  };
}

interface Summary extends Readonly<Record<string, unknown>> {
  readonly tokenId: string;
  readonly collection: Hex;
  readonly model: string;
  readonly k: number;
  readonly rows: number;
}

interface ChildResult {
  readonly bundle: string;
  readonly proveMs: number;
  readonly peakRssBytes: number;
}

async function proveInChild(
  model: Model,
  modelDir: string,
  objective: Objective,
  latent: string,
  connection: Connection,
  deployment: Deployment,
  output: Output,
): Promise<ChildResult> {
  const bundle = home('runs', `${model.manifest.name}.bundle.json`);
  const args = [
    fileURLToPath(new URL('../main.ts', import.meta.url)),
    ...['prove', latent, '--model', modelDir, '--objective', objective, '--out', bundle, '--json'],
    ...['--chain-id', String(connection.chainId), '--collection', deployment.collection, '--creator', connection.account.address],
  ];
  output.progress('Proving');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0)
    throw new BaseError({
      code: 'cli/prover-failed',
      message: `Expected the proving process to succeed, got exit status ${status}; its own message is above.`,
    });
  return JSON.parse(Buffer.concat(chunks).toString()) as ChildResult;
}

/** Reads the token back, compares its image with the integer reference byte for byte, and writes it as a PNG. */
async function checkedImage(connection: Connection, model: Model, deployment: Deployment, tokenId: bigint, painting: Painting): Promise<string> {
  const token = await showToken(connection, deployment.collection, tokenId);
  if (token.aigcData !== bytesToHex(aigcDataOf(pictureOf(painting))) || token.pose !== painting.pose) {
    throw new BaseError({
      code: 'cli/image-differs',
      message: "Expected the token's image on chain to equal the integer reference's, but they differ.",
    });
  }
  const path = home('runs', `${model.manifest.name}.png`);
  await writeWhole(path, await paintingPng(model, painting));
  return path;
}

function describe(summary: Readonly<Record<string, unknown>>): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name.padEnd(14)} ${value}`)
    .join('\n');
}

/** Stays until Ctrl-C. */
async function stayUp(url: string, { model, tokenId, collection }: Summary, output: Output): Promise<void> {
  output.progress(`The chain runs at ${url}. Try your own photo in another terminal (Ctrl-C ends here):
  npm run -s pentimento -- style photo.jpg --model ${model} --out mine.png --latent mine.json
  npm run -s pentimento -- prove mine.json --model ${model} --rpc ${url} --out mine.bundle.json
  npm run -s pentimento -- verify mine.bundle.json --model ${model}
  npm run -s pentimento -- mint mine.bundle.json --rpc ${url}
  npm run -s pentimento -- show ${tokenId} --rpc ${url} --collection ${collection}`);
  const timer = setInterval(() => undefined, 1 << 30);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearInterval(timer);
}

export function startCommand(command: Declare): void {
  command(
    'start',
    'the whole path on a local chain: photo, proof, token',
    async (output, o: { once?: boolean; image?: string; model: string; objective: Objective; port?: number }) => {
      await start({ once: o.once === true, image: o.image, model: o.model, objective: o.objective, port: o.port }, output);
      return EXIT.ok;
    },
  )
    .addOption(modelOption())
    .addOption(objectiveOption())
    .option('--once', 'end after the self-check')
    .option('--image <file>', 'another photo than the bundled one')
    .option('--port <number>', "the chain's port (default: 8545, with --once a free one)", integer(1024, 65535));
}
