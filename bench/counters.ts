/** Figures that need no measurement: counts of the compiled circuits, and what the models' own metrics say. */

import { readFileSync } from 'node:fs';
import { loadModel } from '../packages/layers/src/node.ts';
import { compileFor, countersOf } from '../packages/prover/src/index.ts';
import { CONFIGURATIONS, MODELS, ROOT } from './record.ts';

const EXACT = ['k', 'rows', 'lookups', 'constraints', 'copies', 'degree', 'fixedColumns', 'adviceColumns', 'equalityColumns', 'proofBytes'] as const;

/** Also without an objective in the key: those of `fast`. */
const OF_A_PRESET = ['k', 'rows', 'adviceCells', 'lookups', 'constraints'] as const;

/** Recomputed on every check; the same on every machine. */
export async function exactFigures(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const { suffix, model, objective } of CONFIGURATIONS) {
    const counters = countersOf(compileFor(await loadModel(`${ROOT}models/${model}`), objective));
    for (const name of EXACT) figures[`${name}.${suffix}`] = counters[name] as number;
    figures[`adviceCells.${suffix}`] = (counters.adviceColumns as number) * (counters.rows as number);
    if (objective === 'fast')
      for (const name of OF_A_PRESET) figures[`${name}.${suffix.replace('.fast', '')}`] = figures[`${name}.${suffix}`] as number;
  }
  return figures;
}

const FROM_METRICS = [
  'floatLoss',
  'int8Loss',
  'floatControlLoss',
  'int8PixelAccuracy',
  'paletteAdherence',
  'indexAgreement',
  'floatSteps',
  'qatSteps',
] as const;

export function modelFigures(): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [suffix, model] of Object.entries(MODELS)) {
    const metrics = JSON.parse(readFileSync(`${ROOT}models/${model}/metrics.json`, 'utf8')) as Record<string, number>;
    for (const name of FROM_METRICS)
      if (typeof metrics[name] === 'number') for (const key of [suffix, ...dialsOf(suffix)]) figures[`${name}.${key}`] = metrics[name];
  }
  return figures;
}

/** M's dials stand as models of their own among the figures; what training gives is the same for both. */
const dialsOf = (suffix: string): readonly string[] => (suffix === 'M' ? ['M.onBrand', 'M.faithful'] : []);
