/**
 * The three models of the Open Inference Protocol that one Pentimento model is: `<name>_encoder`, `<name>_decoder`, and `<name>`, the ensemble
 * of both. The embedded server and the repository for Triton are made from these specifications.
 */
import type { Manifest } from '@pentimento/layers';

/** Largest batch of one execution. */
export const MAX_BATCH = 32;
/** How long a request waits for others to share its execution, in microseconds. */
export const MAX_QUEUE_DELAY_US = 1000;
/** Requests that wait for the executions of one graph; one more is refused. Full of the largest, an encoder's queue holds 192 MiB of photos. */
export const MAX_QUEUE_SIZE = 128;

/** What runs a graph inside Triton. */
export type Backend = 'onnxruntime' | 'python';

export type Datatype = 'FP32' | 'UINT8';

export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** Without the batch dimension, which is the first of every tensor. */
  readonly dims: readonly number[];
}

/** One ONNX graph. Its tensors have the names of the specification. */
export interface GraphSpec {
  readonly kind: 'graph';
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** In the model's folder. */
  readonly file: 'encoder.onnx' | 'decoder.onnx';
  readonly commitment: string;
}

/** One graph after the other. Maps go from a graph's tensor to the ensemble's. */
export interface EnsembleSpec {
  readonly kind: 'ensemble';
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly steps: readonly EnsembleStep[];
  readonly commitment: string;
}

export interface EnsembleStep {
  readonly model: string;
  readonly inputMap: Readonly<Record<string, string>>;
  readonly outputMap: Readonly<Record<string, string>>;
}

export type ServedSpec = GraphSpec | EnsembleSpec;

/** Encoder, decoder and ensemble of a model, in this order. */
export function specificationsOf({ name, commitment, latent, layers, image }: Manifest): readonly [GraphSpec, GraphSpec, EnsembleSpec] {
  const photo: TensorSpec = { name: 'image', datatype: 'FP32', dims: [3, 64, 64] };
  const code: TensorSpec = { name: 'latent', datatype: 'UINT8', dims: [latent.length] };
  const rgb = layers.at(-1)?.op === 'rgb';
  const plane = [image.height, image.width];
  const painting: TensorSpec = { name: rgb ? 'image' : 'index', datatype: 'UINT8', dims: rgb ? [3, ...plane] : plane };
  // An ensemble has one name space, in which `image` is the photo.
  const shown: TensorSpec = rgb ? { ...painting, name: 'picture' } : painting;
  const [encoder, decoder] = [`${name}_encoder`, `${name}_decoder`];
  return [
    { kind: 'graph', name: encoder, inputs: [photo], outputs: [code], file: 'encoder.onnx', commitment },
    { kind: 'graph', name: decoder, inputs: [code], outputs: [painting], file: 'decoder.onnx', commitment },
    {
      kind: 'ensemble',
      name,
      inputs: [photo],
      outputs: [code, shown],
      steps: [
        { model: encoder, inputMap: { image: 'image' }, outputMap: { latent: 'latent' } },
        { model: decoder, inputMap: { latent: 'latent' }, outputMap: { [painting.name]: shown.name } },
      ],
      commitment,
    },
  ];
}

/** Triton's model configuration, with the names and nesting of its `model_config.proto`. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly version_policy: { readonly all: Readonly<Record<string, never>> };
  readonly max_batch_size: number;
  readonly input: readonly ConfigTensor[];
  readonly output: readonly ConfigTensor[];
  readonly instance_group: readonly { readonly kind: 'KIND_CPU'; readonly count: number }[];
  readonly dynamic_batching?: {
    readonly max_queue_delay_microseconds: number;
    readonly default_queue_policy: { readonly max_queue_size: number };
  };
  readonly ensemble_scheduling?: {
    readonly step: readonly {
      readonly model_name: string;
      readonly model_version: number;
      readonly input_map: Readonly<Record<string, string>>;
      readonly output_map: Readonly<Record<string, string>>;
    }[];
  };
  readonly parameters: Readonly<Record<string, { readonly string_value: string }>>;
}

export interface ConfigTensor {
  readonly name: string;
  readonly data_type: `TYPE_${Datatype}`;
  readonly dims: readonly number[];
}

/** The configuration of a served model; graphs run on `backend`. */
export function configOf(spec: ServedSpec, backend: Backend): ModelConfig {
  const tensor = ({ name, datatype, dims }: TensorSpec): ConfigTensor => ({ name, data_type: `TYPE_${datatype}`, dims });
  const common = {
    name: spec.name,
    version_policy: { all: {} },
    max_batch_size: MAX_BATCH,
    input: spec.inputs.map(tensor),
    output: spec.outputs.map(tensor),
    parameters: { pentimento_commitment: { string_value: spec.commitment } },
  };
  if (spec.kind === 'graph')
    return {
      ...common,
      platform: backend === 'onnxruntime' ? 'onnxruntime_onnx' : '',
      backend,
      instance_group: [{ kind: 'KIND_CPU', count: 1 }],
      dynamic_batching: { max_queue_delay_microseconds: MAX_QUEUE_DELAY_US, default_queue_policy: { max_queue_size: MAX_QUEUE_SIZE } },
    };
  const step = spec.steps.map(({ model, inputMap, outputMap }) => ({
    model_name: model,
    model_version: -1,
    input_map: inputMap,
    output_map: outputMap,
  }));
  return { ...common, platform: 'ensemble', backend: '', instance_group: [], ensemble_scheduling: { step } };
}
