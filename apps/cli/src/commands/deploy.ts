/** `pentimento deploy`: registers a model and deploys a collection of it, on what is already on the chain. */

import { type CollectionOptions, connect, deploy } from '@pentimento/chain';
import { BaseError, type Hex, type Objective } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { openKit } from '@pentimento/prover';
import { Option } from 'commander';
import { readAllowlist } from '../allowlist.ts';
import { type Declare, integer, modelOption, objectiveOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { ether, type ModelFlags, modelFlags, modelTerms, unixTime } from './terms.ts';

interface DeployFlags extends ModelFlags {
  readonly model: string;
  readonly objective: Objective;
  readonly rpc: string;
  readonly name: string;
  readonly symbol: string;
  readonly images: 'onchain' | 'hash';
  readonly supply: number;
  readonly claimDelay?: number;
  readonly price: bigint;
  readonly start: number;
  readonly end: number;
  readonly walletLimit: number;
  readonly royaltyBps: number;
  readonly allowlist?: string;
  readonly imageBase?: string;
}

export function deployCommand(command: Declare): void {
  const declared = command(
    'deploy',
    'register a model and deploy a collection of it; what is there already is found again',
    async (output, o: DeployFlags) => {
      const connection = await connect(o.rpc);
      const model = await loadModel(modelFolder(o.model));
      const collection = await collectionTerms(o);
      const kit = await openKit(model, o.objective, output.progress);
      kit.prover.close();
      const deployment = await deploy(connection, {
        ...{ model, objective: o.objective, ir: kit.circuit.ir, vk: kit.vk },
        ...modelTerms(o),
        ...collection,
      });
      output.result({ ...deployment }, `Collection ${deployment.collection} of model ${deployment.modelId} on chain ${deployment.chainId}.`);
      return EXIT.ok;
    },
  )
    .addOption(modelOption())
    .addOption(objectiveOption())
    .addOption(rpcOption())
    .option('--name <text>', "the collection's name", 'Pentimento Nouns')
    .option('--symbol <text>', "the collection's symbol", 'PENTI')
    .option('--images <onchain|hash>', 'keep images or their hashes on chain', imageMode, 'onchain')
    .option('--supply <number>', 'tokens that may ever be minted', integer(1, 16_777_215), 10_000)
    .option('--claim-delay <seconds>', 'age of a claim (default: 60, on a local chain 2)', integer(1, 3600))
    .addOption(new Option('--price <ether>', 'price of a token, without the licence fee').argParser(ether).default(0n, '0'))
    .option('--start <time>', 'when the sale opens, in Unix seconds or ISO 8601', unixTime, 0)
    .option('--end <time>', 'when it closes', unixTime, 0)
    .option('--wallet-limit <number>', 'tokens that one account may mint, 0 for any number', integer(0, 4_294_967_295), 0)
    .option('--allowlist <file>', 'accounts that may mint, one address a line')
    .option('--royalty-bps <number>', 'royalty in hundredths of a percent', integer(0, 1000), 0)
    .option('--image-base <address>', 'prefix of image addresses, with --images hash');
  modelFlags(declared);
}

async function collectionTerms(o: DeployFlags): Promise<CollectionOptions> {
  const { name, symbol, images, price, start, end, walletLimit, royaltyBps } = o;
  const allowlistRoot: Hex | undefined = o.allowlist === undefined ? undefined : (await readAllowlist(o.allowlist)).root;
  return {
    ...{ name, symbol, images, price, start, end, walletLimit, royaltyBps },
    maxSupply: o.supply,
    ...(o.claimDelay === undefined ? {} : { claimDelay: o.claimDelay }),
    ...(allowlistRoot === undefined ? {} : { allowlistRoot }),
    ...(o.imageBase === undefined ? {} : { imageBase: o.imageBase }),
  };
}

function imageMode(text: string): 'onchain' | 'hash' {
  if (text !== 'onchain' && text !== 'hash') {
    throw new BaseError({ code: 'cli/usage', message: `Expected --images to be onchain or hash, got ${text.slice(0, 20)}.` });
  }
  return text;
}
