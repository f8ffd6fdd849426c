/** Random chains of layers: the circuit's cells against the reference, accepted when honest and rejected after a random change. */
import { mockProve } from '@pentimento/circuit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ACTIVATIONS } from '../src/activation.ts';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import { geometryOf, outputSize } from '../src/geometry.ts';
import { parseManifest } from '../src/manifest.ts';
import { runDecoder } from '../src/reference.ts';
import { context, elementsOf, forge, setValue, valueAt } from './forge.ts';
import { type BareLayer, latentOf, modelOf } from './zoo.ts';

type Shape3 = readonly [number, number, number];

const activation = fc.constantFrom(...ACTIVATIONS);
const shifts = (channels: number) =>
  fc.oneof(fc.integer({ min: 2, max: 5 }), fc.array(fc.integer({ min: 2, max: 5 }), { minLength: channels, maxLength: channels }));

const convolution = (id: string, input: string, [, h, w]: Shape3): fc.Arbitrary<BareLayer> =>
  fc
    .record({
      outputs: fc.integer({ min: 1, max: 3 }),
      kernel: fc.integer({ min: 1, max: 5 }),
      scaling: fc.constantFrom({}, { stride: 2 as const }, { upsample: 2 as const }),
      padding: fc.constantFrom('same' as const, 'valid' as const, 'full' as const),
      activation,
    })
    .map(({ scaling, ...rest }) => ({ ...rest, ...scaling }))
    .filter((options) => Math.min(...[h, w].map((size) => outputSize(geometryOf(options), size))) >= 1)
    .chain(({ outputs, ...options }) => {
      const [height, width] = [h, w].map((size) => outputSize(geometryOf(options), size)) as [number, number];
      return shifts(outputs).map((shift): BareLayer => ({ id, op: 'conv2d', input, shape: [outputs, height, width], shift, ...options }));
    });

const pooling = (id: string, input: string, [c, h, w]: Shape3): fc.Arbitrary<BareLayer>[] =>
  h % 2 === 0 && w % 2 === 0
    ? [fc.constantFrom('averagePool' as const, 'maxPool' as const).map((op): BareLayer => ({ id, op, input, shape: [c, h / 2, w / 2] }))]
    : [];

const layer = (id: string, input: string, shape: Shape3) =>
  fc.oneof(convolution(id, input, shape), convolution(id, input, shape), ...pooling(id, input, shape));

/** Fully connected, two random layers, an RGB head: `[C, H, W]` from sizes that are not special. */
const chain = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), activation)
  .chain(([c, h, w, chosen]) => {
    const fcLayer: BareLayer = { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [c, h, w], shift: 3, activation: chosen };
    return layer('first', 'fc', [c, h, w]).chain((first) =>
      layer('second', 'first', first.shape as Shape3).map((second) => {
        const [, height, width] = second.shape as Shape3;
        return [fcLayer, first, second, { id: 'head', op: 'rgb', input: 'second', shape: [3, height, width], shift: 3 } as BareLayer];
      }),
    );
  });

it('random chains have the cells of the reference, and a random change is rejected', { timeout: 300_000 }, () => {
  const problem = fc.record({
    layers: chain,
    seed: fc.integer({ min: 1, max: 1e6 }),
    slots: fc.constantFrom(1 as const, 2 as const, 4 as const),
    pick: fc.nat(),
    delta: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(problem, ({ layers, seed, slots: wanted, pick, delta }) => {
      const model = modelOf(layers, { latent: 3, seed });
      parseManifest(JSON.stringify(model.manifest));
      const widths = layers.slice(0, -1).map(({ shape }) => shape[2] as number);
      const slots = widths.every((width) => width % wanted === 0) ? wanted : 1;
      const circuit = compileDecoder(model, { slots });
      const latent = latentOf(model, seed);
      const witness = decoderWitness(circuit, latent, context);
      const reference = runDecoder(model, latent);
      for (const { id } of layers) {
        const outputs = witness.advice.slice(2 * slots, 3 * slots);
        const cells = elementsOf(circuit, id).map((e) => outputs[e % slots]?.[Math.floor(e / slots)]);
        expect(cells, id).toEqual([...(reference.layers.get(id) as Int32Array)]);
      }
      expect(mockProve(circuit, witness, { limit: 1 })).toEqual([]);
      const id = (layers[pick % layers.length] as BareLayer).id;
      const elements = elementsOf(circuit, id);
      const e = elements[pick % elements.length] as number;
      const forged = forge(circuit, latent, { [id]: (cells) => setValue(circuit, cells, e, valueAt(circuit, cells, e) + delta) });
      expect(mockProve(circuit, forged, { limit: 1 })).not.toEqual([]);
    }),
    { numRuns: 10 },
  );
});
