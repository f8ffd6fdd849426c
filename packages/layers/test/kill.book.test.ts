/** The book's constraint table names exactly the circuit's constraints, with their degrees. */
import { readFileSync } from 'node:fs';
import type { Ir, Node } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { modelFor, SLOTS } from './forge.ts';

const book = readFileSync(new URL('../../../book/circuit.md', import.meta.url), 'utf8');
const circuits = SLOTS.map((slots) => compileDecoder(modelFor(slots), { slots }));

describe('book/circuit.md', () => {
  it('lists the ids and degrees of all gates and copies', () => {
    const section = book.slice(book.indexOf('## Constraints'), book.indexOf('## Soundness'));
    const listed = [...section.matchAll(/^\| `([^`]+)` \|.*\| (\d+) \|[^|]*\|$/gm)].map(([, id, degree]) => [id, Number(degree)]);
    const found = new Map(circuits.flatMap(({ ir }) => [...constraints(ir)]));
    expect(listed.sort()).toEqual([...found].sort());
  });

  it('gives the right numbers of columns', () => {
    const columns = circuits.map(({ ir }) => [0, 1].map((phase) => ir.advice.filter((c) => c.phase === phase).length).join(' / '));
    expect(book).toContain(`| advice columns, phase 0 / phase 1 | ${columns.join(' | ')} |`);
    expect(book).toContain(`| fixed columns | ${circuits.map(({ ir }) => ir.fixed.length).join(' | ')} |`);
    expect(book).toContain(`| columns in the permutation | ${circuits.map(({ ir }) => ir.equality.length).join(' | ')} |`);
    expect(book).toContain(`| degree | ${circuits.map(({ ir }) => ir.degree).join(' | ')} |`);
  });
});

/** Id and degree; a copy has the degree of the permutation argument. */
function constraints(ir: Ir): [string, number][] {
  const degrees: number[] = [];
  for (const node of ir.nodes) degrees.push(degreeOf(node, degrees));
  const copied = new Set(ir.copies.map(([, , j]) => ir.advice[ir.equality[j]?.[1] as number]?.name));
  return [
    ...ir.gates.map(({ id, poly }): [string, number] => [id, degrees[poly] as number]),
    ...[...copied].map((name): [string, number] => [`copy/${name}`, 3]),
  ];
}

function degreeOf(node: Node, degrees: readonly number[]): number {
  const [a, b] = [degrees[node[1] as number] ?? 0, degrees[node[2] as number] ?? 0];
  if (node[0] === 'const' || node[0] === 'challenge') return 0;
  if (node[0] === 'neg') return a;
  if (node[0] === 'add') return Math.max(a, b);
  return node[0] === 'mul' ? a + b : 1;
}
