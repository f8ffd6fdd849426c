/**
 * One description of the protocol for one constraint system: layout of the proof, schedule of the transcript, identities, opening sets.
 * Both verifiers are driven by it. Order and rules: book/formats.md, section 4, and `plonk/{prover,verifier}.rs` and
 * `poly/kzg/multiopen/shplonk` of halo2-axiom 0.5.3.
 *
 * Commitments are named by slot: `a3` advice, `f2` fixed, `s1` sigma, `z0` permutation product, `h0` quotient piece, `H` the
 * quotient (computed from the pieces), `R` the random polynomial, `W` and `W2` the openings. An evaluation is `slot@rotation`.
 */
import type { Ir, Query, VkDescriptor } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import { buildIdentities, type Identities, type PermutationShape } from './identities.ts';
import { checkIr } from './ir-check.ts';
import { blindingFactors, collectQueries, requiredDegree } from './queries.ts';

export type Step =
  | { readonly kind: 'points'; readonly slots: readonly string[] }
  | { readonly kind: 'scalars'; readonly names: readonly string[] }
  | { readonly kind: 'squeeze'; readonly name: string };

/** Commitments that are opened at the same rotations. */
export interface OpeningSet {
  /** Ascending. */
  readonly rotations: readonly number[];
  readonly slots: readonly string[];
  /** For each rotation `r`: the inverse of `prod (w^r - w^s)` over the set's other rotations `s`. */
  readonly basisInverses: readonly bigint[];
}

export interface Plan {
  readonly k: number;
  readonly omega: bigint;
  readonly blindingFactors: number;
  readonly quotientPieces: number;
  /** Rows of each instance column. */
  readonly instanceRows: readonly number[];
  readonly instanceQueries: readonly Query[];
  readonly permutation: PermutationShape;
  readonly steps: readonly Step[];
  /** Length of the proof in 32-byte words. */
  readonly words: number;
  /** First word of each commitment and word of each evaluation in the proof. */
  readonly points: ReadonlyMap<string, number>;
  readonly evaluations: ReadonlyMap<string, number>;
  readonly identities: Identities;
  readonly sets: readonly OpeningSet[];
  /** All rotations at which anything is opened, ascending. */
  readonly rotations: readonly number[];
  /** Fixed columns that are opened, ascending; the others take no part in a verification. */
  readonly openedFixed: readonly number[];
}

/** The plan, or a BaseError when circuit and key are malformed or do not belong together (`verifier/mismatch`). */
export function createPlan(ir: Ir, vk: VkDescriptor): Plan {
  checkIr(ir);
  checkMatch(ir, vk);
  const permutation = permutationShape(vk);
  const steps = mergePoints(schedule(ir, vk, permutation));
  const opened = openings(vk, permutation);
  const omega = BigInt(vk.omega);
  return {
    k: vk.k,
    omega,
    blindingFactors: vk.blindingFactors,
    quotientPieces: vk.degree - 1,
    instanceRows: vk.numInstances,
    instanceQueries: vk.instanceQueries,
    permutation,
    steps,
    ...proofLayout(steps),
    identities: buildIdentities(ir, permutation),
    sets: openingSets(opened, omega, vk.k),
    rotations: ascending(opened.map(([, rotation]) => rotation)),
    openedFixed: ascending(vk.fixedQueries.map(([column]) => column)),
  };
}

/** `omega^exponent` for any integer exponent. */
export function omegaPower(omega: bigint, k: number, exponent: number): bigint {
  const order = 1n << BigInt(k);
  return field.pow(omega, ((BigInt(exponent) % order) + order) % order);
}

function permutationShape(vk: VkDescriptor): PermutationShape {
  const chunk = vk.degree - 2;
  const products = vk.permutation.length === 0 ? 0 : Math.ceil(vk.permutation.length / chunk);
  return { chunk, products, last: -(vk.blindingFactors + 1) };
}

/** The proof's commitments and evaluations with the challenges between them, in transcript order. */
function schedule(ir: Ir, vk: VkDescriptor, { products, last }: PermutationShape): Step[] {
  const points = (...slots: string[]): Step => ({ kind: 'points', slots });
  const squeeze = (...names: string[]): Step[] => names.map((name) => ({ kind: 'squeeze', name }));
  const phase = (p: number) => points(...ir.advice.flatMap((column, i) => (column.phase === p ? [`a${i}`] : [])));
  return [
    phase(0),
    ...squeeze(...ir.challenges.map((_, i) => `c${i}`)),
    phase(1),
    ...squeeze('theta', 'beta', 'gamma'),
    points(...range(products).map((i) => `z${i}`), 'R'),
    ...squeeze('y'),
    points(...range(vk.degree - 1).map((i) => `h${i}`)),
    ...squeeze('x'),
    { kind: 'scalars', names: evaluationNames(vk, products, last) },
    ...squeeze('zeta', 'nu'),
    points('W'),
    ...squeeze('mu'),
    points('W2'),
  ];
}

function evaluationNames(vk: VkDescriptor, products: number, last: number): string[] {
  return [
    ...vk.adviceQueries.map(([column, rotation]) => `a${column}@${rotation}`),
    ...vk.fixedQueries.map(([column, rotation]) => `f${column}@${rotation}`),
    'R@0',
    ...vk.permutation.map((_, i) => `s${i}@0`),
    ...range(products).flatMap((i) => [`z${i}@0`, `z${i}@1`, ...(i < products - 1 ? [`z${i}@${last}`] : [])]),
  ];
}

/** Drops empty steps and joins commitments that have no challenge between them. */
function mergePoints(steps: readonly Step[]): Step[] {
  const out: Step[] = [];
  for (const step of steps) {
    const previous = out.at(-1);
    if (step.kind === 'points' && step.slots.length === 0) continue;
    if (step.kind === 'points' && previous?.kind === 'points') out[out.length - 1] = { kind: 'points', slots: [...previous.slots, ...step.slots] };
    else out.push(step);
  }
  return out;
}

function proofLayout(steps: readonly Step[]): Pick<Plan, 'words' | 'points' | 'evaluations'> {
  const points = new Map<string, number>();
  const evaluations = new Map<string, number>();
  let words = 0;
  for (const step of steps) {
    if (step.kind === 'points') for (const slot of step.slots) points.set(slot, take(2));
    if (step.kind === 'scalars') for (const name of step.names) evaluations.set(name, take(1));
  }
  return { words, points, evaluations };

  function take(count: number): number {
    words += count;
    return words - count;
  }
}

/** Opening queries in the order that decides the order of the sets. */
function openings(vk: VkDescriptor, { products, last }: PermutationShape): [slot: string, rotation: number][] {
  return [
    ...vk.adviceQueries.map(([column, rotation]): [string, number] => [`a${column}`, rotation]),
    ...range(products).flatMap((i): [string, number][] => [
      [`z${i}`, 0],
      [`z${i}`, 1],
    ]),
    ...range(products - 1)
      .reverse()
      .map((i): [string, number] => [`z${i}`, last]),
    ...vk.fixedQueries.map(([column, rotation]): [string, number] => [`f${column}`, rotation]),
    ...vk.permutation.map((_, i): [string, number] => [`s${i}`, 0]),
    ['H', 0],
    ['R', 0],
  ];
}

/** Slots grouped by identical sets of rotations, sets and slots in order of first appearance. */
function openingSets(queries: readonly (readonly [string, number])[], omega: bigint, k: number): OpeningSet[] {
  const rotationsOf = new Map<string, number[]>();
  for (const [slot, rotation] of queries) rotationsOf.set(slot, [...(rotationsOf.get(slot) ?? []), rotation]);
  const sets = new Map<string, { rotations: number[]; slots: string[] }>();
  for (const [slot, unsorted] of rotationsOf) {
    const rotations = ascending(unsorted);
    const set = sets.get(rotations.join()) ?? { rotations, slots: [] };
    set.slots.push(slot);
    sets.set(rotations.join(), set);
  }
  return [...sets.values()].map((set) => ({ ...set, basisInverses: basisInverses(set.rotations, omega, k) }));
}

function basisInverses(rotations: readonly number[], omega: bigint, k: number): bigint[] {
  const power = (rotation: number) => omegaPower(omega, k, rotation);
  return rotations.map((r) => {
    const others = rotations.filter((s) => s !== r);
    return field.inv(others.reduce((product, s) => field.mul(product, field.sub(power(r), power(s))), 1n));
  });
}

function checkMatch(ir: Ir, vk: VkDescriptor): void {
  const queries = collectQueries(ir);
  same('k', ir.k, vk.k);
  same('degree', ir.degree, vk.degree);
  same(
    'instance lengths',
    ir.instances.map((column) => column.rows),
    vk.numInstances,
  );
  same('fixed queries', sorted(queries.fixed), sorted(vk.fixedQueries));
  same('advice queries', sorted(queries.advice), sorted(vk.adviceQueries));
  same('instance queries', sorted(queries.instance), sorted(vk.instanceQueries));
  same('permutation columns', ir.equality, vk.permutation);
  same('number of fixed commitments', ir.fixed.length, vk.fixedCommitments.length);
  same('number of sigma commitments', ir.equality.length, vk.sigmaCommitments.length);
  same('blinding factors', blindingFactors(queries.advice), vk.blindingFactors);
  checkFits(ir, vk);
}

/** Soundness limits: a quotient that is too short, instances outside the usable rows, or an identity commitment to open. */
function checkFits(ir: Ir, vk: VkDescriptor): void {
  const required = requiredDegree(ir);
  if (vk.degree < Math.max(2, required)) {
    throw new BaseError({ code: 'verifier/degree-too-small', message: `Expected a degree of at least ${required}, got ${vk.degree}.` });
  }
  const usable = 2 ** vk.k - vk.blindingFactors - 1;
  if (vk.numInstances.some((rows) => rows > usable)) {
    throw new BaseError({ code: 'verifier/too-many-instances', message: `Expected at most ${usable} instances a column, got ${vk.numInstances}.` });
  }
  for (const [column] of vk.fixedQueries) {
    if (vk.fixedCommitments[column]?.every((c) => BigInt(c) === 0n)) {
      throw new BaseError({ code: 'verifier/zero-fixed-column', message: `Expected no query of an all-zero fixed column, got column ${column}.` });
    }
  }
}

function same(what: string, circuit: unknown, key: unknown): void {
  const [a, b] = [JSON.stringify(circuit), JSON.stringify(key)];
  if (a === b) return;
  throw new BaseError({
    code: 'verifier/mismatch',
    message: `Expected ${what} ${a.slice(0, 200)} from the circuit, got ${b.slice(0, 200)} in the key.`,
  });
}

/** By column, then rotation; a repeated query stays repeated and so differs from the circuit's. */
function sorted(queries: readonly Query[]): Query[] {
  return queries.toSorted(([a, r], [b, s]) => a - b || r - s);
}

function range(length: number): number[] {
  return Array.from({ length: Math.max(0, length) }, (_, i) => i);
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
