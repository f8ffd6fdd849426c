/**
 * `trainMinutes.newCollection`: processor minutes from a folder of 200 images to an exported model of preset M, by the command that a
 * collection's owner would use, on one thread. The images are the invaders that the training package draws.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './record.ts';

const IMAGES = 200;

export async function newCollection(): Promise<Record<string, number>> {
  const work = await mkdtemp(join(tmpdir(), 'pentimento-collection-'));
  const [images, times] = [join(work, 'invaders'), join(work, 'times')];
  try {
    run('training/.venv/bin/python', ['-m', 'pentimento_training', 'sample', 'invaders', images, '--count', String(IMAGES)], 'training');
    const train = ['apps/cli/src/main.ts', 'train', images, '--name', 'invaders', '--out', join(work, 'model'), '--work', join(work, 'run')];
    // The shell's `times` prints user and system time of its children on the second line: 12m33.1s 0m4.2s.
    run('sh', ['-c', '"$0" "$@" && times > "$TIMES"', process.execPath, ...train], '.', { TIMES: times });
    return { 'trainMinutes.newCollection': Math.round(10 * minutes(await readFile(times, 'utf8'))) / 10 };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}): void {
  const program = command.includes('/') ? `${ROOT}${command}` : command;
  const { status } = spawnSync(program, args, {
    cwd: `${ROOT}${folder}`,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with status ${status}`);
}

function minutes(times: string): number {
  const parts = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, m, s]) => sum + Number(m) + Number(s) / 60, 0);
}
