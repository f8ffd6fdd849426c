/** `pentimento export triton`: a model as a repository for NVIDIA's Triton Inference Server. */
import { modelFolder } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { type Backend, writeRepository } from '@pentimento/serving';
import { Argument, Option } from 'commander';
import { type Declare, modelOption } from '../command.ts';
import { EXIT } from '../exit.ts';

interface ExportOptions {
  readonly model: string;
  readonly backend: Backend;
}

export function exportCommand(command: Declare): void {
  command('export', 'write a model for another server', async (output, _target: 'triton', folder: string, o: ExportOptions) => {
    const source = modelFolder(o.model);
    const { manifest } = await loadModel(source);
    const models = await writeRepository(manifest, folder, { modelFolder: source, backend: o.backend });
    output.result({ folder, models, commitment: manifest.commitment }, `Wrote ${models.join(', ')} into ${folder}.`);
    return EXIT.ok;
  })
    .addArgument(new Argument('<server>', 'what the models are for').choices(['triton']))
    .addArgument(new Argument('<folder>', 'the model repository; models of other names in it stay'))
    .addOption(modelOption())
    .addOption(new Option('--backend <name>', 'what runs the graphs in Triton').choices(['onnxruntime', 'python']).default('onnxruntime'));
}
