/** Every operation in one model, for both heads and every number of slots: circuit against reference, and what a malicious prover gains. */
import { mockProve } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import { parseManifest } from '../src/manifest.ts';
import { validateModel } from '../src/model.ts';
import { runDecoder } from '../src/reference.ts';
import { type Cells, context, elementsOf, exponentsOf, forge, SLOTS, setValue, valueAt } from './forge.ts';
import { everyLayer, latentOf, modelOf } from './zoo.ts';

describe.each(['paletteArgmax', 'rgb'] as const)('every layer with the head %s', (head) => {
  const model = modelOf(everyLayer(head));
  const latent = latentOf(model);
  const reference = runDecoder(model, latent);

  it('is a model of the format', () => {
    expect(parseManifest(JSON.stringify(model.manifest))).toEqual(model.manifest);
    expect(() => validateModel(model)).not.toThrow();
  });

  describe.each(SLOTS)('%i slots', (slots) => {
    const circuit = compileDecoder(model, { slots });
    const witness = decoderWitness(circuit, latent, context);

    it('holds the values of the reference in every layer', () => {
      const outputs = witness.advice.slice(2 * slots, 3 * slots);
      for (const layer of model.manifest.layers) {
        if (layer.op === 'paletteArgmax') continue;
        const cells = elementsOf(circuit, layer.id).map((e) => outputs[e % slots]?.[Math.floor(e / slots)]);
        expect(cells, layer.id).toEqual([...(reference.layers.get(layer.id) as Int32Array)]);
      }
      expect([witness.index, witness.image]).toEqual([reference.index, reference.image]);
    });

    it('is accepted', () => {
      expect(mockProve(circuit, witness)).toEqual([]);
    });
  });
});

describe('a wrong value in a tensor that no layer names', () => {
  const model = modelOf(everyLayer('rgb'));
  const latent = latentOf(model);
  const circuit = compileDecoder(model, { slots: 4 });
  const named = new Set(model.manifest.layers.map(({ id }) => id));
  const tensors = [...circuit.plan.placed].filter(([id, { node }]) => node.kind === 'tensor' && !named.has(id)).map(([id]) => id);

  it('there are copies, ones, spread vectors and the steps of a maximum', () => {
    expect(tensors).toEqual(expect.arrayContaining(['up/copy0', 'fc1/one', 'fc1/spread', 'max/top', 'max/bottom', 'max/rest']));
  });

  it.each(tensors)('is rejected in %s', (id) => {
    const exponents = exponentsOf(circuit, id);
    const e = exponents[exponents.length >> 1] as number;
    const edit = (cells: Cells) => setValue(circuit, cells, e, valueAt(circuit, cells, e) + ((cells.r[e] as number) === 0 ? 1 : -1));
    const failures = mockProve(circuit, forge(circuit, latent, { [id]: edit }));
    expect(failures.map((f) => f.id)).toEqual(['sum/edge']);
  });
});
