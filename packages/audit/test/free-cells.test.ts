/** The search for free cells: none in sound circuits, and those that a deleted gate frees. */
import { describe, expect, it } from 'vitest';
import { modelFor, SLOTS } from '../../layers/test/forge.ts';
import { everyRow, inertReason, Probe, searchFreeCells } from '../src/index.ts';
import { HEADS, type Subject, satisfied, smallModel, without } from './subjects.ts';

const SOUND = [
  ...HEADS.flatMap((head) =>
    SLOTS.map((slots) => ({ name: `small, ${head}, ${slots} slots`, make: () => satisfied(smallModel(head), slots), stride: 61 * slots })),
  ),
  ...SLOTS.map((slots) => ({ name: `tiny, ${slots} slots`, make: () => satisfied(modelFor(slots), slots), stride: 1021 })),
];

describe('sound circuits', () => {
  it.each(SOUND)('$name: no cell is under-constrained, and every inert one has its reason', ({ make, stride }) => {
    const { circuit, witness } = make();
    const probe = new Probe(circuit, witness);
    const words = Array.from({ length: circuit.plan.instanceCount }, (_, row) => row);
    const ends = Array.from({ length: 2 ** circuit.ir.k - circuit.usable + 2 }, (_, i) => circuit.usable - 2 + i);
    const rows = new Set([...words, ...everyRow(probe, { stride }), ...ends]);
    const { columns, underConstrained, pairs } = searchFreeCells(probe, { rows });
    expect(underConstrained).toEqual([]);
    expect(pairs.tried).toBeGreaterThan(100);
    for (const [name, { inert, cells, tried }] of Object.entries(columns)) {
      expect(tried).toBeGreaterThanOrEqual(5 * cells);
      for (const row of inert) expect(inertReason(circuit, name, row), `${name} in row ${row}`).toBeDefined();
    }
    expect(columns.public).toMatchObject({ cells: circuit.plan.instanceCount, inert: words.slice(circuit.plan.boundWords) });
  });
});

describe('planted faults', () => {
  const sound = satisfied(smallModel('paletteArgmax'), 2);
  const row = sound.circuit.plan.placed.get('conv')?.baseRow as number;
  const search = ({ circuit, witness }: Subject, rows: readonly number[]) => {
    const found = searchFreeCells(new Probe(circuit, witness), { rows });
    const free = Object.entries(found.columns).flatMap(([name, { inert }]) =>
      inert.filter((r) => inertReason(circuit, name, r) === undefined).map(() => name),
    );
    return new Set([...free, ...found.underConstrained.flatMap(({ cells }) => cells.map(({ column }) => column))]);
  };

  it.each([
    { ids: ['lookup/helper0', 'lookup/helper1'], rows: [row], freed: ['helper0', 'helper1'] },
    { ids: ['sum/step'], rows: [row], freed: ['sum'] },
    { ids: ['sum/edge'], rows: [row], freed: ['h0', 'r0', 'o0', 'multiplicity'] },
    { ids: ['power/step'], rows: [2 ** sound.circuit.ir.k - 8], freed: ['rho'] },
    { ids: ['weights/sum'], rows: [sound.circuit.usable - 3], freed: ['omega'] },
  ])('without $ids the cells of $freed are free', ({ ids, rows, freed }) => {
    expect([...search(sound, rows)]).toEqual([]);
    expect([...search(without(sound, ids), rows)]).toEqual(expect.arrayContaining(freed));
  });

  it('without the copies the cells of kappa, pi, omegaIn and peak are not what the layout names', () => {
    const { circuit, witness } = sound;
    const open = { circuit: { ...circuit, ir: { ...circuit.ir, copies: [] } }, witness };
    const peak = circuit.plan.rows + 1;
    expect(search(sound, [peak]).has('peak')).toBe(false);
    const honest = searchFreeCells(new Probe(circuit, witness), { rows: [peak] }).columns.peak;
    const freed = searchFreeCells(new Probe(open.circuit, open.witness), { rows: [peak] }).columns.peak;
    expect(Object.keys(honest?.rejections ?? {})).toEqual(['copy/peak']);
    expect(Object.keys(freed?.rejections ?? {})).toEqual(['sum/edge']);
  });
});
