/** `pentimento mint`: claims where that has not been done, and mints. */

import { connect, mint } from '@pentimento/chain';
import { BaseError, type Hex } from '@pentimento/core';
import { formatEther } from 'viem';
import { readAllowlist } from '../allowlist.ts';
import { readBundle } from '../bundle.ts';
import { type Declare, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';

export function mintCommand(command: Declare): void {
  command('mint <bundle>', 'mint the token of a proof bundle', async (output, file: string, o: { rpc: string; allowlist?: string }) => {
    const connection = await connect(o.rpc);
    const bundle = await readBundle(file);
    const minted = await mint(connection, bundle, {
      ...(o.allowlist === undefined ? {} : { allowlistProof: await branchOf(o.allowlist, connection.account.address) }),
      onWait: (seconds) => output.progress(`Waiting ${seconds} s until the claim is old enough`),
    });
    const { tokenId, paid, licenceFee, gasCost, mintGas } = minted;
    output.result(
      { ...minted, tokenId: tokenId.toString(), mintGas: Number(mintGas), claimGas: Number(minted.claimGas) },
      `Minted token ${tokenId}.\nPaid ${formatEther(paid)} ETH, of which ${formatEther(licenceFee)} ETH is the model's licence fee, and ${formatEther(gasCost)} ETH for ${mintGas} gas.`,
    );
    return EXIT.ok;
  })
    .addOption(rpcOption())
    .option('--allowlist <file>', "the collection's allowlist, one address a line");
}

async function branchOf(path: string, account: Hex): Promise<readonly Hex[]> {
  const branch = (await readAllowlist(path)).branchOf(account);
  if (!branch) throw new BaseError({ code: 'cli/usage', message: `Expected ${path} to name ${account}, but it does not.` });
  return branch;
}
