/** The worked example of book/model-to-circuit.md shows what the program computes, and the program computes what the formulas say. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { miniature } from './miniature.ts';
import { LATENT, MODEL } from './model.ts';
import { type Table, tableText } from './tables.ts';

const book = readFileSync(new URL('../../book/model-to-circuit.md', import.meta.url), 'utf8');
let tables: Table[];

beforeAll(async () => {
  tables = await miniature();
});

const column = (name: string, head: string) => {
  const table = tables.find((t) => t.name === name) as Table;
  return table.rows.map((row) => row[table.head.indexOf(head)]);
};

describe('the page', () => {
  it('holds every table of the program, in its order, and no other', () => {
    const shown = [...book.matchAll(/<!-- miniature (\w+) -->\n([\s\S]*?)<!-- \/miniature -->\n/g)].map(([, name, text]) => [name, text]);
    expect(shown).toEqual(tables.map((table) => [table.name, tableText(table)]));
  });
});

describe('the tables', () => {
  const [z0, z1] = LATENT as unknown as [number, number];
  const data = (name: string) => [...(MODEL.weights.get(name)?.data ?? [])];
  const w = data('fc.weight');
  const fc = data('fc.bias').map((bias, i) => bias + (w[2 * i] as number) * z0 + (w[2 * i + 1] as number) * z1);
  const rescaled = (acc: number) => Math.min(127, Math.max(0, Math.floor((acc + 2) / 4)));
  const head = data('head.bias').flatMap((bias, c) => fc.map((acc) => bias + (data('head.weight')[c] as number) * rescaled(acc)));

  it('hold the accumulators and outputs of the formulas of book/formats.md', () => {
    expect(column('fc', 'accumulator')).toEqual(fc);
    expect(column('fc', 'o')).toEqual(fc.map(rescaled));
    expect(column('head', 'accumulator')).toEqual(head);
    expect(column('head', 'o')).toEqual(head.map(rescaled));
  });

  it('split every accumulator in one way', () => {
    for (const [name, accumulators] of Object.entries({ fc, head })) {
      expect(column(name, 'r')).toEqual(accumulators.map((acc) => (((acc + 2) % 4) + 4) % 4));
      expect(column(name, 'h - zero')).toEqual(accumulators.map((acc) => Math.floor((acc + 2) / 4)));
    }
  });

  it('have two equal sides in every equation', () => {
    expect(column('identity', 'left')).toEqual(column('identity', 'right'));
    expect(column('identity', 'left').slice(0, -1)).toEqual([
      ...fc.map((acc, i) => BigInt(acc - (data('fc.bias')[i] as number))),
      ...head.map((acc, i) => BigInt(acc - (data('head.bias')[Math.floor(i / 4)] as number))),
    ]);
  });

  it('count the lookups of all rows but the last usable one', () => {
    expect(column('lookups', 'multiplicity').reduce((sum: number, count) => sum + Number(count), 0)).toBe(2 * 249);
  });

  it('show a proof that is accepted for its own image only, and a forgery that one gate rejects', () => {
    expect([column('proof', 'accepted'), column('proof', 'accepted with another image')]).toEqual([['yes'], ['no']]);
    expect(column('forgery', 'rejected by')).toEqual(['`sum/edge`']);
    expect(column('forgery', 'difference')).toEqual([4n * 10n ** 10n]);
  });
});
