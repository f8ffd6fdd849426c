/** The book's constraint table, the kill matrix and the mock prover's reports name exactly the circuit's constraints. */
import { readFileSync } from 'node:fs';
import { type Columns, type Ir, mockProve, type Node } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../src/circuit/decoder.ts';
import { forge, modelFor, SLOTS } from './forge.ts';
import { constraintIds, LATENT } from './kills.ts';

const page = (name: string) => readFileSync(new URL(`../../../book/${name}.md`, import.meta.url), 'utf8');
const book = page('circuit');
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

describe('book/kill-matrix.md', () => {
  it('has an attack for every constraint and for nothing else', () => {
    const matrix = page('kill-matrix');
    const section = matrix.slice(matrix.indexOf('## Every constraint'), matrix.indexOf('## Every cell'));
    const attacked = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, id]) => id);
    expect([...new Set(attacked)].sort()).toEqual([...new Set(circuits.flatMap(({ ir }) => constraintIds(ir)))].sort());
  });
});

it.each(circuits)('the mock prover reports every constraint under its id, with $plan.slots slots', (circuit) => {
  const noise = ({ advice }: Columns) => {
    for (const [i, column] of advice.entries()) for (const row of column.keys()) column[row] = BigInt(31 * row + 7 * i + 2);
  };
  const reported = mockProve(circuit, forge(circuit, LATENT), { limit: 1_000_000, tamper: noise }).map(({ id }) => id);
  expect([...new Set(reported)].sort()).toEqual(constraintIds(circuit.ir));
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
