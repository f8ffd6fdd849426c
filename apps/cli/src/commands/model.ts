/** `pentimento model`: registers a model, or shows a registered one with its uses and its owner's fees. */
import { connect, deployModel, readBook, showModel, withdrawFees } from '@pentimento/chain';
import { BaseError, type Hex, type Objective } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { openKit } from '@pentimento/prover';
import { formatEther } from 'viem';
import { type Declare, modelOption, objectiveOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type ModelFlags, modelFlags, modelTerms } from './terms.ts';

interface RegisterFlags extends ModelFlags {
  readonly model: string;
  readonly objective: Objective;
  readonly rpc: string;
}

export function modelCommand(command: Declare): void {
  const declared = command('register', 'register a model, with its verifier and its key, without a collection', async (output, o: RegisterFlags) => {
    const connection = await connect(o.rpc);
    const model = await loadModel(modelFolder(o.model));
    const kit = await openKit(model, o.objective, output.progress);
    kit.prover.close();
    const options = { model, objective: o.objective, ir: kit.circuit.ir, vk: kit.vk, ...modelTerms(o) };
    const { book, modelId, registered } = await deployModel(connection, options);
    output.result({ modelId, registry: book.registry, factory: book.factory, ...registered }, `Model ${modelId} on chain ${book.chainId}.`);
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(objectiveOption())
    .addOption(rpcOption());
  modelFlags(declared);

  command('model <id>', 'show a registered model: its pinned code, its uses and what is owed to its owner', showRegistered)
    .addOption(rpcOption())
    .option('--withdraw', "pay what is owed to the model's owner");
}

async function showRegistered(output: Parameters<Parameters<Declare>[2]>[0], id: string, o: { rpc: string; withdraw?: true }): Promise<number> {
  if (!/^0x[0-9a-fA-F]{64}$/.test(id)) throw new BaseError({ code: 'cli/usage', message: `Expected a model id, got ${id.slice(0, 80)}.` });
  const connection = await connect(o.rpc);
  const book = await readBook(connection.chainId);
  if (!book) throw new BaseError({ code: 'chain/not-deployed', message: `Expected a registry on chain ${connection.chainId} (pentimento deploy).` });
  const shown = await showModel(connection, book.registry, id as Hex);
  const paid = o.withdraw && shown.owed > 0n ? await withdrawFees(connection, book.registry, shown.owner) : 0n;
  output.result(
    { modelId: id, ...shown, paid },
    `Model ${shown.commitment} of ${shown.owner}: ${shown.uses} uses, licence fee ${formatEther(shown.licenceFee)} ETH, ${formatEther(shown.owed - paid)} ETH owed, ${formatEther(paid)} ETH paid out now.`,
  );
  return EXIT.ok;
}
