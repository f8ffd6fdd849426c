/** `pentimento collection`: a collection's terms and state, and what its owner may do after it was deployed. */
import { connect, type OwnerAction, ownerAction, readDeployment, showCollection } from '@pentimento/chain';
import { BaseError, type Hex } from '@pentimento/core';
import { formatEther, isAddressEqual, zeroAddress } from 'viem';
import { readAllowlist } from '../allowlist.ts';
import { address, type Declare, integer, modelOption, rpcOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { ether, unixTime } from './terms.ts';

interface CollectionFlags {
  readonly rpc: string;
  readonly model: string;
  readonly collection?: Hex;
  readonly price?: bigint;
  readonly start?: number;
  readonly end?: number;
  readonly walletLimit?: number;
  readonly allowlist?: string;
  readonly everybody?: true;
  readonly royaltyBps?: number;
  readonly royaltyTo?: Hex;
  readonly contractUri?: string;
  readonly imageBase?: string;
  readonly pause?: true;
  readonly resume?: true;
  readonly withdraw?: true;
  readonly transferTo?: Hex;
  readonly accept?: true;
}

export function collectionCommand(command: Declare): void {
  command('collection', "show a collection, or use its owner's rights", async (output, o: CollectionFlags) => {
    assertSensible(o);
    const allowlist = o.allowlist === undefined ? undefined : await readAllowlist(o.allowlist);
    const connection = await connect(o.rpc);
    const collection = o.collection ?? (await readDeployment(connection.chainId, o.model)).collection;
    for (const action of actionsOf(o, allowlist?.root, connection.account.address)) {
      output.progress(`Sending ${action.action}`);
      await ownerAction(connection, collection, action);
    }
    const shown = await showCollection(connection, collection);
    output.result({ collection, ...shown }, described(shown));
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(rpcOption())
    .option('--collection <address>', 'default: the one that deploy wrote down', address)
    .option('--price <ether>', 'set the price of a token, without the licence fee', ether)
    .option('--start <time>', 'set when the sale opens, in Unix seconds or ISO 8601, 0 for at once', unixTime)
    .option('--end <time>', 'set when it closes, 0 for never', unixTime)
    .option('--wallet-limit <number>', 'set how many tokens one account may mint, 0 for any number', integer(0, 4_294_967_295))
    .option('--allowlist <file>', 'let only these accounts mint, one address a line')
    .option('--everybody', 'let everybody mint')
    .option('--royalty-bps <number>', 'set the royalty in hundredths of a percent', integer(0, 1000))
    .option('--royalty-to <address>', 'to whom royalties are due, with --royalty-bps (default: the signing account)', address)
    .option('--contract-uri <address>', "set the collection's document; empty for the one that the chain writes")
    .option('--image-base <address>', 'set the prefix of image addresses, of a collection with --images hash')
    .option('--pause', 'stop minting')
    .option('--resume', 'let minting go on')
    .option('--withdraw', 'pay the proceeds to the owner')
    .option('--transfer-to <address>', 'name another owner, who has to accept', address)
    .option('--accept', 'accept a collection as the account that was named');
}

/** Throws `cli/usage` for options that contradict each other, before anything is sent. */
function assertSensible(o: CollectionFlags): void {
  const refuse = (expected: string, found: string) => {
    throw new BaseError({ code: 'cli/usage', message: `Expected ${expected}, got ${found}.` });
  };
  if (o.pause && o.resume) refuse('--pause or --resume', 'both');
  if (o.allowlist !== undefined && o.everybody) refuse('--allowlist or --everybody', 'both');
  if (o.royaltyTo !== undefined && o.royaltyBps === undefined) refuse('--royalty-bps with --royalty-to', 'none');
  if (o.transferTo !== undefined && isAddressEqual(o.transferTo, zeroAddress)) refuse('an account that can own the collection', 'the zero address');
}

/** In an order in which each is allowed: the one that gives ownership away is the last. */
function actionsOf(o: CollectionFlags, root: Hex | undefined, account: Hex): OwnerAction[] {
  const { price, start, end, walletLimit } = o;
  const sale = Object.fromEntries(Object.entries({ price, start, end, walletLimit }).filter(([, value]) => value !== undefined));
  const actions: OwnerAction[] = [];
  if (o.accept) actions.push({ action: 'acceptOwnership' });
  if (o.pause) actions.push({ action: 'pause' });
  if (Object.keys(sale).length > 0) actions.push({ action: 'setSale', sale });
  if (root !== undefined || o.everybody) actions.push({ action: 'setAllowlist', root });
  if (o.royaltyBps !== undefined) actions.push({ action: 'setRoyalty', receiver: o.royaltyTo ?? account, bps: o.royaltyBps });
  if (o.contractUri !== undefined) actions.push({ action: 'setContractURI', uri: o.contractUri });
  if (o.imageBase !== undefined) actions.push({ action: 'setImageBase', uri: o.imageBase });
  if (o.resume) actions.push({ action: 'unpause' });
  if (o.withdraw) actions.push({ action: 'withdraw' });
  if (o.transferTo !== undefined) actions.push({ action: 'transferOwnership', to: o.transferTo });
  return actions;
}

function described(shown: Awaited<ReturnType<typeof showCollection>>): string {
  const { sale, royalty } = shown;
  const time = (seconds: number, otherwise: string) => (seconds === 0 ? otherwise : new Date(1000 * seconds).toISOString());
  const who = BigInt(shown.allowlistRoot) === 0n ? 'everybody' : 'accounts on its allowlist';
  const limit = sale.walletLimit === 0 ? 'any number' : `${sale.walletLimit}`;
  const pending = BigInt(shown.pendingOwner) === 0n ? '' : ` (${shown.pendingOwner} may accept it)`;
  return [
    `${shown.name} (${shown.symbol}) of ${shown.owner}${pending}: ${shown.minted} of ${shown.maxSupply} minted, ${shown.paused ? 'paused' : 'not paused'}.`,
    `A mint costs ${formatEther(shown.mintCost)} ETH, for ${who}, ${limit} an account, from ${time(sale.start, 'the beginning')} to ${time(sale.end, 'no end')}.`,
    `Royalty ${royalty.bps / 100} %, ${formatEther(shown.proceeds)} ETH to pay out.`,
  ].join('\n');
}
