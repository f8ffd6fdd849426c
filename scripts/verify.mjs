/**
 * Every check that is not a test: format, lint, types, dead code, and generated files against their sources. One line per check, the
 * output of those that fail, and a last line with the counts. Plain Node >= 20 without dependencies; `npm run setup` comes first.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, seconds, tail } from './run.mjs';

const ENGINE = join(ROOT, 'packages', 'engine');
const RUFF = join(ROOT, 'training', '.venv', 'bin', 'ruff');

const CHECKS = [
  { name: 'format and lint', command: ['biome', ['check', '--error-on-warnings', '--no-errors-on-unmatched', '.']] },
  { name: 'types', command: ['tsc', ['-p', 'tsconfig.json']] },
  { name: 'dead code', command: ['knip', ['--no-config-hints']] },
  { name: 'generated contracts', command: ['node', ['contracts/build.ts', '--check']] },
  { name: 'figures', command: ['node', ['scripts/figures.ts', '--check']] },
  { name: 'service description', command: ['node', ['apps/proof-server/openapi.ts', '--check']] },
  { name: 'kill matrix', command: ['node', ['bench/kill.ts', '--check']] },
  { name: 'Rust format', command: ['cargo', ['fmt', '--check']], cwd: ENGINE, tool: ['cargo', ['fmt', '--version']] },
  {
    name: 'Rust lint',
    command: ['cargo', ['clippy', '--release', '--all-targets', '--locked', '--', '-D', 'warnings']],
    cwd: ENGINE,
    tool: ['cargo', ['clippy', '--version']],
  },
  { name: 'Python format', command: [RUFF, ['format', '--check', 'training']], tool: [RUFF, ['--version']] },
  { name: 'Python lint', command: [RUFF, ['check', 'training']], tool: [RUFF, ['--version']] },
];

const outcomes = [];
for (const check of CHECKS) outcomes.push(await perform(check));
const failed = outcomes.filter((outcome) => outcome === 'failed').length;
const passed = outcomes.filter((outcome) => outcome === 'passed').length;
console.log(`verify: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** `passed`, `failed`, or `absent` for a check whose tool or subject this machine or tree does not have; says which. */
async function perform({ name, command: [command, args], cwd = ROOT, tool, needs }) {
  if (needs && !existsSync(join(ROOT, needs))) return report('absent', name, `there is no ${needs}`);
  if (tool && (await run(...tool)).code !== 0) return report('absent', name, `${tool[0].split('/').at(-1)} ${tool[1][0]} does not run here`);
  const { code, output, durationMs } = await run(command, args, { cwd });
  if (code !== 0) console.log(tail(output, 60));
  return report(code === 0 ? 'passed' : 'failed', name, seconds(durationMs));
}

function report(outcome, name, remark) {
  const words = { passed: 'ok', failed: 'FAILED', absent: 'not checked' };
  console.log(`${words[outcome].padEnd(12)} ${name} (${remark})`);
  return outcome;
}
