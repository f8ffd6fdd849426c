/**
 * The Python environment with a real Triton server and its public client, from PyPI. Triton's Python backend loads the system's libpython, so
 * the environment is one of the system's Python. `node apps/model-server/test/triton/environment.ts` makes it and prints its interpreter.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PROJECT } from '@pentimento/core/node';

const SYSTEM_PYTHON = '/usr/bin/python3';
const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const FOLDER = join(PROJECT, '.pentimento', 'triton');
const INSTALL_LIMIT_MS = 300_000;

const run = promisify(execFile);

export interface TritonEnvironment {
  readonly python: string;
  readonly sitePackages: string;
  readonly server: string;
  /** Holds the Python backend with the stub of this Python. */
  readonly backends: string;
  /** The wheel's own shared libraries. */
  readonly libraries: string;
}

/** The environment, made when it is not there or not the one of `requirements.txt`; or the reason why this machine cannot have it. */
export async function tritonEnvironment(): Promise<TritonEnvironment | { readonly missing: string }> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { missing: `there is no Triton wheel for ${process.platform} on ${process.arch}` };
  try {
    const { stdout } = await run(SYSTEM_PYTHON, ['-c', 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")']);
    await install();
    return await complete(stdout.trim());
  } catch (error) {
    return { missing: (error as Error).message.trim().split('\n').slice(-1).join('').slice(0, 200) };
  }
}

async function install(): Promise<void> {
  const stamp = join(FOLDER, 'installed');
  const digest = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === digest) return;
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const trainer = join(PROJECT, 'training', '.venv', 'bin', 'python');
  const uv = async (...args: string[]) => void (await run(trainer, ['-m', 'uv', ...args], { timeout: INSTALL_LIMIT_MS }));
  await uv('venv', '--quiet', '--python', SYSTEM_PYTHON, join(FOLDER, 'venv'));
  await uv('pip', 'install', '--quiet', '--python', join(FOLDER, 'venv', 'bin', 'python'), '--require-hashes', '-r', REQUIREMENTS);
  await writeFile(stamp, digest);
}

/** The wheel has a stub for every Python; the backend takes the one that lies beside it. */
async function complete(version: string): Promise<TritonEnvironment> {
  const sitePackages = join(FOLDER, 'venv', 'lib', `python${version}`, 'site-packages');
  const wheel = join(sitePackages, 'pytriton', 'tritonserver');
  const backends = join(FOLDER, 'backends');
  const stub = join(backends, 'python', 'triton_python_backend_stub');
  await cp(join(wheel, 'backends'), backends, { recursive: true });
  await cp(join(wheel, 'python_backend_stubs', version, 'triton_python_backend_stub'), stub);
  await chmod(stub, 0o755);
  const libraries = join(sitePackages, 'nvidia_pytriton.libs');
  return { python: join(FOLDER, 'venv', 'bin', 'python'), sitePackages, server: join(wheel, 'bin', 'tritonserver'), backends, libraries };
}

if (import.meta.main) {
  const environment = await tritonEnvironment();
  process.stdout.write(`${'missing' in environment ? environment.missing : environment.python}\n`);
  process.exitCode = 'missing' in environment ? 3 : 0;
}
