/**
 * Programs that the tests use and that neither npm nor PyPI carries: a browser and a database server. They are taken from Debian where
 * this process may install packages; elsewhere one line says what is missing, and the tests that need it say so as well.
 * Plain Node >= 20.
 */
import { existsSync } from 'node:fs';
import { run, seconds, systemEnv, tail } from './run.mjs';

const PROGRAMS = [
  { name: 'chromium', present: async () => (await run('chromium', ['--version'])).code === 0 || process.env.PENTIMENTO_CHROMIUM !== undefined },
  { name: 'postgresql', present: async () => existsSync('/usr/lib/postgresql') },
];

/** Installs what is missing, if it can; never throws. */
export async function installTestPrograms() {
  const missing = [];
  for (const { name, present } of PROGRAMS) if (!(await present())) missing.push(name);
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && (await run('apt-get', ['--version'])).code === 0;
  if (!mayInstall) {
    console.log(`not installed: ${missing.join(', ')}; some tests need them: apt-get install ${missing.join(' ')}`);
    return;
  }
  // Run level 1 keeps the database package from starting a server of its own; the tests start theirs.
  const env = { ...systemEnv(), DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...missing]]) {
    const { code, output, durationMs } = await run('apt-get', args, { env });
    console.log(`apt-get ${args.join(' ')}: ${code === 0 ? 'done' : `exit code ${code}`} in ${seconds(durationMs)}`);
    if (code !== 0) console.log(tail(output, 10));
  }
}
