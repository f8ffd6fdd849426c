/** `pentimento style`: a photo in the style of the collection. */
import { applyPose } from '@pentimento/core';
import { loadModel } from '@pentimento/layers/node';
import { type Declare, modelOption, poseOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import { modelFolder, writeWhole } from '../home.ts';
import { encodePng } from '../photo.ts';
import { stylePhoto } from './work.ts';

export function styleCommand(command: Declare): void {
  command(
    'style <image>',
    'paint a photo in the style of the collection',
    async (output, image: string, o: { model: string; out: string; latent?: string; pose: number }) => {
      const dir = modelFolder(o.model);
      const model = await loadModel(dir);
      const { latent, index } = await stylePhoto(model, dir, image);
      const { width, scale } = model.manifest.image;
      await writeWhole(o.out, await encodePng(applyPose(index, width, o.pose), width, model.manifest.palette, 8 * scale));
      if (o.latent)
        await writeWhole(
          o.latent,
          `${JSON.stringify({ model: model.manifest.name, commitment: model.manifest.commitment, latent: [...latent], pose: o.pose })}\n`,
        );
      output.result({ image: o.out, latentFile: o.latent ?? null, latent: [...latent], pose: o.pose }, `Painted ${o.out}.`);
      return EXIT.ok;
    },
  )
    .addOption(modelOption())
    .addOption(poseOption())
    .requiredOption('--out <png>', 'where to write the picture')
    .option('--latent <json>', 'where to write the latent, for `prove`');
}
