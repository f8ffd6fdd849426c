import { mockProve } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import { runDecoder } from '../src/reference.ts';
import { modelFor, SLOTS } from './forge.ts';
import { tinyLatent } from './tiny.ts';

const context = { pose: 31, chainId: 31337n, collection: 5n, creator: 7n };

describe.each(SLOTS)('decoder circuit with %i cell triples a row', (slots) => {
  it.each([1, 2, 3])('accepts the honest witness of random model %i and paints what the integer reference paints', (seed) => {
    const model = modelFor(slots, seed);
    const circuit = compileDecoder(model, { slots });
    const latent = tinyLatent(seed);
    const witness = decoderWitness(circuit, latent, context);
    expect(witness.index).toEqual(runDecoder(model, latent).index);
    expect(mockProve(circuit, witness)).toEqual([]);
  });
});
