/** `pentimento deploy`: verifier, key and collection of a model. */
import { loadModel } from '@pentimento/layers/node';
import { connect, deploy } from '../chain.ts';
import { type Declare, modelOption, objectiveOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { modelFolder } from '../home.ts';
import { type Objective, openKit } from '../prover.ts';

export function deployCommand(command: Declare): void {
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
}
