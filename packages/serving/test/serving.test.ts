/** The exported repository: its text by hand, its files, and what is already there. The real Triton reads it in apps/model-server's tests. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configOf, configText, specificationsOf, writeRepository } from '../src/index.ts';

const folderOf = (name: string) => join(PROJECT, 'models', name);
const manifestOf = async (name: string) => (await loadModel(folderOf(name))).manifest;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-serving-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('writes a configuration in the text form of protobuf', async () => {
  const manifest = await manifestOf('nouns-m');
  const [, decoder] = specificationsOf(manifest);
  expect(configText(configOf(decoder, 'onnxruntime'))).toBe(`name: "nouns-m_decoder"
version_policy {
  all {}
}
max_batch_size: 32
input {
  name: "latent"
  data_type: TYPE_UINT8
  dims: [128]
}
output {
  name: "index"
  data_type: TYPE_UINT8
  dims: [32, 32]
}
parameters {
  key: "pentimento_commitment"
  value {
    string_value: "${manifest.commitment}"
  }
}
platform: "onnxruntime_onnx"
backend: "onnxruntime"
instance_group {
  kind: KIND_CPU
  count: 1
}
dynamic_batching {
  max_queue_delay_microseconds: 1000
  default_queue_policy {
    max_queue_size: 128
  }
}
`);
});

it('names the tensors of an ensemble apart', async () => {
  for (const name of ['nouns-m', 'strokes-rgb']) {
    const [encoder, decoder, ensemble] = specificationsOf(await manifestOf(name));
    const names = [...ensemble.inputs, ...ensemble.outputs].map((tensor) => tensor.name);
    expect(new Set(names).size).toBe(names.length);
    for (const [i, step] of [encoder, decoder].entries()) {
      expect(Object.keys(ensemble.steps[i]?.inputMap ?? {})).toEqual(step.inputs.map((tensor) => tensor.name));
      expect(Object.keys(ensemble.steps[i]?.outputMap ?? {})).toEqual(step.outputs.map((tensor) => tensor.name));
    }
  }
});

it('writes whole models beside those of others, and in place of its own', async () => {
  await mkdir(join(folder, 'other', '1'), { recursive: true });
  await mkdir(join(folder, 'nouns-s_decoder', '7'), { recursive: true });
  await writeFile(join(folder, 'nouns-s_decoder', '7', 'model.onnx'), 'old');
  const options = { modelFolder: folderOf('nouns-s'), backend: 'onnxruntime' } as const;
  const names = await writeRepository(await manifestOf('nouns-s'), folder, options);
  expect(names).toEqual(['nouns-s_encoder', 'nouns-s_decoder', 'nouns-s']);
  expect((await readdir(folder)).sort()).toEqual(['nouns-s', 'nouns-s_decoder', 'nouns-s_encoder', 'other']);
  expect((await readdir(join(folder, 'nouns-s_decoder'), { recursive: true })).sort()).toEqual(['1', '1/model.onnx', 'config.pbtxt']);
  expect(await readFile(join(folder, 'nouns-s_decoder', '1', 'model.onnx'))).toEqual(await readFile(join(folderOf('nouns-s'), 'decoder.onnx')));
  await writeRepository(await manifestOf('nouns-s'), folder, { ...options, backend: 'python' });
  expect((await readdir(join(folder, 'nouns-s_encoder', '1'))).sort()).toEqual(['model.onnx', 'model.py']);
  expect(await readFile(join(folder, 'nouns-s_encoder', 'config.pbtxt'), 'utf8')).toContain('backend: "python"');
});

it('leaves the repository as it was when a graph is missing', async () => {
  const target = join(folder, 'fresh');
  await expect(writeRepository(await manifestOf('nouns-s'), target, { modelFolder: folder, backend: 'python' })).rejects.toThrow();
  await expect(readdir(target)).rejects.toThrow();
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});
