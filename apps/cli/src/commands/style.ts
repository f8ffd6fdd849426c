/** `pentimento style`: a photo in the style of the collection. */

import { modelFolder, writeWhole } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { paintingPng } from '@pentimento/pictures';
import { type Declare, integer, modelOption, poseOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type Styled, stylePhoto } from '../styling.ts';

interface StyleCommandOptions {
  readonly model: string;
  readonly out: string;
  readonly latent?: string;
  readonly pose?: number;
  readonly dial?: string;
  readonly seed?: number;
}

export function styleCommand(command: Declare): void {
  command('style <image>', 'paint a photo in the style of the collection', async (output, image: string, o: StyleCommandOptions) => {
    const dir = modelFolder(o.model);
    const model = await loadModel(dir);
    const styled = await stylePhoto(model, dir, image, o);
    await writeWhole(o.out, await paintingPng(model, styled));
    const { name, commitment } = model.manifest;
    if (o.latent) await writeWhole(o.latent, `${JSON.stringify({ model: name, commitment, ...choice(styled) })}\n`);
    output.result({ image: o.out, latentFile: o.latent ?? null, ...choice(styled), dial: styled.dial ?? null }, `Painted ${o.out}.`);
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(poseOption())
    .option('--dial <name>', "how far to follow the photo: on-brand or faithful (default: the model's)")
    .option('--seed <number>', 'another good answer for the same photo', integer(0, 2 ** 32 - 1))
    .requiredOption('--out <png>', 'where to write the picture')
    .option('--latent <json>', 'where to write the latent, for `prove`');
}

const choice = ({ latent, pose }: Styled) => ({ latent: [...latent], pose });
