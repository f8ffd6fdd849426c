/**
 * `npm run bench`: measures on this machine and records the figures; `npm run bench -- <part>` runs one part. Each proof is made by a process
 * of its own; times are medians of BENCH_REPEATS runs, three by default. Exact counters are checked by `npm run figures -- --check`, times never are.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { bitExactFigures } from './bit-exact.ts';
import { contractFigures } from './contracts.ts';
import { exactFigures, modelFigures } from './counters.ts';
import { e2eFigures } from './e2e.ts';
import { costPredictionErrors, worstOf } from './fit-cost.ts';
import { checkFloatVsInt8, floatVsInt8 } from './float-vs-int8.ts';
import { killLoop } from './kill-loop.ts';
import { newCollection } from './new-collection.ts';
import { previewFigures } from './preview.ts';
import { checkProving, proving } from './proving.ts';
import { qualityFigures } from './quality.ts';
import { recheckFigures } from './recheck.ts';
import { CONFIGURATIONS, type Configuration, type Figures, keyOf, README, RECORD, ROOT, readmeTable, readRecord, withTable } from './record.ts';
import { checkScale, scale } from './scale.ts';
import { styleFigures } from './style.ts';
import { verifierFigures } from './verifier.ts';

const REPEATS = Number(process.env.BENCH_REPEATS ?? 3);
const MEASURED = ['proveMs', 'keygenMs', 'peakRssBytes', 'verifyGas', 'mintGas', 'claimGas', 'verifierBytes', 'vkBytes'] as const;
type Sample = Readonly<Record<(typeof MEASURED)[number], number>>;

/** Every model with both layouts: proving, keys, gas and sizes; then the README's table. */
async function circuit(): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const configuration of CONFIGURATIONS) {
    const samples: Sample[] = [];
    for (let i = 0; i < REPEATS; i++) samples.push(await measure(configuration));
    for (const name of MEASURED) figures[keyOf(name, configuration.suffix)] = median(samples.map((s) => s[name]));
    process.stderr.write(`${configuration.suffix}: ${JSON.stringify(samples.at(-1))}\n`);
  }
  for (const objective of ['fast', 'gas']) figures[`verifierBytes.${objective}`] = figures[`verifierBytes.M.${objective}`] as number;
  return { ...figures, ...(await exactFigures()) };
}

/** One run of the self-check with new keys; the development SRS is taken over, because making it is not part of key generation. */
async function measure({ model, objective }: Configuration): Promise<Sample> {
  const home = await mkdtemp(join(tmpdir(), 'pentimento-bench-'));
  const srs = join(ROOT, '.pentimento', 'srs');
  if (existsSync(srs)) await cp(srs, join(home, 'srs'), { recursive: true });
  try {
    return await selfCheck(['start', '--once', '--json', '--model', model, '--objective', objective], home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function selfCheck(args: readonly string[], home: string): Promise<Sample> {
  const child = spawn(process.execPath, [`${ROOT}apps/cli/src/main.ts`, ...args], {
    env: { ...process.env, PENTIMENTO_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (d: Buffer) => {
    out += d;
  });
  return new Promise((resolve, reject) =>
    child.once('close', (status) =>
      status === 0 ? resolve(JSON.parse(out) as Sample) : reject(new Error(`the self-check ended with status ${status}`)),
    ),
  );
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

interface Part {
  readonly run: (args: readonly string[]) => Promise<Figures>;
  /** Recomputes what needs no measurement, for `--check`. */
  readonly check?: () => Promise<boolean>;
}

/** `npm run bench -- <part>`; all but the long ones run without a name. */
const PARTS: Readonly<Record<string, Part>> = {
  circuit: { run: circuit },
  cost: { run: async () => ({ costPredictionErrorPct: worstOf(await costPredictionErrors()) }) },
  models: { run: async () => ({ ...modelFigures(), ...qualityFigures() }) },
  style: { run: styleFigures },
  verifier: { run: verifierFigures },
  'bit-exact': { run: bitExactFigures },
  'float-vs-int8': { run: floatVsInt8, check: checkFloatVsInt8 },
  proving: { run: proving, check: checkProving },
  recheck: { run: recheckFigures },
  contracts: { run: contractFigures },
  scale: { run: scale, check: checkScale },
  'new-collection': { run: newCollection },
  preview: { run: previewFigures },
  'kill-loop': { run: killLoop },
  e2e: { run: e2eFigures },
};
const LONG = ['float-vs-int8', 'contracts', 'recheck', 'scale', 'new-collection', 'preview', 'kill-loop', 'e2e'];

async function runPart(name: string, args: readonly string[]): Promise<void> {
  const found = await partOf(name).run(args);
  const figures = Object.entries({ ...readRecord().figures, ...found }).sort(([a], [b]) => a.localeCompare(b));
  const recorded = { machine: machine(), figures: Object.fromEntries(figures) };
  await writeFile(RECORD, `${JSON.stringify(recorded, null, 2)}\n`);
  await writeFile(README, withTable(await readFile(README, 'utf8'), readmeTable(recorded)));
}

async function checkPart(name: string): Promise<void> {
  if (await partOf(name).check?.()) return;
  process.stderr.write(`The page of ${name} differs from its figures; run \`npm run bench -- ${name}\`.\n`);
  process.exitCode = 1;
}

function partOf(name: string): Part {
  const part = PARTS[name];
  if (!part) throw new Error(`Expected a part of the bench, one of ${Object.keys(PARTS).join(', ')}, got ${name}.`);
  return part;
}

const [chosen, ...args] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (chosen && process.argv.includes('--check')) await checkPart(chosen);
else for (const name of chosen ? [chosen] : Object.keys(PARTS).filter((part) => !LONG.includes(part))) await runPart(name, args);
