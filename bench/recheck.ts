/**
 * The second checker on every committed model with both layouts: a witness of random latent and pose, every constraint on every row, by a
 * program that shares no code with the circuit's. It ends at the first circuit that the checker refuses.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { recheck } from '../packages/audit/src/index.ts';
import { decoderWitness } from '../packages/layers/src/index.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { compileFor } from '../packages/prover/src/index.ts';
import { CONFIGURATIONS, type Figures, ROOT } from './record.ts';

export async function recheckFigures(): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const { suffix, model: name, objective } of CONFIGURATIONS) {
    const model = await loadModel(`${ROOT}models/${name}`);
    const circuit = compileFor(model, objective);
    const latent = randomBytes(model.manifest.latent.length).map((byte) => byte & 127);
    const witness = decoderWitness(circuit, latent, { pose: randomInt(126), chainId: 1n, collection: 5n, creator: 7n });
    const { ok, constraints, rows, cells, failures } = await recheck(circuit, witness);
    if (!ok) throw new Error(`the second checker refuses ${suffix}: ${JSON.stringify(failures)}`);
    process.stderr.write(`${suffix}: ${constraints} constraints on ${rows} rows and ${cells} cells hold\n`);
    figures[`recheckedCells.${suffix}`] = cells;
  }
  return figures;
}
