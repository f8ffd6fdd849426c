/**
 * Everything that must hold before a change is merged: set-up, checks and all tests of all languages. The last line is exactly
 * `N passed, N failed`. Plain Node >= 20 without dependencies, so that it runs on a fresh clone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installTestPrograms } from './debian.mjs';
import { ROOT, run, seconds } from './run.mjs';

const REPORT = join(ROOT, '.pentimento', 'vitest.json');
const PYTHON = join(ROOT, 'training', '.venv', 'bin', 'python');
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

const RUNNERS = [
  { name: 'verify', command: [process.execPath, ['scripts/verify.mjs']], count: countVerify },
  { name: 'Rust', command: ['cargo', ['test', '--release', '--locked', '--no-fail-fast']], cwd: join(ROOT, 'packages', 'engine'), count: countCargo },
  {
    name: 'TypeScript',
    command: ['vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]],
    count: countVitest,
  },
  { name: 'Python', command: [PYTHON, ['-m', 'pytest', '-q', 'tests', 'notebook']], cwd: join(ROOT, 'training'), count: countPytest },
];

const setup = await run(process.execPath, ['scripts/setup.mjs', '--python'], { echo: true });
if (setup.code !== 0) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
await installTestPrograms();
mkdirSync(join(ROOT, '.pentimento'), { recursive: true });
rmSync(REPORT, { force: true });

const totals = { passed: 0, failed: 0 };
const lines = [];
for (const runner of RUNNERS) {
  console.log(`\n== ${runner.name}`);
  const { passed, failed, remark } = await perform(runner);
  totals.passed += passed;
  totals.failed += failed;
  lines.push(`${runner.name}: ${passed} passed, ${failed} failed${remark}`);
}
console.log(`\n${lines.join('\n')}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** Counts of one runner; a non-zero exit, or a run without a test, is at least one failure. */
async function perform({ command: [command, args], cwd, count }) {
  const { code, output, durationMs } = await run(command, args, { cwd, echo: true });
  const { passed, failed, skipped } = count(output.replace(ESCAPES, ''));
  const empty = passed + failed === 0;
  const broken = failed === 0 && (code !== 0 || empty);
  const remarks = [seconds(durationMs)];
  if (skipped > 0) remarks.push(`${skipped} skipped`);
  if (empty) remarks.push('no test was executed');
  if (broken && code !== 0) remarks.push(`exit code ${code}`);
  return { passed, failed: broken ? 1 : failed, remark: ` (${remarks.join(', ')})` };
}

/** `verify: 7 passed, 0 failed`. */
function countVerify(output) {
  const [, passed = 0, failed = 0] = /^verify: (\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  return { passed: Number(passed), failed: Number(failed), skipped: output.match(/^not checked/gm)?.length ?? 0 };
}

/** One `test result: ok. 3 passed; 0 failed; 1 ignored; ...` per test binary. */
function countCargo(output) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    totals.passed += Number(passed);
    totals.failed += Number(failed);
    totals.skipped += Number(ignored);
  }
  return totals;
}

/** Vitest's JSON report; a file that cannot be loaded counts as one failure. */
function countVitest() {
  if (!existsSync(REPORT)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded, skipped: report.numPendingTests };
}

/** `3 passed, 1 failed, 2 skipped, 1 error in 4.5s`. */
function countPytest(output) {
  const closing =
    output
      .trimEnd()
      .split('\n')
      .findLast((line) => / in [\d.]+s/.test(line)) ?? '';
  const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  return { passed: number('passed'), failed: number('failed') + number('errors?'), skipped: number('skipped') };
}
