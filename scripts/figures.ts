/** `npm run -s figures` prints the recorded figures as one JSON object; `--check` recomputes the exact ones and the README's table. */
import { readFileSync } from 'node:fs';
import { exactFigures, modelFigures } from '../bench/counters.ts';
import { qualityFigures } from '../bench/quality.ts';
import { README, readmeTable, readRecord, withTable } from '../bench/record.ts';

const recorded = readRecord();
if (process.argv.includes('--check')) {
  const found = { ...(await exactFigures()), ...modelFigures(), ...qualityFigures() };
  const wrong = Object.entries(found).filter(([key, value]) => recorded.figures[key] !== value);
  for (const [key, value] of wrong) console.error(`${key}: recorded ${recorded.figures[key]}, found ${value}`);
  const readme = readFileSync(README, 'utf8');
  const stale = withTable(readme, readmeTable(recorded)) !== readme;
  if (stale) console.error("the README's table differs from bench/figures.json");
  if (wrong.length > 0 || stale) {
    console.error('Run `npm run bench` to record the figures again.');
    process.exitCode = 1;
  }
} else {
  console.log(JSON.stringify(recorded.figures));
}
