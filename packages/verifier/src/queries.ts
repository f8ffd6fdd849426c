/**
 * What follows from a constraint system: the set of queries, the degree and the blinding factors. `enable_equality` queries its column at
 * rotation 0, and every gate queries the cells it reads. The order in which a prover registers them is part of its key, so the
 * descriptor's order is used and only the set is compared. Source: `plonk/circuit.rs` of halo2-axiom 0.5.3.
 */
import type { Ir, Query } from '@pentimento/circuit';

export interface Queries {
  readonly fixed: readonly Query[];
  readonly advice: readonly Query[];
  readonly instance: readonly Query[];
}

/** Queries of each kind without repetition. */
export function collectQueries(ir: Ir): Queries {
  const lists = { fixed: new Map<string, Query>(), advice: new Map<string, Query>(), instance: new Map<string, Query>() };
  const register = (kind: keyof Queries, column: number, rotation: number) => {
    const key = `${column}@${rotation}`;
    if (!lists[kind].has(key)) lists[kind].set(key, [column, rotation]);
  };
  for (const [kind, column] of ir.equality) register(kind, column, 0);
  const seen = new Set<number>();
  const walk = (position: number) => {
    if (seen.has(position)) return;
    seen.add(position);
    const node = ir.nodes[position];
    if (node === undefined || node[0] === 'const' || node[0] === 'challenge') return;
    if (node[0] === 'neg') return walk(node[1]);
    if (node[0] === 'add' || node[0] === 'mul') {
      walk(node[1]);
      return walk(node[2]);
    }
    register(node[0], node[1], node[2]);
  };
  for (const gate of ir.gates) walk(gate.poly);
  return { fixed: [...lists.fixed.values()], advice: [...lists.advice.values()], instance: [...lists.instance.values()] };
}

/** Largest gate degree, at least 3 when there is a permutation: the smallest degree at which the quotient fits its pieces. */
export function requiredDegree(ir: Ir): number {
  const degrees: number[] = [];
  const of = (position: number) => degrees[position] ?? 0;
  for (const node of ir.nodes) {
    if (node[0] === 'const' || node[0] === 'challenge') degrees.push(0);
    else if (node[0] === 'neg') degrees.push(of(node[1]));
    else if (node[0] === 'add') degrees.push(Math.max(of(node[1]), of(node[2])));
    else if (node[0] === 'mul') degrees.push(of(node[1]) + of(node[2]));
    else degrees.push(1);
  }
  return Math.max(ir.equality.length > 0 ? 3 : 0, ...ir.gates.map((gate) => of(gate.poly)));
}

/** Two more than the most rotations of any one advice column, which count as at least 3. */
export function blindingFactors(adviceQueries: readonly Query[]): number {
  const counts = new Map<number, number>();
  for (const [column] of adviceQueries) counts.set(column, (counts.get(column) ?? 0) + 1);
  return Math.max(3, ...counts.values()) + 2;
}
