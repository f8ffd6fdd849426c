/** The RGB head in both formats: the witness is what the arithmetic says, the counts are those of the circuits, and wrong images are refused. */
import { mockProve, type Witness } from '@pentimento/circuit';
import type { Model } from '@pentimento/layers';
import { describe, expect, it } from 'vitest';
import { BINARY32, BINARY64, FIXED_LIMIT, FIXED16, FRACTION_BITS } from '../src/arithmetics.ts';
import { CELLS as CELLS32 } from '../src/binary32/circuit.ts';
import { composeCounts, countOperations } from '../src/binary32/compose.ts';
import { compileDecoder } from '../src/binary32/decoder.ts';
import { bitsOf } from '../src/binary32/encoding.ts';
import { countCircuit } from '../src/count.ts';
import { decodeWith } from '../src/decoder.ts';
import { CELLS, type Cell, compileFixed16, LIMB_BITS } from '../src/fixed16/circuit.ts';
import { countFixed16, fixed16Witness } from '../src/fixed16/witness.ts';
import { rgbSampleModel } from './rgb-sample.ts';

const model = rgbSampleModel();
const LATENT = [3, 99, 127, 0, 64, 17, 5, 80];
const LATENTS = [LATENT, new Array<number>(8).fill(0), new Array<number>(8).fill(127), [1, 2, 4, 8, 16, 32, 64, 127]];

/** `[3, 4, 4]` of the head by its formula; the values before it come from decoders whose heads copy one channel each. */
function headByHand(latent: readonly number[]): number[] {
  const weights = model.weights.get('head.weight')?.data as Int8Array;
  const biases = model.weights.get('head.bias')?.data as Int32Array;
  const inputs = [0, 1, 2, 3].map((channel) => decodeWith(copying(channel), BINARY64, latent).image.slice(0, 16));
  return [0, 1, 2].flatMap((o) =>
    Array.from({ length: 16 }, (_, p) => {
      const sum = inputs.reduce((acc, values, i) => acc + (weights[o * 4 + i] as number) * (values[p] as number), biases[o] as number);
      return Math.min(Math.max(sum / 2 ** 7, 0), 127);
    }),
  );
}

/** The sample with a head whose first output is one channel of its input. */
function copying(channel: number): Model {
  const weights = new Map(model.weights);
  weights.set('head.weight', { shape: [3, 4], data: Int8Array.from({ length: 12 }, (_, i) => (i === channel ? 1 : 0)) });
  weights.set('head.bias', { shape: [3], data: new Int32Array(3) });
  const layers = model.manifest.layers.map((layer) => (layer.op === 'rgb' ? { ...layer, shift: 0 } : layer));
  return { manifest: { ...model.manifest, layers }, weights };
}

it('the decoder paints what the formula of the head gives, clamped values on both sides among them', () => {
  const { image, index, logits } = decodeWith(model, BINARY64, LATENT);
  expect(image).toEqual(headByHand(LATENT));
  expect([index, logits]).toEqual([[], []]);
  expect(image).toContain(0);
  expect(image).toContain(127);
  expect(image.some((value) => value > 0 && value < 127)).toBe(true);
});

describe('fixed point', () => {
  const circuit = compileFixed16(model);
  const { plan, usable } = circuit;
  const honest = fixed16Witness(circuit, Uint8Array.from(LATENT));
  const words = honest.instances[0] as readonly bigint[];
  const column = (advice: Witness['advice'], name: Cell) => advice[CELLS.indexOf(name)] as Int32Array;
  const idsOf = (witness: Witness) => [...new Set(mockProve(circuit, witness, { limit: 100 }).map(({ id }) => id))];
  const elementWithSide = (side: number): number => {
    const found = Array.from({ length: plan.image.count }, (_, i) => i).find((i) => column(honest.advice, 'side')[plan.image.first + i] === side);
    if (found === undefined) throw new RangeError(`no value of the image has side ${side}`);
    return found;
  };
  /** The word of a value, ten of three bytes a word, with the value changed. */
  const moved = (i: number, amount: number): bigint[] =>
    words.map((word, w) => (w === plan.latentWords + Math.floor(i / 10) ? word + BigInt(amount) * 2n ** BigInt(24 * (9 - (i % 10))) : word));
  /** The witness with amounts added to the cells of one value of the image, and its word with them: only the rescaled value and the clamp tell. */
  const forged = (i: number, amounts: Partial<Record<Cell, number>>): Witness => {
    const advice = honest.advice.slice(0, -1).map((values) => values.slice() as Int32Array | bigint[]);
    for (const [name, amount] of Object.entries(amounts)) (column(advice, name as Cell)[plan.image.first + i] as number) += amount;
    const { output0 = 0, output1 = 0 } = amounts;
    return { advice: [...advice, countFixed16(advice, usable)], instances: [moved(i, output0 + output1 * 2 ** LIMB_BITS)] };
  };

  it.each(LATENTS.map((z) => [z]))('the witness paints what the arithmetic paints, %s', (latent) => {
    const witness = fixed16Witness(circuit, Uint8Array.from(latent));
    const { image } = decodeWith(
      model,
      FIXED16,
      latent.map((z) => z * 2 ** FRACTION_BITS),
    );
    expect([...witness.image]).toEqual(image);
    expect(witness.index).toHaveLength(0);
    const packed = (witness.instances[0] as readonly bigint[]).slice(plan.latentWords);
    expect(image.map((_, i) => ((packed[Math.floor(i / 10)] as bigint) >> BigInt(24 * (9 - (i % 10)))) % 2n ** 24n)).toEqual(image.map(BigInt));
    expect(mockProve(circuit, witness)).toEqual([]);
  });

  it('has no gate and no fixed column of the palette head', () => {
    expect(circuit.ir.gates.map(({ id }) => id)).not.toContain('head/flag');
    expect(circuit.ir.fixed.filter((name) => name === 'head' || name === 'flagSum')).toEqual([]);
    for (const values of circuit.fixed) expect(values.some((value) => BigInt(value) !== 0n)).toBe(true);
  });

  it('the identity alone rejects another image, and another value in the image and in its cell', () => {
    expect(idsOf({ ...honest, instances: [moved(plan.image.count - 1, 1)] })).toEqual(['sum/edge']);
    expect(idsOf(forged(elementWithSide(0), { output1: -1, excess1: 1 }))).toEqual(['sum/edge']);
  });

  it('clamp/above alone rejects a smaller value where the sum is beyond the limit', () => {
    const i = elementWithSide(1);
    expect(honest.image[i]).toBe(FIXED_LIMIT);
    expect(idsOf(forged(i, { output1: -1, excess1: 1 }))).toEqual(['clamp/above']);
  });

  it('clamp/below alone rejects a larger value where the sum is negative', () => {
    const i = elementWithSide(-1);
    expect(honest.image[i]).toBe(0);
    expect(idsOf(forged(i, { output1: 1, excess1: 1 }))).toEqual(['clamp/below']);
  });

  it('clamp/inside alone rejects the sum itself where it is beyond the limit', () => {
    const i = elementWithSide(1);
    const [excess0, excess1, excess2] = (['excess0', 'excess1', 'excess2'] as const).map((name) => column(honest.advice, name)[plan.image.first + i]);
    expect(excess2).toBe(0);
    expect(idsOf(forged(i, { side: -1, output0: excess0 as number, output1: excess1 as number }))).toEqual(['clamp/inside']);
  });
});

describe('binary32', () => {
  const compiled = compileDecoder(model);
  const honest = compiled.witness(LATENT);
  const words = honest.instances[0] as readonly bigint[];

  it.each(LATENTS.map((z) => [z]))('computes what the host computes, %s', (latent) => {
    const { image } = decodeWith(model, BINARY32, latent);
    const witness = compiled.witness(latent);
    expect(compiled.outputs(witness)).toEqual(image);
    expect((witness.instances[0] as readonly bigint[]).slice(latent.length)).toEqual(image.map((value) => BigInt(bitsOf(value))));
  });

  it('satisfies the circuit, and output/bits alone rejects another value of the image', () => {
    expect(mockProve(compiled.circuit, honest)).toEqual([]);
    const last = words.length - 1;
    const failures = mockProve(compiled.circuit, { ...honest, instances: [words.map((word, i) => (i === last ? word ^ 1n : word))] }, { limit: 100 });
    expect(failures.map(({ id, row }) => [id, row])).toEqual([['output/bits', last]]);
  });

  it('a copy alone rejects another value in the image and in its cell', () => {
    const last = words.length - 1;
    const significand = CELLS32.indexOf('aSignificand');
    const advice = honest.advice.map((values, i) => (i === significand ? (values as bigint[]).map((m, row) => (row === last ? m + 1n : m)) : values));
    const instances = [words.map((word, i) => (i === last ? word + 1n : word))];
    const failures = mockProve(compiled.circuit, { advice, instances }, { limit: 100 });
    expect(failures.map(({ id, row }) => [id, row])).toEqual([['copy/aSignificand', last]]);
  });

  it('is counted exactly without its layout', () => {
    const { fixedColumns, ...counts } = countCircuit(compiled.circuit, compiled.layout.rows);
    expect(fixedColumns).toBe(16);
    expect(composeCounts(countOperations(model))).toEqual(counts);
    expect(countOperations(model).outputBits).toEqual({ constant: 0, variable: 48 });
  });
});
