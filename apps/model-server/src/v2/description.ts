/** What both protocols say about server and models. */
import { configOf, type ModelConfig, type TensorSpec } from '@pentimento/serving';
import type { Repository } from './repository.ts';

export const SERVER = {
  name: 'pentimento',
  version: '0.1.0',
  extensions: ['model_repository', 'model_repository(unload_dependents)', 'model_configuration', 'binary_tensor_data', 'statistics'],
} as const;

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Throws `v2/not-found`. */
export function metadataOf(repository: Repository, name: string, version?: string): ModelMetadata {
  const { spec } = repository.find(name, version);
  const tensor = ({ name, datatype, dims }: TensorSpec): TensorMetadata => ({ name, datatype, shape: [-1, ...dims] });
  const platform = configOf(spec, 'onnxruntime').platform;
  return { name, versions: repository.versions(name), platform, inputs: spec.inputs.map(tensor), outputs: spec.outputs.map(tensor) };
}

/** Throws `v2/not-found`. */
export function configurationOf(repository: Repository, name: string, version?: string): ModelConfig {
  return configOf(repository.find(name, version).spec, 'onnxruntime');
}
