/** Sliders to latent, and their history. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edits, editedLatent, randomLatent, untouched } from '../src/pages/style/edits.ts';
import { changed, historyOf, redone, settled, undone } from '../src/pages/style/history.ts';
import { placeOf } from '../src/pages/style/place.ts';

const BASE = Uint8Array.of(0, 10, 64, 127);
const DIRECTION = { vector: [1, 0, -1, 0], reach: 40, heat: [] };
const edits = (part: Partial<Edits>): Edits => ({ ...untouched(31, 7), ...part });

describe('editedLatent', () => {
  it('is the base when nothing was moved', () => {
    expect([...editedLatent(BASE, [DIRECTION], edits({}))]).toEqual([...BASE]);
  });

  it('moves along a direction and stays in 0..127', () => {
    expect([...editedLatent(BASE, [DIRECTION], edits({ amounts: [50] }))]).toEqual([20, 10, 44, 127]);
    expect([...editedLatent(BASE, [DIRECTION], edits({ amounts: [-100] }))]).toEqual([0, 10, 104, 127]);
  });

  it('blends towards the variation and reaches it', () => {
    const target = Uint8Array.of(100, 20, 0, 27);
    expect([...editedLatent(BASE, [], edits({ target, blend: 50 }))]).toEqual([50, 15, 32, 77]);
    expect([...editedLatent(BASE, [], edits({ target, blend: 100 }))]).toEqual([...target]);
  });

  it('wanders the same way for the same seed, and another for another', () => {
    const long = Uint8Array.from({ length: 128 }, (_, i) => i);
    const wander = (seed: number) => [...editedLatent(long, [], edits({ wander: 100, seed }))];
    expect(wander(7)).toEqual(wander(7));
    expect(wander(7)).not.toEqual(wander(8));
  });

  it('gives elements of 0..127 for any positions of the sliders', () => {
    const byte = fc.integer({ min: 0, max: 127 });
    const four = fc.uint8Array({ minLength: 4, maxLength: 4, max: 127 });
    fc.assert(
      fc.property(four, four, fc.integer({ min: -100, max: 100 }), fc.integer({ min: 0, max: 100 }), byte, (base, target, amount, share, seed) => {
        const latent = editedLatent(base, [DIRECTION], edits({ amounts: [amount], target, blend: share, wander: share, seed }));
        expect(Math.max(...latent)).toBeLessThanOrEqual(127);
      }),
    );
  });
});

describe('randomLatent', () => {
  it('holds the same values in another order', () => {
    const long = Uint8Array.from({ length: 128 }, (_, i) => i);
    const mixed = randomLatent(long, 3);
    expect([...mixed].sort((a, b) => a - b)).toEqual([...long]);
    expect([...mixed]).not.toEqual([...long]);
  });
});

describe('history', () => {
  it('undoes and redoes step by step', () => {
    const history = changed(changed(historyOf('a'), 'b', ''), 'c', '');
    expect(undone(history).present).toBe('b');
    expect(undone(undone(history)).present).toBe('a');
    expect(undone(undone(undone(history))).present).toBe('a');
    expect(redone(undone(history))).toEqual(history);
    expect(redone(history)).toEqual(history);
  });

  it('takes one gesture as one step, until it is settled', () => {
    const drag = changed(changed(changed(historyOf(0), 1, 'x'), 2, 'x'), 3, 'x');
    expect(undone(drag).present).toBe(0);
    expect(undone(changed(settled(drag), 4, 'x')).present).toBe(3);
    expect(undone(changed(drag, 4, 'y')).present).toBe(3);
  });

  it('forgets what was undone after a change', () => {
    expect(changed(undone(changed(historyOf('a'), 'b', '')), 'c', '').future).toEqual([]);
  });
});

describe('placeOf', () => {
  const heat = (hot: (y: number, x: number) => boolean) => Array.from({ length: 81 }, (_, i) => (hot(Math.floor(i / 9), i % 9) ? 1 : 0));
  it.each([
    ['All over', () => true],
    ['Centre', (y: number, x: number) => y > 2 && y < 6 && x > 2 && x < 6],
    ['Upper part', (y: number) => y < 3],
    ['Left side', (_: number, x: number) => x < 3],
    ['Lower right', (y: number, x: number) => y > 5 && x > 5],
    ['Upper centre', (y: number, x: number) => y < 3 && x > 2 && x < 6],
  ] as const)('%s', (name, hot) => {
    expect(placeOf(heat(hot as (y: number, x: number) => boolean), 9)).toBe(name);
  });
});
