/**
 * `bitExactMismatches`: numbers in which any engine differs from the golden vectors of any committed model. Reference, witness and
 * onnxruntime-node are compared here; PyTorch, numpy and Python's ONNX Runtime by `python -m pentimento_training verify`.
 */
import { spawnSync } from 'node:child_process';
import {
  circuitsOf,
  committedModels,
  modelDir,
  readVectors,
  referenceDifferences,
  runtimeDifferences,
  vectorsPath,
  witnessDifferences,
} from '../apps/cli/test/engines.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { ROOT } from './record.ts';

export async function bitExactFigures(): Promise<Record<string, number>> {
  let mismatches = 0;
  for (const name of committedModels()) {
    const model = await loadModel(modelDir(name));
    const { cases } = readVectors(name);
    const circuits = circuitsOf(model);
    for (const golden of cases) {
      mismatches += referenceDifferences(model, golden);
      for (const circuit of circuits) mismatches += witnessDifferences(circuit, golden);
    }
    mismatches += (await runtimeDifferences(modelDir(name), cases)) + pythonDisagreements(name);
  }
  return { bitExactMismatches: mismatches };
}

/** 1 when Python's engines disagree (it stops at the first difference and prints it), else 0. */
function pythonDisagreements(name: string): number {
  const arguments_ = ['-m', 'pentimento_training', 'verify', modelDir(name), '--vectors', vectorsPath(name)];
  const { status } = spawnSync(`${ROOT}training/.venv/bin/python`, arguments_, { cwd: `${ROOT}training`, stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 ? 0 : 1;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await bitExactFigures())}\n`);
