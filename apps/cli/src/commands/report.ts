/** `pentimento report`: the quality report of a model, made by the training package. */

import { resolve } from 'node:path';
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { type Declare, integer } from '../command.ts';
import { EXIT } from '../exit.ts';
import { runTraining } from '../python.ts';

const ALL_PHOTOS = 216;

interface ReportOptions {
  readonly out: string;
  readonly checkpoint?: string;
  readonly images?: string;
  readonly photos: number;
}

export function reportCommand(command: Declare): void {
  command('report <model>', 'measure how good a model is: HTML, JSON and pictures', async (output, name: string, o: ReportOptions) => {
    const folder = modelFolder(name);
    await loadModel(folder);
    const options = Object.entries({ checkpoint: o.checkpoint, images: o.images }).flatMap(([key, path]) =>
      path ? [`--${key}`, resolve(path)] : [],
    );
    output.progress(`Measuring ${name}; this takes minutes`);
    const { status, out } = await runTraining(['report', folder, '--out', resolve(o.out), '--photos', String(o.photos), ...options]);
    if (status !== EXIT.ok) return status;
    const written = JSON.parse(out) as { html: string; json: string };
    output.result(written, `Report: ${written.html}`);
    return EXIT.ok;
  })
    .requiredOption('--out <folder>', 'where to write the report')
    .option('--photos <number>', 'evaluation photos to use; fewer are faster and say less', integer(8, ALL_PHOTOS), ALL_PHOTOS)
    .option('--images <folder>', 'the collection, for a model that does not come with the project')
    .option('--checkpoint <file>', "the training run's checkpoint, to measure the float network too");
}
