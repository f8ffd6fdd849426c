/** `pentimento check`: ERC-7007 `verify` on chain. */

import { connect, verifyOnChain } from '@pentimento/chain';
import { readBundle } from '../bundle.ts';
import { type Declare, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';

export function checkCommand(command: Declare): void {
  command('check <bundle>', "ask the collection's ERC-7007 verify about a proof bundle", async (output, file: string, o: { rpc: string }) => {
    const verified = await verifyOnChain(await connect(o.rpc), await readBundle(file));
    output.result({ verified }, verified ? 'The collection accepts the proof.' : 'The collection refuses the proof.');
    return verified ? EXIT.ok : EXIT.negative;
  }).addOption(rpcOption());
}
