/**
 * Quality figures as the reports entered them in the models' `metrics.json`: `<measure>.<model>.<column>` for every column that was measured,
 * and `<measure>.<model>` for what the model gives by itself: on-brand where it has a style package, else a single pass of the encoder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS, ROOT } from './record.ts';

const MEASURES = ['patchSwd', 'layoutRecall10', 'classifierAccuracy', 'independentRecall10', 'contourRecall10', 'distinctOutputs'] as const;
const COLUMNS = ['singlePass', 'onBrand', 'faithful'] as const;

type Metrics = Readonly<Partial<Record<(typeof MEASURES)[number], Readonly<Record<string, number>>>>>;

export function qualityFigures(): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [suffix, name] of Object.entries(MODELS)) {
    const path = join(ROOT, 'models', name, 'metrics.json');
    if (!existsSync(path)) continue;
    const metrics = JSON.parse(readFileSync(path, 'utf8')) as Metrics;
    for (const measure of MEASURES) {
      const values = metrics[measure] ?? {};
      for (const column of COLUMNS) if (values[column] !== undefined) figures[`${measure}.${suffix}.${column}`] = values[column];
      const own = values.onBrand ?? values.singlePass;
      if (own !== undefined) figures[`${measure}.${suffix}`] = own;
    }
    const floor = metrics.patchSwd?.floor;
    if (suffix === 'M' && floor !== undefined) figures['patchSwd.floor'] = floor;
  }
  return figures;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(qualityFigures())}\n`);
