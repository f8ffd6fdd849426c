/**
 * `node bench/fit-cost.ts`: fits the constants of the cost model to the recorded figures and writes them to the layers package. With
 * `--check` it only prints how far the written constants are from the figures, and fails beyond 20 %.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type CostConstants, estimate, type Features, featuresOf } from '../packages/layers/src/circuit/cost.ts';
import { COST_CONSTANTS } from '../packages/layers/src/circuit/cost-constants.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { compileFor } from '../packages/prover/src/index.ts';
import { CONFIGURATIONS, ROOT, readRecord } from './record.ts';

const TARGET = `${ROOT}packages/layers/src/circuit/cost-constants.ts`;
const TOLERANCE_PERCENT = 20;

interface Sample {
  readonly suffix: string;
  readonly features: Features;
  readonly measured: Readonly<Record<Quantity, number>>;
}

type Quantity = 'proveMs' | 'memoryBytes' | 'verifyGas';
const RECORDED: Readonly<Record<Quantity, string>> = { proveMs: 'proveMs', memoryBytes: 'peakRssBytes', verifyGas: 'verifyGas' };

/** Errors of the written constants against the recorded figures of the circuits that are compiled now, in percent. */
export async function costPredictionErrors(): Promise<readonly { readonly name: string; readonly percent: number; readonly line: string }[]> {
  return errorsOf(await readSamples(), COST_CONSTANTS);
}

function errorsOf(samples: readonly Sample[], constants: CostConstants) {
  return samples.flatMap(({ suffix, features, measured }) => {
    const predicted = estimate(features, constants);
    return (Object.keys(RECORDED) as Quantity[]).map((quantity) => {
      const percent = 100 * (predicted[quantity] / measured[quantity] - 1);
      const name = `${quantity}.${suffix}`;
      return { name, percent, line: `${name}: predicted ${predicted[quantity]}, measured ${measured[quantity]}, ${percent.toFixed(1)} %` };
    });
  });
}

async function main(): Promise<void> {
  const samples = await readSamples();
  const check = process.argv.includes('--check');
  const constants = check ? COST_CONSTANTS : fitted(samples);
  if (!check) writeFileSync(TARGET, readFileSync(TARGET, 'utf8').replace(/\{\n[\s\S]*\};/, `${print(constants)};`));
  const errors = errorsOf(samples, constants);
  for (const { line } of errors) console.log(line);
  const worst = worstOf(errors);
  console.log(`costPredictionErrorPct ${worst}`);
  process.exitCode = worst > TOLERANCE_PERCENT ? 1 : 0;
}

/** The largest of the errors, in percent with one decimal. */
export const worstOf = (errors: readonly { readonly percent: number }[]): number =>
  Math.round(10 * Math.max(...errors.map(({ percent }) => Math.abs(percent)))) / 10;

/** Figures whose circuit is still the one that is compiled now; the others are left out with a line. */
async function readSamples(): Promise<Sample[]> {
  const { figures } = readRecord();
  const samples: Sample[] = [];
  for (const { suffix, model, objective } of CONFIGURATIONS) {
    const { ir } = compileFor(await loadModel(`${ROOT}models/${model}`), objective);
    const features = featuresOf(ir);
    if (figures[`k.${suffix}`] !== ir.k || figures[`proofBytes.${suffix}`] !== 32 * features.words) {
      console.log(`${suffix}: the recorded figures are of another circuit, run \`npm run bench\` first`);
      continue;
    }
    const of = (name: Quantity) => figures[`${RECORDED[name]}.${suffix}`] as number;
    samples.push({ suffix, features, measured: { proveMs: of('proveMs'), memoryBytes: of('memoryBytes'), verifyGas: of('verifyGas') } });
  }
  if (samples.length === 0) throw new Error('no recorded figures of the current circuits');
  return samples;
}

function fitted(all: readonly Sample[]): CostConstants {
  const solve = (name: Quantity, rows: (f: Features) => number[], start: readonly number[]) =>
    leastSquares(
      all.map(({ features }) => rows(features)),
      all.map(({ measured }) => measured[name]),
      start,
    );
  const { proveMs: p, memoryBytes: m, verifyGas: g } = COST_CONSTANTS;
  const time = solve('proveMs', (f) => [1, f.size * f.smallColumns, f.size * f.fullColumns, f.size * f.extendedColumns], [
    p.base,
    p.smallColumn,
    p.fullColumn,
    p.extendedColumn,
  ]);
  const memory = solve('memoryBytes', (f) => [1, f.columnBytes], [m.base, m.columnByte]);
  const gas = solve('verifyGas', (f) => [1, f.commitments, f.words, f.instances], [g.base, g.commitment, g.word, g.instance]);
  const [base, smallColumn, fullColumn, extendedColumn] = time as [number, number, number, number];
  return {
    proveMs: { base, smallColumn, fullColumn, extendedColumn },
    memoryBytes: { base: memory[0] as number, columnByte: memory[1] as number },
    verifyGas: { base: gas[0] as number, commitment: gas[1] as number, word: gas[2] as number, instance: gas[3] as number },
  };
}

/**
 * Non-negative weights that minimise the squared relative errors, by coordinate descent from `start`. With fewer measurements than
 * weights the solution near the start is taken, so a new measurement corrects the model and does not replace it.
 */
function leastSquares(rows: readonly (readonly number[])[], values: readonly number[], start: readonly number[]): number[] {
  const scaled = rows.map((row, i) => row.map((x) => x / (values[i] as number)));
  const weights = [...start];
  const residual = scaled.map((row) => 1 - row.reduce((sum, x, j) => sum + x * (weights[j] as number), 0));
  for (let round = 0; round < 20_000; round++) {
    weights.forEach((weight, j) => {
      const norm = scaled.reduce((sum, row) => sum + (row[j] as number) ** 2, 0);
      if (norm === 0) return;
      const step = scaled.reduce((sum, row, i) => sum + (row[j] as number) * (residual[i] as number), 0) / norm;
      const next = Math.max(0, weight + step);
      scaled.forEach((row, i) => {
        residual[i] = (residual[i] as number) - (next - weight) * (row[j] as number);
      });
      weights[j] = next;
    });
  }
  return weights;
}

function print({ proveMs: p, memoryBytes: m, verifyGas: g }: CostConstants): string {
  const show = (value: number) => String(Number(value.toPrecision(4)));
  const fields = (record: Readonly<Record<string, number>>) =>
    Object.entries(record)
      .map(([name, value]) => `${name}: ${show(value)}`)
      .join(', ');
  return `{\n  proveMs: { ${fields({ ...p })} },\n  memoryBytes: { ${fields({ ...m })} },\n  verifyGas: { ${fields({ ...g })} },\n}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
