/** `pentimento verify`: a proof bundle without any node, or a token of any chain with nothing taken on trust. */

import { BaseError, type Hex } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { readBundle } from '../bundle.ts';
import { type Declare, modelOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { NOT_PROVEN, type Verification, verifyOffline, verifyToken } from '../verification.ts';

interface VerifyOptions {
  readonly model: string;
  readonly bundle?: string;
  readonly chain?: string;
  readonly token?: string;
}

export function verifyCommand(command: Declare): void {
  command('verify', 'verify a proof bundle without any node, or a token of a chain', async (output, file: string | undefined, o: VerifyOptions) => {
    const bundle = file ?? o.bundle;
    if ((bundle === undefined) !== (o.chain !== undefined && o.token !== undefined) || (file !== undefined && o.bundle !== undefined)) {
      throw new BaseError({ code: 'cli/usage', message: 'Expected either a bundle, or --chain and --token.' });
    }
    const token = o.token === undefined ? undefined : parseToken(o.token);
    const model = await loadModel(modelFolder(o.model));
    const result =
      bundle !== undefined
        ? await verifyOffline(model, await readBundle(bundle), output)
        : await verifyToken(model, o.chain as string, ...(token as [Hex, bigint]), output);
    const { verified, checks } = result;
    const reason = reasonOf(result, bundle !== undefined);
    const lines = [reason, ...checks.map(({ holds, text }) => `  ${holds ? 'yes' : 'NO '}  ${text}`), 'Not proven, by this or any other proof here:'];
    const data = { verified, code: verified ? null : 'cli/refused', reason, checks, notProven: NOT_PROVEN };
    output.result(data, [...lines, ...NOT_PROVEN.map((text) => `  -    ${text}`)].join('\n'));
    return verified ? EXIT.ok : EXIT.negative;
  })
    .argument('[bundle]', 'proof bundle')
    .option('--bundle <file>', 'the same')
    .option('--chain <url>', "a chain's node")
    .option('--token <collection/id>', 'address of the collection and token id')
    .addOption(modelOption());
}

function reasonOf({ verified, checks }: Verification, offline: boolean): string {
  if (verified) return offline ? 'The proof is valid: this model painted exactly this image.' : 'The token is what it claims to be.';
  const failed = checks.find(({ holds }) => !holds);
  if (failed?.name === 'proof' || failed?.name === 'image') {
    return 'The proof does not show this statement: a byte of latent, image, pose, creator, collection, chain or proof differs.';
  }
  return failed?.text ?? 'Nothing was checked.';
}

/** `0x<address>/<id>`, the id decimal or hexadecimal. */
function parseToken(text: string): [Hex, bigint] {
  const [, collection, id] = /^(0x[0-9a-fA-F]{40})\/(0x[0-9a-fA-F]{1,64}|\d{1,78})$/.exec(text) ?? [];
  if (collection === undefined || id === undefined) {
    throw new BaseError({ code: 'cli/usage', message: `Expected --token <collection address>/<token id>, got ${text.slice(0, 120)}.` });
  }
  return [collection as Hex, BigInt(id)];
}
