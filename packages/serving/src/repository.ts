/**
 * A Triton model repository of one model: `config.pbtxt` and version 1 of encoder, decoder and ensemble. The graphs run on Triton's ONNX
 * Runtime backend, or on its Python backend, which some builds have alone. Layout: "Model Repository" in Triton's user guide.
 */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '@pentimento/layers';
import { configText } from './config-text.ts';
import { type Backend, configOf, type ServedSpec, specificationsOf } from './specification.ts';

const PYTHON_MODEL = fileURLToPath(new URL('./model.py', import.meta.url));
const VERSION = '1';

interface RepositoryOptions {
  /** Holds `encoder.onnx` and `decoder.onnx`. */
  readonly modelFolder: string;
  readonly backend: Backend;
}

/**
 * Adds the three models to the repository in `folder`, in place of what it holds under their names; other models stay. Returns the names.
 * Each model's folder appears whole or not at all.
 */
export async function writeRepository(manifest: Manifest, folder: string, options: RepositoryOptions): Promise<readonly string[]> {
  const specs = specificationsOf(manifest);
  const temporary = `${resolve(folder)}.${process.pid}.part`;
  try {
    for (const spec of specs) await writeModel(spec, join(temporary, spec.name), options);
    await mkdir(folder, { recursive: true });
    for (const { name } of specs) {
      await rm(join(folder, name), { recursive: true, force: true });
      await rename(join(temporary, name), join(folder, name));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return specs.map(({ name }) => name);
}

async function writeModel(spec: ServedSpec, folder: string, { modelFolder, backend }: RepositoryOptions): Promise<void> {
  const version = join(folder, VERSION);
  await mkdir(version, { recursive: true });
  await writeFile(join(folder, 'config.pbtxt'), configText(configOf(spec, backend)));
  if (spec.kind !== 'graph') return;
  await copyFile(join(modelFolder, spec.file), join(version, 'model.onnx'));
  if (backend === 'python') await copyFile(PYTHON_MODEL, join(version, 'model.py'));
}
