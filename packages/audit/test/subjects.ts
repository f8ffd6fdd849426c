/** Satisfied decoder circuits of 2^8 to 2^10 rows with the lower half of every layer kind of the presets, and the tests' tiny model. */
import { compileDecoder, type DecoderCircuit, decoderWitness, type Model, type Slots } from '@pentimento/layers';
import { context } from '../../layers/test/forge.ts';
import { type BareLayer, latentOf, modelOf } from '../../layers/test/zoo.ts';

export type HeadOp = 'rgb' | 'paletteArgmax';
export const HEADS: readonly HeadOp[] = ['paletteArgmax', 'rgb'];

export interface Subject {
  readonly circuit: DecoderCircuit;
  readonly witness: ReturnType<typeof decoderWitness>;
}

export function satisfied(model: Model, slots: Slots): Subject {
  const circuit = compileDecoder(model, { slots });
  return { circuit, witness: decoderWitness(circuit, latentOf(model), context) };
}

/** Fully connected, two convolutions, pooling with a channel bias, a head: 2x4 pixels. */
export function smallModel(head: HeadOp): Model {
  const last: BareLayer =
    head === 'rgb'
      ? { id: 'head', op: 'rgb', input: 'out', shape: [3, 2, 4], shift: 5 }
      : { id: 'head', op: 'paletteArgmax', input: 'out', shape: [2, 4], shift: 0 };
  const layers: BareLayer[] = [
    { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [1, 2, 4], shift: 5 },
    { id: 'conv', op: 'conv2d', input: 'fc', shape: [1, 2, 4], shift: 5 },
    { id: 'pool', op: 'globalAveragePool', input: 'conv', shape: [1] },
    { id: 'out', op: 'conv2d', input: 'conv', shape: [1, 2, 4], shift: 5, channelBias: { input: 'pool', weight: 'out.branch' } },
    last,
  ];
  return modelOf(layers, { latent: 2 });
}

/** The circuit without the gates of these ids. */
export function without({ circuit, witness }: Subject, ids: readonly string[]): Subject {
  return { circuit: { ...circuit, ir: { ...circuit.ir, gates: circuit.ir.gates.filter(({ id }) => !ids.includes(id)) } }, witness };
}

/** Deterministic integers in `low..high` (a multiplicative congruential generator). */
export function generator(seed: number): (low: number, high: number) => number {
  let state = (seed * 48271 + 11) % 2147483647;
  return (low, high) => {
    state = (state * 48271) % 2147483647;
    return low + (state % (high - low + 1));
  };
}
