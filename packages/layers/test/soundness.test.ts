/**
 * Wrong witnesses, each wrong in one named place and honest everywhere else (later layers, lookup counts and public words follow from the
 * wrong cell), so that the rejection is due to that place. `sum/edge` closes two sums at once; the tests say which of the two is broken.
 */
import { mockProve } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { decoderWitness } from '../src/circuit/witness.ts';
import type { Layer } from '../src/manifest.ts';
import type { Model } from '../src/model.ts';
import { runDecoder } from '../src/reference.ts';
import {
  type Cells,
  classExponent,
  context,
  type Edits,
  elementsOf,
  exponentsOf,
  forge,
  judge,
  modelFor,
  placedOf,
  SLOTS,
  setValue,
  valueAt,
  withTies,
} from './forge.ts';
import { tinyModel } from './tiny.ts';

const LATENT = Uint8Array.of(3, 99, 127, 0, 64, 17, 5, 80);
const LINEAR = { ids: ['sum/edge'], linear: false, lookups: true };
const LOOKUPS = { ids: ['sum/edge'], linear: true, lookups: false };
const ACCEPTED = { ids: [], linear: true, lookups: true };

describe.each(SLOTS)('wrong witnesses with %i cell triples a row', (slots) => {
  const circuit = compileDecoder(modelFor(slots), { slots });
  const ties = compileDecoder(withTies(modelFor(slots)), { slots });
  const { plan } = circuit;
  const { tables } = plan;
  const verdict = (edits: Edits) => judge(circuit, forge(circuit, LATENT, edits));

  it('accepts the forge without an edit, whose words are those of the image of the reference', () => {
    const [forged, honest] = [forge(circuit, LATENT), decoderWitness(circuit, LATENT, context)];
    expect(judge(circuit, forged)).toEqual(ACCEPTED);
    expect(forged.instances).toEqual(honest.instances);
    expect(forged.advice).toEqual(honest.advice);
    expect(honest.index).toEqual(runDecoder(plan.model, LATENT).index);
  });

  describe.each(['latent', 'fc', 'conv1', 'pool', 'conv2'])('in %s', (id) => {
    const elements = elementsOf(circuit, id);
    const e = elements[Math.floor(elements.length / 2)] as number;

    it('rejects an activation that is not its high part, clamped', () => {
      for (const wrong of [(o: number) => o + 1, (o: number) => o - 1, () => 128, () => -1]) {
        const edit = ({ o }: Cells) => {
          o[e] = wrong(o[e] as number);
        };
        expect(judge(circuit, { ...forge(circuit, LATENT, { [id]: edit }) })).toEqual(LOOKUPS);
      }
    });

    it('rejects another activation with the high part that fits it', () => {
      const edit = ({ h, o }: Cells) => {
        o[e] = ((o[e] as number) + 1) % 128;
        h[e] = tables.zero + (o[e] as number);
      };
      const forged = forge(circuit, LATENT, { [id]: edit });
      // Another latent is a true statement about another public word: keep the word.
      const instances = id === 'latent' ? forge(circuit, LATENT).instances : forged.instances;
      expect(judge(circuit, { ...forged, instances })).toEqual(LINEAR);
    });
  });

  it.each(['fc', 'conv1', 'pool', 'conv2'])('rejects a remainder of 2^shift with the high part one less in %s', (id) => {
    const e = elementsOf(circuit, id)[1] as number;
    const edit = ({ h, r, o }: Cells) => {
      const unit = plan.scale[Math.floor(e / slots)] as number;
      r[e] = (r[e] as number) + unit;
      h[e] = (h[e] as number) - 1;
      o[e] = Math.min(127, Math.max(0, (h[e] as number) - tables.zero));
    };
    expect(verdict({ [id]: edit })).toEqual(LOOKUPS);
  });

  it('rejects a negative remainder with the high part one more', () => {
    const e = elementsOf(circuit, 'conv1')[1] as number;
    const edit = ({ h, r, o }: Cells) => {
      r[e] = (r[e] as number) - 32;
      h[e] = (h[e] as number) + 1;
      o[e] = Math.min(127, Math.max(0, (h[e] as number) - tables.zero));
    };
    expect(verdict({ conv1: edit })).toEqual(LOOKUPS);
  });

  it('rejects a high part outside the table', () => {
    const e = elementsOf(circuit, 'conv2')[0] as number;
    const edit = ({ h, o }: Cells) => {
      h[e] = (tables.ranges.get('clamp')?.max as number) + 1;
      o[e] = 127;
    };
    expect(verdict({ conv2: edit })).toEqual({ ids: ['sum/edge'], linear: false, lookups: false });
  });

  // Compressed with a fixed unit in place of a challenge, (h, o) and (h - unit*change, o + change) would be one code.
  it.each([2 ** 10, 2 ** 11, 2 ** 12, 2 ** 13])('rejects latent bytes out of range with an unchanged public word, high parts moved by %i', (unit) => {
    const edit = ({ h, o }: Cells) => {
      for (const [i, change] of [
        [1, -1],
        [2, 256],
      ] as const) {
        const e = slots * (placedOf(circuit, 'latent').baseRow + i);
        o[e] = (o[e] as number) + change;
        h[e] = (h[e] as number) - unit * change;
      }
    };
    const forged = forge(circuit, LATENT, { latent: edit });
    expect(forged.instances[0]?.[0]).toBe(forge(circuit, LATENT).instances[0]?.[0]);
    expect(judge(circuit, forged)).toEqual(LOOKUPS);
  });

  it('rejects an entry of one kind of lookup in the place of another', () => {
    const e = elementsOf(circuit, 'conv1')[0] as number;
    const flagged = ({ h, o }: Cells) => {
      h[e] = 0;
      o[e] = 1;
    };
    expect(verdict({ conv1: flagged }).lookups).toBe(false);
    const free = ({ r }: Cells) => {
      r[slots * (placedOf(circuit, 'latent').baseRow + 1)] = 1;
    };
    expect(verdict({ latent: free })).toEqual({ ids: ['sum/edge'], linear: false, lookups: false });
  });

  it('rejects a wrong value in the ring of a convolution and in its padding', () => {
    const inner = new Set(elementsOf(circuit, 'conv1'));
    const ring = exponentsOf(circuit, 'conv1').filter((e) => !inner.has(e));
    for (const e of [ring[0], ring[Math.floor(ring.length / 2)], ring.at(-1)] as number[]) {
      const edit = ({ h, o }: Cells) => {
        o[e] = ((o[e] as number) + 1) % 128;
        h[e] = tables.zero + (o[e] as number);
      };
      expect(verdict({ conv1: edit })).toEqual(LINEAR);
    }
  });

  it('rejects a wrong branch value in all rows of its channel', () => {
    const branch = placedOf(circuit, 'conv2/branch').baseRow;
    const edit = (cells: Cells) => {
      for (const row of plan.broadcasts.find(([first]) => first === branch) as readonly number[]) {
        cells.peak[row] = (cells.peak[row] as number) + 1;
        for (let s = 0; s < slots; s++) {
          const e = slots * row + s;
          const unit = plan.scale[row] as number;
          if (unit === 0) continue;
          setValue(circuit, cells, e, unit * (cells.h[e] as number) + (cells.r[e] as number) + 1);
          cells.o[e] = Math.min(127, Math.max(0, (cells.h[e] as number) - tables.zero));
        }
      }
    };
    expect(verdict({ conv2: edit })).toEqual(LINEAR);
  });

  it('rejects a branch value in one row only', () => {
    const row = Math.floor((elementsOf(circuit, 'conv2')[5] as number) / slots);
    const edit = ({ peak }: Cells) => {
      peak[row] = (peak[row] as number) + 1;
    };
    expect(verdict({ conv2: edit })).toEqual({ ids: ['copy/peak', 'sum/edge'], linear: false, lookups: true });
  });

  it.each([1, 2, 15])('rejects the flag on class %i of a sixteenfold tie', (k) => {
    const edit = ({ o }: Cells) => {
      o[classExponent(ties, 5, 0)] = 0;
      o[classExponent(ties, 5, k)] = 1;
    };
    const forged = forge(ties, LATENT, { head: edit });
    expect(judge(ties, forged)).toEqual({ ids: [`head/flag-remainder-${k % slots}`], linear: true, lookups: true });
  });

  it('rejects a peak above the maximum, with which no class has a flag', () => {
    const edit = (cells: Cells) => {
      for (let k = 0; k < 16; k++) {
        const e = classExponent(ties, 5, k);
        setValue(ties, cells, e, valueAt(ties, cells, e) + 1);
        cells.o[e] = 0;
        if (e % slots === 0) cells.peak[e / slots] = (cells.peak[e / slots] as number) + 1;
      }
    };
    expect(judge(ties, forge(ties, LATENT, { head: edit }))).toEqual(LINEAR);
  });

  it('rejects a peak below the maximum: the difference of the larger class is negative', () => {
    const edit = (cells: Cells) => {
      for (let k = 0; k < 16; k++) {
        const e = classExponent(ties, 5, k);
        setValue(ties, cells, e, valueAt(ties, cells, e) - 1);
        cells.o[e] = Number(k === 1);
        if (e % slots === 0) cells.peak[e / slots] = (cells.peak[e / slots] as number) - 1;
      }
    };
    expect(judge(ties, forge(ties, LATENT, { head: edit }))).toEqual(LOOKUPS);
  });

  it('rejects two flags on a pixel', () => {
    const edit = ({ o }: Cells) => {
      o[classExponent(ties, 5, 2)] = 1;
    };
    const second = `head/flag-remainder-${2 % slots}`;
    expect(judge(ties, forge(ties, LATENT, { head: edit }))).toEqual({ ids: [second, 'sum/edge'], linear: false, lookups: true });
  });

  it('rejects a pixel without a flag', () => {
    const edit = ({ o }: Cells) => {
      o[classExponent(ties, 5, 0)] = 0;
    };
    expect(judge(ties, forge(ties, LATENT, { head: edit }))).toEqual(LINEAR);
  });

  it('rejects a flag on a class with a difference of more than one unit', () => {
    const forged = forge(circuit, LATENT, {
      head: ({ h, o }) => {
        const classes = Array.from({ length: 16 }, (_, k) => classExponent(circuit, 5, k));
        const flagged = classes.find((e) => o[e] === 1) as number;
        const other = classes.find((e) => (h[e] as number) > 0) as number;
        [o[flagged], o[other]] = [0, 1];
      },
    });
    expect(judge(circuit, forged).lookups).toBe(false);
  });

  it('rejects any other public word, and no gate reads the context words', () => {
    const forged = forge(circuit, LATENT);
    const words = forged.instances[0] as readonly bigint[];
    words.forEach((_, i) => {
      const instances = [words.map((word, j) => (j === i ? word + 1n : word))];
      expect(judge(circuit, { ...forged, instances })).toEqual(i < plan.boundWords ? LINEAR : ACCEPTED);
    });
  });

  it('rejects a multiplicity that is off by one', () => {
    const forged = forge(circuit, LATENT);
    for (const change of [1, -1]) {
      const advice = forged.advice.map((column, i) =>
        i === forged.advice.length - 1 ? column.map((m, row) => (row === tables.zero ? m + change : m)) : column,
      );
      expect(judge(circuit, { ...forged, advice })).toEqual(LOOKUPS);
    }
  });
});

describe.each(SLOTS)('random models with %i cell triples a row', (slots) => {
  it.each([
    [11, 8, [2, 3, 2]],
    [12, 5, [1, 1, 1]],
    [13, 33, [3, 2, 4]],
    [14, 63, [1, 4, 3]],
  ] as const)('model %i with %i latent elements and channels %j agrees with the integer reference in every layer', (seed, length, channels) => {
    const model = tinyModel({ seed, latent: length, channels, width: Math.max(2, slots) });
    const circuit = compileDecoder(model, { slots });
    const random = Uint8Array.from({ length }, (_, i) => (seed * 7919 + i * i * 104729 + 31 * i) % 128);
    for (const latent of [random, new Uint8Array(length), new Uint8Array(length).fill(127)]) {
      const witness = decoderWitness(circuit, latent, context);
      const reference = runDecoder(model, latent);
      for (const id of ['fc', 'conv1', 'pool', 'conv2']) {
        const outputs = witness.advice.slice(2 * slots, 3 * slots);
        const cells = elementsOf(circuit, id).map((e) => outputs[e % slots]?.[Math.floor(e / slots)]);
        expect(cells, id).toEqual([...(reference.layers.get(id) as Int32Array)]);
      }
      expect(witness.index).toEqual(reference.index);
      expect(mockProve(circuit, witness)).toEqual([]);
    }
  });
});

describe('refusals of the compiler', () => {
  const refuse = (change: (model: Model) => Model) => expect(() => compileDecoder(change(tinyModel())));
  const withLayer = (id: string, change: Partial<Layer>) => (model: Model) => ({
    ...model,
    manifest: { ...model.manifest, layers: model.manifest.layers.map((l) => (l.id === id ? ({ ...l, ...change } as Layer) : l)) },
  });
  const withBias = (name: string, value: number) => (model: Model) => ({
    ...model,
    weights: new Map([
      ...model.weights,
      [name, { shape: [16], data: Int32Array.from(model.weights.get(name)?.data ?? [], (b, i) => (i === 0 ? value : b)) }],
    ]),
  });

  it('refuses accumulators that need too large a table, with the layer', () => {
    refuse((model) => withLayer('fc', { shift: 1 })(withBias('fc.bias', 1_000_000)(model))).toThrow(/layer fc .* at most 131072 values/);
    refuse(withBias('head.bias', 2 ** 27)).toThrow(expect.objectContaining({ code: 'circuit/overflow' }));
  });

  it('refuses a shift beyond 11', () => {
    refuse(withLayer('conv1', { shift: 12 })).toThrow(expect.objectContaining({ code: 'circuit/shift' }));
  });

  it.each([
    ['an odd width with two slots', withLayer('fc', { shape: [2, 4, 1] })],
    [
      'two global poolings of one tensor',
      (model: Model) => {
        const layers = model.manifest.layers.flatMap((l) => (l.id === 'pool' ? [l, { ...l, id: 'pool2' }] : [l]));
        return { ...model, manifest: { ...model.manifest, layers } };
      },
    ],
  ])('refuses %s', (_, change) => {
    refuse(change).toThrow(expect.objectContaining({ code: 'circuit/unsupported-layer' }));
  });
});
