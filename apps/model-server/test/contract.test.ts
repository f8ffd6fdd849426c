/**
 * The Open Inference Protocol by the same tests: the embedded server always, and a real tritonserver on the repository that
 * `pentimento export triton` writes, where this machine can have one. Then the public Python client against both.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeRepository } from '@pentimento/serving';
import { expect, it } from 'vitest';
import { modelNames, modelOf } from './cases.ts';
import { CONTRACT_MODELS, contract } from './contract.ts';
import { type Endpoint, MODELS, startEmbedded } from './endpoint.ts';
import { tritonEnvironment } from './triton/environment.ts';
import { publicClientCases, runPublicClient } from './triton/public-client.ts';
import { startTriton } from './triton/server.ts';

const folders = CONTRACT_MODELS.map((name) => join(MODELS, name)).join(',');
const CONFIGURATIONS = fileURLToPath(new URL('./triton/configurations.py', import.meta.url));
const environment = await tritonEnvironment();

contract('the embedded server', () => startEmbedded({ PENTIMENTO_MODELS: folders }));

if ('missing' in environment) {
  console.log(`not checked: the real Triton server and its public client (${environment.missing})`);
} else {
  contract('a real Triton server', async (): Promise<Endpoint> => {
    const folder = await mkdtemp(join(tmpdir(), 'pentimento-triton-'));
    const repository = join(folder, 'models');
    await mkdir(repository);
    for (const name of CONTRACT_MODELS)
      await writeRepository((await modelOf(name)).manifest, repository, { modelFolder: join(MODELS, name), backend: 'python' });
    const server = await startTriton(environment, folder);
    return { ...server, stop: () => server.stop().then(() => rm(folder, { recursive: true, force: true })) };
  });

  it('every exported configuration is one of Triton', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pentimento-configurations-'));
    const paths: string[] = [];
    for (const backend of ['onnxruntime', 'python'] as const)
      for (const name of modelNames) {
        const names = await writeRepository((await modelOf(name)).manifest, join(folder, backend), { modelFolder: join(MODELS, name), backend });
        paths.push(...names.map((model) => join(folder, backend, model, 'config.pbtxt')));
      }
    const { stdout } = spawnSync(environment.python, [CONFIGURATIONS, ...paths], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual(paths.map((path) => basename(dirname(path))));
    await rm(folder, { recursive: true });
  });

  it('the public client gets the bytes of the reference from the embedded server', async () => {
    const server = await startEmbedded();
    try {
      const cases = await publicClientCases();
      expect(await runPublicClient(environment, server, cases)).toEqual({ cases: 12, mismatches: 0 });
      const spoilt = cases.slice(0, 1).map((one) => ({ ...one, outputs: { latent: [[5, 128], Buffer.alloc(5 * 128).toString('base64')] as const } }));
      expect(await runPublicClient(environment, server, spoilt)).toEqual({ cases: 1, mismatches: 3 });
    } finally {
      await server.stop();
    }
  });
}

it('the environment has an interpreter that runs, or says why not', () => {
  if ('missing' in environment) expect(environment.missing).not.toBe('');
  else expect(spawnSync(environment.python, ['-c', 'import tritonclient.http, tritonclient.grpc']).status).toBe(0);
});
