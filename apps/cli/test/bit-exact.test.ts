/** Every committed model: reference, witness and onnxruntime-node give the golden vectors to the last number, and one changed byte is found. */
import type { DecoderCircuit, Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Case,
  circuitsOf,
  committedModels,
  modelDir,
  readVectors,
  referenceDifferences,
  runtimeDifferences,
  witnessDifferences,
} from './engines.ts';

it('finds the committed models', () => {
  expect(committedModels()).toEqual(expect.arrayContaining(['nouns-m', 'nouns-s']));
});

describe.each(committedModels())('%s', (name) => {
  const { cases, commitment } = readVectors(name);
  const [first] = cases as readonly [Case, ...Case[]];
  let model: Model;
  let circuits: DecoderCircuit[];

  beforeAll(async () => {
    model = await loadModel(modelDir(name));
    circuits = circuitsOf(model);
  });

  it('is the model of its vectors', () => {
    expect(commitment).toBe(model.manifest.commitment);
  });

  it('has no difference in the reference', () => {
    for (const golden of cases) expect(referenceDifferences(model, golden), golden.name).toBe(0);
  });

  it('has no difference in the witness of either layout', () => {
    for (const circuit of circuits) for (const golden of cases) expect(witnessDifferences(circuit, golden), golden.name).toBe(0);
  });

  it('has no difference in onnxruntime-node', async () => {
    expect(await runtimeDifferences(modelDir(name), cases)).toBe(0);
  });

  it('finds one changed number in any layer, in reference and witness', () => {
    const [circuit] = circuits as [DecoderCircuit];
    for (const { id, op } of model.manifest.layers) {
      const changed = withChangedLayer(first, id);
      expect(referenceDifferences(model, changed), id).toBe(1);
      expect(witnessDifferences(circuit, changed), id).toBe(op === 'paletteArgmax' ? 0 : 1);
    }
  });

  it('finds one changed byte of the image in every engine', async () => {
    const changed = withChangedPixel(first);
    expect(referenceDifferences(model, changed)).toBe(1);
    expect(witnessDifferences(circuits[0] as DecoderCircuit, changed)).toBe(1);
    expect(await runtimeDifferences(modelDir(name), [changed])).toBe(4);
  });

  it('finds a layer that is missing, and one too many', () => {
    const { [Object.keys(first.layers)[0] as string]: removed, ...rest } = first.layers;
    expect(referenceDifferences(model, { ...first, layers: rest })).toBe(removed?.length);
    expect(referenceDifferences(model, { ...first, layers: { ...first.layers, extra: [] } })).toBe(1);
  });
});

/** The last number of one layer changed by 1. */
function withChangedLayer(golden: Case, id: string): Case {
  return { ...golden, layers: { ...golden.layers, [id]: flipped(golden.layers[id] ?? []) } };
}

function withChangedPixel({ index, image, ...rest }: Case): Case {
  return { ...rest, ...(index ? { index: flipped(index) } : {}), ...(image ? { image: flipped(image) } : {}) };
}

const flipped = (values: readonly number[]): number[] => values.map((value, i) => (i === values.length - 1 ? value ^ 1 : value));
