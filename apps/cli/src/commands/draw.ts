/** `pentimento draw`: the cells of a model's circuit as a picture. */

import { drawCircuit } from '@pentimento/audit';
import { IDENTITY_POSE, type Objective } from '@pentimento/core';
import { modelFolder, writeWhole } from '@pentimento/core/node';
import { decoderWitness } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { compileFor } from '@pentimento/prover';
import { type Declare, objectiveOption } from '../command.ts';
import { EXIT } from '../exit.ts';

export function drawCommand(command: Declare): void {
  command(
    'draw [model]',
    "draw the cell layout of the model's circuit as SVG",
    async (output, name: string | undefined, o: { objective: Objective; out: string }) => {
      const model = await loadModel(modelFolder(name ?? 'nouns-m'));
      const circuit = compileFor(model, o.objective);
      const context = { pose: IDENTITY_POSE, chainId: 1n, collection: 0n, creator: 0n };
      const latent = new Uint8Array(model.manifest.latent.length).fill(64);
      const regions = [...circuit.plan.placed].map(([id, { baseRow, grid }]) => ({ name: id, first: baseRow, rows: grid.rows }));
      const title = `${model.manifest.name}, objective ${o.objective}`;
      await writeWhole(o.out, drawCircuit({ circuit, witness: decoderWitness(circuit, latent, context), regions, title }));
      output.result({ drawing: o.out, k: circuit.ir.k, regions }, `Drew ${o.out}.`);
      return EXIT.ok;
    },
  )
    .addOption(objectiveOption())
    .option('--out <svg>', 'where to write the drawing', 'circuit.svg');
}
