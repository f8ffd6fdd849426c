/**
 * Brings a clone to the state in which everything runs: packages, engine, contracts and, with --python, the training environment.
 * Plain Node >= 20 without dependencies. A step runs only when the files that it depends on have changed since it last succeeded
 * (stamps in .pentimento/stamps). Progress goes to stderr.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectEnv, ROOT, run, seconds, systemEnv, tail } from './run.mjs';

const STAMPS = join(ROOT, '.pentimento', 'stamps');
const VENV = join(ROOT, 'training', '.venv');
const PYTHON = join(VENV, 'bin', 'python');
const UV_VERSION = '0.13.9';
const HEARTBEAT_MS = 15_000;
const NOT_SOURCES = new Set(['node_modules', 'target', 'out', 'cache', 'abi', 'generated']);

const STEPS = [
  {
    name: 'packages',
    needs: [],
    inputs: ['package-lock.json', '.npmrc'],
    output: () => existsSync(join(ROOT, 'node_modules', '.bin', 'node')),
    action: installPackages,
  },
  {
    name: 'engine',
    needs: ['cargo', 'rustc'],
    inputs: ['rust', 'build.mjs', 'build.rs', 'Cargo.lock', 'Cargo.toml'].map((name) => `packages/engine/${name}`),
    output: () => existsSync(join(ROOT, 'packages', 'engine', 'pentimento-engine.node')),
    action: () => run('node', ['packages/engine/build.mjs']),
  },
  {
    name: 'contracts',
    needs: [],
    inputs: ['contracts', 'packages/verifier/src'],
    output: () => existsSync(join(ROOT, 'contracts', 'out')),
    action: () => run('node', ['contracts/build.ts']),
  },
];

const PYTHON_STEP = {
  name: 'training',
  needs: ['python3'],
  inputs: ['training/requirements.txt'],
  output: () => existsSync(PYTHON),
  action: installPython,
};

/** What a machine must have, and how to get it. */
const RUST = {
  expected: 'a stable Rust toolchain, 1.89 or later',
  least: [1, 89],
  get: 'install it from https://rustup.rs, or run `rustup update stable`',
};
const PREREQUISITES = {
  cargo: { ...RUST, probe: ['cargo', ['--version']] },
  rustc: { ...RUST, probe: ['rustc', ['--version']] },
  python3: {
    expected: 'Python 3.11 or later with venv',
    least: [3, 11],
    get: 'install it from https://www.python.org, or with `apt install python3 python3-venv`',
    probe: ['python3', ['-c', 'import ensurepip, sys, venv; print(".".join(map(str, sys.version_info[:3])))']],
  },
};

await main(process.argv.slice(2));

async function main(args) {
  const unknown = args.find((arg) => arg !== '--python');
  if (unknown) stop(`Expected no option but --python, got ${unknown}.`);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    stop(`Expected Node 20 or later, found ${process.versions.node}; install it from https://nodejs.org.`);
  }
  const steps = args.includes('--python') ? [...STEPS, PYTHON_STEP] : STEPS;
  const pending = steps.filter((step) => !isDone(step));
  for (const name of new Set(pending.flatMap((step) => step.needs))) await checkPrerequisite(name);
  for (const [position, step] of pending.entries()) await perform(step, `[${position + 1}/${pending.length}] ${step.name}`);
}

/** Runs one step with a line at its start, one every few seconds and one at its end; a failure ends the process. */
async function perform(step, label) {
  const start = performance.now();
  say(`${label} ...`);
  const heartbeat = setInterval(() => say(`${label}, ${seconds(performance.now() - start)}`), HEARTBEAT_MS);
  const { code, output } = await step.action();
  clearInterval(heartbeat);
  if (code !== 0) stop(`${tail(output, 40)}\n${label} failed with the exit code ${code}; the lines above are its last output.`);
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(join(STAMPS, step.name), fingerprint(step.inputs));
  say(`${label} done in ${seconds(performance.now() - start)}`);
}

function isDone(step) {
  const stamp = join(STAMPS, step.name);
  return step.output() && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(step.inputs);
}

async function checkPrerequisite(name) {
  const { probe, least, expected, get } = PREREQUISITES[name];
  const { code, output } = await run(...probe, { env: systemEnv() });
  const version = code === 0 ? /(\d+)\.(\d+)[.\d]*/.exec(output) : null;
  if (!version) stop(`Expected ${expected}, found no ${name} that runs; ${get}.`);
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major < least[0] || (major === least[0] && minor < least[1])) stop(`Expected ${expected}, found ${name} ${version[0]}; ${get}.`);
}

/**
 * The locked packages. `npm ci` refuses a lock file without the packages of platforms other than the one that wrote it; `npm install`
 * then installs the same locked versions, checked by the same hashes, and writes neither manifest nor lock file.
 */
async function installPackages() {
  const env = systemEnv();
  const clean = await run('npm', ['ci', '--no-progress'], { env });
  if (clean.code === 0 || !clean.output.includes('EUSAGE')) return clean;
  return run('npm', ['install', '--no-save', '--no-progress'], { env });
}

/** The virtual environment with exactly the hashed requirements. */
async function installPython() {
  const env = projectEnv();
  const commands = [
    ['python3', ['-m', 'venv', VENV]],
    [PYTHON, ['-m', 'pip', 'install', '--quiet', `uv==${UV_VERSION}`]],
    [PYTHON, ['-m', 'uv', 'pip', 'install', '--python', PYTHON, '--require-hashes', '-r', join(ROOT, 'training', 'requirements.txt')]],
  ];
  let result = { code: 0, output: '' };
  for (const [command, args] of commands) {
    result = await run(command, args, { env });
    if (result.code !== 0) return result;
  }
  return result;
}

/** SHA-256 over the names and bytes of all source files below the inputs. */
function fingerprint(inputs) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of inputs.flatMap((input) => sourcesOf(join(ROOT, input)))) {
    hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function sourcesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !NOT_SOURCES.has(name) && !name.startsWith('.'))
    .sort()
    .flatMap((name) => sourcesOf(join(path, name)));
}

function say(line) {
  process.stderr.write(`setup ${line}\n`);
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
