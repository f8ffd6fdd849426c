/**
 * `npm run vectors -w packages/verifier`: proves preset M anew and writes vectors/verifier-m.json, vectors/verifier-m-gas.json and
 * test/snapshots.json. `--snapshots` keeps the stored proofs and writes only the snapshots: for a change of the generator.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupDevelopmentSrs } from '@pentimento/engine';
import { SNAPSHOTS, takeSnapshots } from './snapshot.ts';
import { compileModel, makeVector, renderVector, VECTOR_OBJECTIVES, vectorPath } from './vector.ts';

if (!process.argv.includes('--snapshots')) await writeVectors();
const M = await takeSnapshots();
const generator = 'npm run vectors -w packages/verifier';
writeFileSync(SNAPSHOTS, `${JSON.stringify({ generator, M }, null, 2)}\n`);
console.log(JSON.stringify(M));

async function writeVectors(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-vectors-'));
  try {
    for (const objective of VECTOR_OBJECTIVES) {
      const { circuit } = await compileModel(objective);
      const srsPath = await setupDevelopmentSrs(circuit.ir.k, folder);
      writeFileSync(vectorPath(objective), renderVector(await makeVector(objective, srsPath, join(folder, objective))));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
