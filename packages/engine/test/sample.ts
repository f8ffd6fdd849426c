/** A small circuit with one of everything: fractions, recurrences with loads, a map, a permutation, instances. */
import type { Circuit, Definition, Node, Witness } from '@pentimento/circuit';

export const K = 6;
const USABLE = 2 ** K - 6;

const column = (f: (row: number) => number) => Int32Array.from({ length: USABLE }, (_, row) => f(row));

export function sample(): { circuit: Circuit; witness: Witness } {
  const value = column((i) => (i * 7 + 3) % 16);
  const count = new Int32Array(16);
  for (const v of value) count[v] = (count[v] as number) + 1;

  const nodes: Node[] = [];
  const push = (node: Node) => nodes.push(node) - 1;
  const add = (a: number, b: number) => push(['add', a, b]);
  const sub = (a: number, b: number) => add(a, push(['neg', b]));
  const mul = (a: number, b: number) => push(['mul', a, b]);
  const fixed = (i: number) => push(['fixed', i, 0]);
  const advice = (i: number, rotation = 0) => push(['advice', i, rotation]);

  const one = push(['const', '1']);
  const b = push(['challenge', 0]);
  const [usable, scan, first, last, active, table, weight] = [fixed(0), fixed(1), fixed(2), fixed(3), fixed(4), fixed(5), fixed(6)];
  const [x, m, part, sum, acc, mapped] = [advice(0), advice(1), advice(2), advice(3), advice(4), advice(5)];
  const den = add(b, x);
  const tableDen = add(b, table);
  const product = mul(mul(part, den), tableDen);
  const range = mul(usable, add(sub(product, tableDen), mul(m, den)));
  const term = mul(x, weight);
  const scaled = mul(b, acc);
  const mapping = add(scaled, x);
  const gates = [
    { id: 'range', poly: range },
    { id: 'sum/step', poly: mul(scan, sub(sub(advice(3, 1), sum), part)) },
    { id: 'sum/start', poly: mul(first, sum) },
    { id: 'sum/end', poly: mul(last, add(sum, part)) },
    { id: 'fold/step', poly: mul(active, sub(advice(4, 1), add(scaled, term))) },
    { id: 'fold/start', poly: mul(first, acc) },
    { id: 'map', poly: mul(usable, sub(mapped, mapping)) },
  ];
  const definitions: Definition[] = [
    {
      kind: 'fraction',
      column: 2,
      terms: [
        [one, den],
        [push(['neg', m]), tableDen],
      ],
    },
    { kind: 'recurrence', column: 3, active: scan, mul: one, add: part, loads: [[0, 'const', '0']] },
    {
      kind: 'recurrence',
      column: 4,
      active,
      mul: b,
      add: term,
      loads: [
        [0, 'const', '0'],
        [20, 4, 10],
        [30, 0, 5],
      ],
    },
    { kind: 'map', column: 5, expr: mapping },
  ];
  return {
    circuit: {
      ir: {
        format: 'pentimento-ir',
        version: 1,
        k: K,
        degree: 4,
        fixed: ['usable', 'scan', 'first', 'last', 'active', 'table', 'weight', 'unused'],
        advice: ['value', 'count', 'part', 'sum', 'acc', 'mapped'].map((name, i) => ({ name, phase: i > 1 ? 1 : 0 })),
        instances: [{ name: 'public', rows: 2 }],
        challenges: ['b'],
        nodes,
        gates,
        equality: [
          ['instance', 0],
          ['advice', 0],
          ['advice', 4],
        ],
        copies: [
          [0, 0, 1, 0],
          [0, 1, 1, 5],
          [2, 10, 2, 20],
          [1, 5, 2, 30],
        ],
        definitions,
      },
      fixed: [
        column(() => 1),
        column((i) => Number(i < USABLE - 1)),
        column((i) => Number(i === 0)),
        column((i) => Number(i === USABLE - 1)),
        column((i) => Number(i < USABLE - 1 && ![10, 19, 29].includes(i))),
        column((i) => (i < 16 ? i : 0)),
        column((i) => ((i * 37) % 255) - 127),
        new Int32Array(0),
      ],
    },
    witness: {
      advice: [value, [...count].map(BigInt)],
      instances: [[BigInt(value[0] as number), BigInt(value[5] as number)]],
    },
  };
}
