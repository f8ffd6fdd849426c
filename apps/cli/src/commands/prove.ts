/** `pentimento prove`: a proof bundle from a latent. */
import { readFile } from 'node:fs/promises';
import { BaseError, type Hex, IDENTITY_POSE, MAX_ACTIVATION, type Objective } from '@pentimento/core';
import { modelFolder, writeWhole } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { proveLatent } from '@pentimento/prover';
import { address, type Declare, integer, modelOption, objectiveOption } from '../command.ts';
import { EXIT } from '../exit.ts';

interface ProveOptions {
  readonly latent?: string;
  readonly model: string;
  readonly objective: Objective;
  readonly rpc?: string;
  readonly chainId?: number;
  readonly collection?: Hex;
  readonly creator?: Hex;
  readonly out: string;
}

export function proveCommand(command: Declare): void {
  command(
    'prove [latent]',
    'prove that the model paints this latent, for one creator, collection and chain',
    async (output, argument: string | undefined, o: ProveOptions) => {
      const file = argument ?? o.latent;
      if (file === undefined) throw new BaseError({ code: 'cli/usage', message: 'Expected a latent file, as an argument or with --latent.' });
      const model = await loadModel(modelFolder(o.model));
      const { latent, pose } = await readLatent(file, model.manifest.latent.length);
      const context = await proofContext(o, model.manifest.name);
      const cancel = new AbortController();
      process.once('SIGINT', () => cancel.abort());
      const { bundle, proveMs, keygenMs, phases } = await proveLatent(
        model,
        o.objective,
        { latent, pose, ...context },
        output.progress,
        cancel.signal,
      );
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
    .option('--latent <file>', 'the latent file, instead of the argument')
    .option('--rpc <url>', 'take chain id, collection and creator from this chain and its deployment')
    .option('--chain-id <number>', 'chain that the proof is for', integer(1, Number.MAX_SAFE_INTEGER))
    .option('--collection <address>', 'collection that the proof is for', address)
    .option('--creator <address>', 'who may mint', address)
    .requiredOption('--out <file>', 'where to write the proof bundle');
}

/** Latent and pose of a file that `style --latent` wrote. Throws `cli/usage`. */
export async function readLatent(file: string, length: number): Promise<{ latent: Uint8Array; pose: number }> {
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

/** What the options name; the rest is the chain's. Its libraries are loaded only then: they would count in the prover's memory. */
async function proofContext(o: ProveOptions, model: string): Promise<{ chainId: bigint; collection: bigint; creator: bigint }> {
  const { chainId, creator, collection } = { ...(o.rpc === undefined ? {} : await contextOfChain(o.rpc, o.collection, model)), ...o };
  if (chainId === undefined || creator === undefined || collection === undefined) {
    throw new BaseError({
      code: 'cli/usage',
      message: 'Expected --rpc, or all of --chain-id, --collection and --creator: a proof is for one creator, collection and chain.',
    });
  }
  return { chainId: BigInt(chainId), collection: BigInt(collection), creator: BigInt(creator) };
}

async function contextOfChain(
  rpc: string,
  collection: Hex | undefined,
  model: string,
): Promise<Pick<ProveOptions, 'chainId' | 'collection' | 'creator'>> {
  const { connect, readDeployment } = await import('@pentimento/chain');
  const { chainId, account } = await connect(rpc);
  return { chainId, creator: account.address, collection: collection ?? (await readDeployment(chainId, model)).collection };
}
