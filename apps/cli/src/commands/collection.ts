/** `pentimento collection`: a collection's terms and state, and what its owner may do. */
import { connect, ownerAction, readDeployment, showCollection } from '@pentimento/chain';
import type { Hex } from '@pentimento/core';
import { formatEther } from 'viem';
import { address, type Declare, modelOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';

interface CollectionFlags {
  readonly rpc: string;
  readonly model: string;
  readonly collection?: Hex;
  readonly pause?: true;
  readonly resume?: true;
  readonly withdraw?: true;
}

export function collectionCommand(command: Declare): void {
  command('collection', "show a collection, or use its owner's rights", async (output, o: CollectionFlags) => {
    const connection = await connect(o.rpc);
    const collection = o.collection ?? (await readDeployment(connection.chainId, o.model)).collection;
    if (o.pause) await ownerAction(connection, collection, 'pause');
    if (o.resume) await ownerAction(connection, collection, 'unpause');
    if (o.withdraw) await ownerAction(connection, collection, 'withdraw');
    const shown = await showCollection(connection, collection);
    output.result(
      { collection, ...shown },
      `${shown.name} (${shown.symbol}) of ${shown.owner}: ${shown.minted} of ${shown.maxSupply} minted, a mint costs ${formatEther(shown.mintCost)} ETH, ${shown.paused ? 'paused' : 'not paused'}, ${formatEther(shown.proceeds)} ETH to pay out.`,
    );
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(rpcOption())
    .option('--collection <address>', 'default: the one that deploy wrote down', address)
    .option('--pause', 'stop minting')
    .option('--resume', 'let minting go on')
    .option('--withdraw', 'pay the proceeds to the owner');
}
