/** `pentimento verify`: a proof bundle, without any node. */
import { loadModel } from '@pentimento/layers/node';
import { readBundle } from '../bundle.ts';
import { type Declare, modelOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { modelFolder } from '../home.ts';
import { verifyBundle } from './work.ts';

export function verifyCommand(command: Declare): void {
  command('verify <bundle>', 'verify a proof bundle without any node', async (output, file: string, o: { model: string }) => {
    const model = await loadModel(modelFolder(o.model));
    const verified = await verifyBundle(model, await readBundle(file), output);
    const reason = verified
      ? 'The proof is valid: this model painted exactly this image.'
      : 'The proof does not show this statement: a byte of latent, image, pose, creator, collection, chain or proof differs.';
    output.result({ verified, code: verified ? null : 'cli/refused', reason }, reason);
    return verified ? EXIT.ok : EXIT.negative;
  }).addOption(modelOption());
}
