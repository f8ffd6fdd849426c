/** The search's predictions against compiled circuits, and what it chooses. */
import { describe, expect, it } from 'vitest';
import { type Candidate, type Cost, chooseLayout, costOf, featuresOf, paretoFront, searchLayouts } from '../src/circuit/cost.ts';
import { compilePlan } from '../src/circuit/decoder.ts';
import { modelFor } from './forge.ts';
import { everyLayer, modelOf } from './zoo.ts';

describe('searchLayouts', () => {
  const candidates = searchLayouts(modelFor(4));

  it('offers every number of slots that suits the widths, at two sizes', () => {
    expect([...new Set(candidates.map(({ cost }) => cost.slots))]).toEqual([1, 2, 4]);
    for (const slots of [1, 2, 4]) expect(candidates.filter(({ cost }) => cost.slots === slots)).toHaveLength(2);
  });

  it.each([...candidates, ...searchLayouts(modelOf(everyLayer('rgb')))].map((c) => [`${c.cost.slots} slots, k ${c.cost.k}`, c] as const))(
    'counts exactly what is compiled: %s',
    (_, { plan, layout, cost }) => {
      const { ir } = compilePlan(plan, layout);
      expect([ir.k, ir.degree, ir.fixed.length, ir.advice.length, ir.equality.length, ir.instances[0]?.rows]).toEqual([
        cost.k,
        cost.degree,
        cost.fixedColumns,
        cost.adviceColumns,
        cost.equalityColumns,
        cost.instances,
      ]);
      expect(32 * featuresOf(ir).words).toBe(cost.proofBytes);
      expect(costOf(plan, layout)).toEqual(cost);
    },
  );
});

describe('chooseLayout and paretoFront', () => {
  const made = (proveMs: number, memoryBytes: number, verifyGas: number) => ({ cost: { proveMs, memoryBytes, verifyGas } as Cost }) as Candidate;
  const [a, b, c, d] = [made(1, 9, 5), made(2, 3, 5), made(3, 3, 4), made(2, 4, 6)] as [Candidate, Candidate, Candidate, Candidate];

  it('takes the fastest of those within 5 % of the best', () => {
    expect(chooseLayout([made(9, 1, 100), made(4, 1, 105), made(2, 1, 106)], 'gas').cost.verifyGas).toBe(105);
  });

  it('takes the best for the objective, of equals the faster one', () => {
    expect(chooseLayout([a, b, c, d], 'fast')).toBe(a);
    expect(chooseLayout([a, b, c, d], 'gas')).toBe(c);
    expect(chooseLayout([d, c, b, a], 'memory')).toBe(b);
  });

  it('drops what another layout beats', () => {
    expect(paretoFront([d, c, b, a])).toEqual([a, b, c]);
  });
});
