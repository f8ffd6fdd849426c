#!/usr/bin/env node
/** The command line of Pentimento. Exit statuses: 0 yes, 1 no, 2 unusable input, 3 environment, 4 defect, 130 cancelled. */
import { readFile } from 'node:fs/promises';
import { applyPose, BaseError, type Hex, IDENTITY_POSE, MAX_ACTIVATION } from '@pentimento/core';
import { loadModel } from '@pentimento/layers/node';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readBundle } from './bundle.ts';
import { connect, deploy, mint, readDeployment, showToken, verifyOnChain } from './chain.ts';
import { doctor } from './commands/doctor.ts';
import { start } from './commands/start.ts';
import { proveLatent, stylePhoto, verifyBundle } from './commands/work.ts';
import { EXIT, exitStatus } from './exit.ts';
import { modelFolder, writeWhole } from './home.ts';
import { createOutput, type Output } from './output.ts';
import { encodePng } from './photo.ts';
import { compileFor, countersOf, type Objective, openKit } from './prover.ts';

const integer = (low: number, high: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high) throw new InvalidArgumentError(`Expected an integer in ${low}..${high}.`);
  return value;
};
const address = (text: string) => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new InvalidArgumentError('Expected an address: 0x and 40 hexadecimal digits.');
  return text as Hex;
};

const modelOption = () => new Option('--model <name or folder>', 'the model').default('nouns-m');
const rpcOption = () => new Option('--rpc <url>', "the chain's node").default('http://127.0.0.1:8545');
const objectiveOption = () => new Option('--objective <objective>', 'layout of the circuit').choices(['fast', 'gas']).default('fast');
const poseOption = () =>
  new Option('--pose <byte>', 'pose byte: mirror and shift of the finished image').argParser(integer(0, 125)).default(IDENTITY_POSE);

const program = new Command('pentimento')
  .description('Art from a small int8 network, with a zero-knowledge proof that the network painted it.')
  .exitOverride();

/** Adds `--json` and runs the action with its output; only here does an error become a sentence and a status. */
function command<A extends unknown[]>(
  name: string,
  description: string,
  action: (output: Output, ...args: A) => Promise<number | undefined>,
): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print one line of JSON')
    .exitOverride()
    .action(async (...args: unknown[]) => {
      const options = args.at(-2) as { json?: boolean };
      const output = createOutput(options.json === true);
      process.exitCode = (await action(output, ...(args.slice(0, -1) as A))) ?? EXIT.ok;
    });
}

command(
  'style <image>',
  'paint a photo in the style of the collection',
  async (output, image: string, o: { model: string; out: string; latent?: string; pose: number }) => {
    const dir = modelFolder(o.model);
    const model = await loadModel(dir);
    const { latent, index } = await stylePhoto(model, dir, image);
    const { width, scale } = model.manifest.image;
    await writeWhole(o.out, await encodePng(applyPose(index, width, o.pose), width, model.manifest.palette, 8 * scale));
    if (o.latent)
      await writeWhole(
        o.latent,
        `${JSON.stringify({ model: model.manifest.name, commitment: model.manifest.commitment, latent: [...latent], pose: o.pose })}\n`,
      );
    output.result({ image: o.out, latentFile: o.latent ?? null, latent: [...latent], pose: o.pose }, `Painted ${o.out}.`);
    return EXIT.ok;
  },
)
  .addOption(modelOption())
  .addOption(poseOption())
  .requiredOption('--out <png>', 'where to write the picture')
  .option('--latent <json>', 'where to write the latent, for `prove`');

interface ProveOptions {
  readonly model: string;
  readonly objective: Objective;
  readonly rpc?: string;
  readonly chainId?: number;
  readonly collection?: Hex;
  readonly creator?: Hex;
  readonly out: string;
}

command(
  'prove <latent>',
  'prove that the model paints this latent, for one creator, collection and chain',
  async (output, file: string, o: ProveOptions) => {
    const model = await loadModel(modelFolder(o.model));
    const { latent, pose } = await readLatent(file, model.manifest.latent.length);
    const context = await proofContext(o, model.manifest.name);
    const cancel = new AbortController();
    process.once('SIGINT', () => cancel.abort());
    const { bundle, proveMs, keygenMs, phases } = await proveLatent(model, o.objective, { latent, pose, ...context }, output, cancel.signal);
    await writeWhole(o.out, `${JSON.stringify(bundle)}\n`);
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    output.result(
      { bundle: o.out, proveMs, keygenMs, peakRssBytes, proofBytes: bundle.proof.length / 2 - 1, phases },
      `Proved in ${(proveMs / 1000).toFixed(2)} s: ${o.out}.`,
    );
    return EXIT.ok;
  },
)
  .addOption(modelOption())
  .addOption(objectiveOption())
  .option('--rpc <url>', 'take chain id, collection and creator from this chain and its deployment')
  .option('--chain-id <number>', 'chain that the proof is for', integer(1, Number.MAX_SAFE_INTEGER))
  .option('--collection <address>', 'collection that the proof is for', address)
  .option('--creator <address>', 'who may mint', address)
  .requiredOption('--out <file>', 'where to write the proof bundle');

command('verify <bundle>', 'verify a proof bundle without any node', async (output, file: string, o: { model: string }) => {
  const model = await loadModel(modelFolder(o.model));
  const verified = await verifyBundle(model, await readBundle(file), output);
  const reason = verified
    ? 'The proof is valid: this model painted exactly this image.'
    : 'The proof does not show this statement: a byte of latent, image, pose, creator, collection, chain or proof differs.';
  output.result({ verified, code: verified ? null : 'cli/refused', reason }, reason);
  return verified ? EXIT.ok : EXIT.negative;
}).addOption(modelOption());

command(
  'deploy',
  "deploy the model's verifier, its key and a collection",
  async (output, o: { model: string; objective: Objective; rpc: string; name: string; symbol: string }) => {
    const connection = await connect(o.rpc);
    const model = await loadModel(modelFolder(o.model));
    const kit = await openKit(model, o.objective, output);
    kit.prover.close();
    const deployment = await deploy(connection, model, o.objective, kit.circuit.ir, kit.vk, o.name, o.symbol);
    output.result({ ...deployment }, `Collection ${deployment.collection} on chain ${deployment.chainId}.`);
    return EXIT.ok;
  },
)
  .addOption(modelOption())
  .addOption(objectiveOption())
  .addOption(rpcOption())
  .option('--name <text>', "the collection's name", 'Pentimento Nouns')
  .option('--symbol <text>', "the collection's symbol", 'PENTI');

command('mint <bundle>', 'mint the token of a proof bundle', async (output, file: string, o: { rpc: string }) => {
  const minted = await mint(await connect(o.rpc), await readBundle(file));
  output.result(
    { ...minted, tokenId: minted.tokenId.toString(), mintGas: Number(minted.mintGas) },
    `Minted token ${minted.tokenId} with ${minted.mintGas} gas.`,
  );
  return EXIT.ok;
}).addOption(rpcOption());

command('check <bundle>', "ask the collection's ERC-7007 verify about a proof bundle", async (output, file: string, o: { rpc: string }) => {
  const verified = await verifyOnChain(await connect(o.rpc), await readBundle(file));
  output.result({ verified }, verified ? 'The collection accepts the proof.' : 'The collection refuses the proof.');
  return verified ? EXIT.ok : EXIT.negative;
}).addOption(rpcOption());

command('show <token>', 'show a minted token', async (output, token: string, o: { rpc: string; collection?: Hex; model: string }) => {
  if (!/^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/.test(token))
    throw new BaseError({ code: 'cli/usage', message: `Expected a token id, got ${token.slice(0, 80)}.` });
  const connection = await connect(o.rpc);
  const collection = o.collection ?? (await readDeployment(connection.chainId, o.model)).collection;
  const shown = await showToken(connection, collection, BigInt(token));
  output.result({ collection, ...shown }, `Owner ${shown.owner}, pose ${shown.pose}\n${shown.tokenUri}`);
  return EXIT.ok;
})
  .addOption(rpcOption())
  .addOption(modelOption())
  .option('--collection <address>', 'default: the one that deploy wrote down', address);

command('cost [model]', 'count the circuit of a model, before any key exists', async (output, name: string | undefined) => {
  const model = await loadModel(modelFolder(name ?? 'nouns-m'));
  const [fast, gas] = [countersOf(compileFor(model, 'fast')), countersOf(compileFor(model, 'gas'))];
  const table = Object.keys(fast).map((key) => `${key.padEnd(16)} ${String(fast[key]).padStart(10)} ${String(gas[key]).padStart(10)}`);
  output.result({ fast, gas }, [`${''.padEnd(16)} ${'fast'.padStart(10)} ${'gas'.padStart(10)}`, ...table].join('\n'));
  return EXIT.ok;
});

command('doctor', 'say what works on this machine and what is missing', async (output) => doctor(output));

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

async function readLatent(file: string, length: number): Promise<{ latent: Uint8Array; pose: number }> {
  const bad = (what: string, cause?: unknown): never => {
    throw new BaseError({ code: 'cli/usage', message: `Expected ${file} to hold a latent written by \`style --latent\`, got ${what}.`, cause });
  };
  const text = await readFile(file, 'utf8').catch((cause: Error) => bad(cause.message, cause));
  let value: { latent?: unknown; pose?: unknown } = {};
  try {
    value = JSON.parse(text) as { latent?: unknown; pose?: unknown };
  } catch (cause) {
    bad('text that is not JSON', cause);
  }
  const { latent, pose } = value;
  const valid = Array.isArray(latent) && latent.length === length && latent.every((z) => Number.isInteger(z) && z >= 0 && z <= MAX_ACTIVATION);
  if (!valid) bad(`no list of ${length} integers in 0..${MAX_ACTIVATION}`);
  return { latent: Uint8Array.from(latent as number[]), pose: pose === undefined ? IDENTITY_POSE : integer(0, 125)(String(pose)) };
}

async function proofContext(o: ProveOptions, model: string): Promise<{ chainId: bigint; collection: bigint; creator: bigint }> {
  const connection = o.rpc === undefined ? undefined : await connect(o.rpc);
  const chainId = o.chainId ?? connection?.chainId;
  const creator = o.creator ?? connection?.account.address;
  const collection = o.collection ?? (connection && (await readDeployment(connection.chainId, model)).collection);
  if (chainId === undefined || creator === undefined || collection === undefined) {
    throw new BaseError({
      code: 'cli/usage',
      message: 'Expected --rpc, or all of --chain-id, --collection and --creator: a proof is for one creator, collection and chain.',
    });
  }
  return { chainId: BigInt(chainId), collection: BigInt(collection), creator: BigInt(creator) };
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.input;
  else {
    const json = process.argv.includes('--json');
    const { code, message } =
      error instanceof BaseError ? error : { code: 'cli/defect', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message} (${code})\n`);
    process.exitCode = exitStatus(error);
  }
}
