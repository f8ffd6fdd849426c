/** The training package, run in its own virtual environment; its progress and errors go to standard error as they come. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';

export interface PythonEnded {
  /** The exit status, with the meaning of `exit.ts`. */
  readonly status: number;
  /** Standard output. */
  readonly out: string;
}

/** Runs `python -m pentimento_training` with these arguments. Throws `cli/no-python` when the environment is not there. */
export function runTraining(args: readonly string[]): Promise<PythonEnded> {
  const folder = join(PROJECT, 'training');
  const python = process.env.PENTIMENTO_PYTHON ?? join(folder, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (!existsSync(python))
    throw new BaseError({
      code: 'cli/no-python',
      message: `Expected Python at ${python}, got nothing; run \`node scripts/setup.mjs --python\`.`,
    });
  const child = spawn(python, ['-m', 'pentimento_training', ...args], {
    env: { ...process.env, PYTHONPATH: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (d: Buffer) => {
    out += d;
  });
  // Ctrl-C reaches the child too, which puts its work in order first; a second one ends it.
  const wait = (): void => undefined;
  const terminate = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', terminate);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      process.off('SIGINT', wait).off('SIGTERM', terminate);
      resolve({ status: status ?? 130, out });
    });
  });
}
