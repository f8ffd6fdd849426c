/** `pentimento show`: a minted token. */
import { connect, readDeployment, showToken } from '@pentimento/chain';
import { BaseError, type Hex } from '@pentimento/core';
import { address, type Declare, modelOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';

export function showCommand(command: Declare): void {
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
}
