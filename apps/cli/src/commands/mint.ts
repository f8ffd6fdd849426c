/** `pentimento mint`. */
import { readBundle } from '../bundle.ts';
import { connect, mint } from '../chain.ts';
import { type Declare, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';

export function mintCommand(command: Declare): void {
  command('mint <bundle>', 'mint the token of a proof bundle', async (output, file: string, o: { rpc: string }) => {
    const minted = await mint(await connect(o.rpc), await readBundle(file));
    output.result(
      { ...minted, tokenId: minted.tokenId.toString(), mintGas: Number(minted.mintGas) },
      `Minted token ${minted.tokenId} with ${minted.mintGas} gas.`,
    );
    return EXIT.ok;
  }).addOption(rpcOption());
}
