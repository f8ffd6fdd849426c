/** `pentimento claim`: claims the token of a latent, best before the proof is made. */
import { claim, connect, readDeployment } from '@pentimento/chain';
import { bytesToHex, encodePrompt, type Hex } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { address, type Declare, modelOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { readLatent } from './prove.ts';

export function claimCommand(command: Declare): void {
  command(
    'claim <latent>',
    'claim the token of a latent, so that nobody who sees the mint can take it',
    async (output, file: string, o: { rpc: string; model: string; collection?: Hex }) => {
      const { manifest } = await loadModel(modelFolder(o.model));
      const { latent, pose } = await readLatent(file, manifest.latent.length);
      const connection = await connect(o.rpc);
      const collection = o.collection ?? (await readDeployment(connection.chainId, manifest.name)).collection;
      const { tokenId, mintableFrom, claimGas } = await claim(connection, collection, bytesToHex(encodePrompt(latent, pose)));
      output.result(
        { collection, tokenId: tokenId.toString(), mintableFrom, claimGas: Number(claimGas) },
        `${claimGas === 0n ? 'Had claimed' : 'Claimed'} token ${tokenId}; it can be minted from ${new Date(1000 * mintableFrom).toISOString()} on.`,
      );
      return EXIT.ok;
    },
  )
    .addOption(modelOption())
    .addOption(rpcOption())
    .option('--collection <address>', 'default: the one that deploy wrote down', address);
}
