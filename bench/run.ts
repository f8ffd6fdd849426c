/**
 * `npm run bench`: measures every configuration on this machine and records the figures. Each proof is made by a process of its own;
 * times are the median of three. Exact counters are checked by `npm run figures -- --check`, times never are.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { exactFigures, modelFigures } from './counters.ts';
import { CONFIGURATIONS, type Configuration, keyOf, README, RECORD, ROOT, readmeTable, withTable } from './record.ts';

const REPEATS = 3;
const MEASURED = ['proveMs', 'keygenMs', 'peakRssBytes', 'verifyGas', 'mintGas', 'verifierBytes', 'vkBytes'] as const;
type Sample = Readonly<Record<(typeof MEASURED)[number], number>>;

async function main(): Promise<void> {
  const figures: Record<string, number> = {};
  for (const configuration of CONFIGURATIONS) {
    const samples: Sample[] = [];
    for (let i = 0; i < REPEATS; i++) samples.push(await measure(configuration));
    for (const name of MEASURED) figures[keyOf(name, configuration.suffix)] = median(samples.map((s) => s[name]));
    process.stderr.write(`${configuration.suffix}: ${JSON.stringify(samples.at(-1))}\n`);
  }
  figures.verifierBytes = figures['verifierBytes.M'] as number;
  Object.assign(figures, await exactFigures(), modelFigures());
  const recorded = { machine: machine(), figures: Object.fromEntries(Object.entries(figures).sort(([a], [b]) => a.localeCompare(b))) };
  await writeFile(RECORD, `${JSON.stringify(recorded, null, 2)}\n`);
  await writeFile(README, withTable(await readFile(README, 'utf8'), readmeTable(recorded)));
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

await main();
