/**
 * The verifier in TypeScript: the executable specification of the Solidity one. Runs in Node and in browsers. A proof that is not
 * accepted is a `false`, whatever is wrong with it; only a circuit and a key that do not fit each other throw, in `prepare`.
 */
import type { Ir, VkDescriptor } from '@pentimento/circuit';
import { bytesToBigInt, field } from '@pentimento/core';
import { decodeG1, type G1Point, multiScalarMul } from './curve/g1.ts';
import { decodeG2, type G2Point, negateG2 } from './curve/g2.ts';
import { pairingIsOne } from './curve/pairing.ts';
import { addDomainValues } from './domain.ts';
import { evaluateTerms } from './identities.ts';
import { openingScalars } from './openings.ts';
import { createPlan, type Plan } from './plan.ts';
import { deriveChallenges } from './transcript.ts';
import { parseVk } from './vk.ts';

/** A checked verifying key with its points decoded; prepare once, verify many. */
export interface Prepared {
  readonly plan: Plan;
  readonly transcriptRepr: bigint;
  /** Opened fixed and sigma commitments by slot, and the generator as `G`. */
  readonly points: ReadonlyMap<string, G1Point>;
  readonly g2: G2Point;
  readonly negSG2: G2Point;
}

/** Throws a BaseError `verifier/*` when the circuit or the key is malformed, or when they do not belong together. */
export function prepare(ir: Ir, descriptor: VkDescriptor): Prepared {
  const vk = parseVk(descriptor);
  const plan = createPlan(ir, vk);
  const point = ([x, y]: readonly [string, string]) => decodeG1(BigInt(x), BigInt(y)) as G1Point;
  const points = new Map<string, G1Point>([['G', point(vk.g1)]]);
  for (const column of plan.openedFixed) points.set(`f${column}`, point(vk.fixedCommitments[column] as [string, string]));
  for (const [i, commitment] of vk.sigmaCommitments.entries()) points.set(`s${i}`, point(commitment));
  return { plan, transcriptRepr: BigInt(vk.transcriptRepr), points, g2: decodeG2(vk.g2, 'g2'), negSG2: negateG2(decodeG2(vk.sG2, 'sG2')) };
}

/**
 * @param proof exactly `32 * plan.words` bytes
 * @param instances one list per instance column, of exactly its number of rows, values in `[0, r)`
 * @returns true only for a valid proof; never throws
 */
export function verifyProof(prepared: Prepared, proof: Uint8Array, instances: readonly (readonly bigint[])[]): boolean {
  const { plan } = prepared;
  const read = readProof(plan, proof);
  if (read === undefined || !instancesFit(plan, instances)) return false;
  const values = deriveChallenges(plan, prepared.transcriptRepr, proof, instances);
  for (const [name, value] of read.evaluations) values.set(name, value);
  if (!completeValues(plan, values, instances)) return false;
  const sum = openingSum(prepared, read.points, values);
  if (sum === undefined) return false;
  return pairingIsOne(multiScalarMul(sum.bases, sum.scalars), prepared.g2, read.points.get('W2') as G1Point, prepared.negSG2);
}

/**
 * Completes `values`, which holds challenges and evaluations, with what follows from them, the quotient `H@0` included. False when x is
 * in the domain.
 */
export function completeValues(plan: Plan, values: Map<string, bigint>, instances: readonly (readonly bigint[])[]): boolean {
  if (!addDomainValues(plan, values, instances)) return false;
  values.set('H@0', quotientAt(plan, lookUp(values)));
  return true;
}

export interface OpeningSum {
  readonly bases: readonly G1Point[];
  readonly scalars: readonly bigint[];
}

/** The terms of `L` in the final check, the last one `mu * W2`; undefined when mu is an opened point. */
export function openingSum(prepared: Prepared, points: ReadonlyMap<string, G1Point>, values: ReadonlyMap<string, bigint>): OpeningSum | undefined {
  const { plan } = prepared;
  const value = lookUp(values);
  const opening = openingScalars(plan, value);
  if (opening === undefined) return undefined;
  const bases: G1Point[] = [];
  const scalars: bigint[] = [];
  const push = (slot: string, scalar: bigint) => {
    bases.push((points.get(slot) ?? prepared.points.get(slot)) as G1Point);
    scalars.push(scalar);
  };
  push('G', opening.generator);
  push('W', opening.quotient);
  for (const [slot, scalar] of opening.slots) {
    if (slot !== 'H') push(slot, scalar);
    else for (let i = 0, s = scalar; i < plan.quotientPieces; i++, s = field.mul(s, value('xn'))) push(`h${i}`, s);
  }
  push('W2', value('mu'));
  return { bases, scalars };
}

function lookUp(values: ReadonlyMap<string, bigint>): (name: string) => bigint {
  return (name) => {
    const found = values.get(name);
    if (found === undefined) throw new RangeError(`the plan does not define the value ${name}`);
    return found;
  };
}

interface ReadProof {
  readonly points: ReadonlyMap<string, G1Point>;
  readonly evaluations: ReadonlyMap<string, bigint>;
}

/** Undefined unless the length is exact, every point is canonical and on the curve, and every scalar is canonical. */
function readProof(plan: Plan, proof: Uint8Array): ReadProof | undefined {
  if (!(proof instanceof Uint8Array) || proof.length !== 32 * plan.words) return undefined;
  const word = (i: number) => bytesToBigInt(proof.subarray(32 * i, 32 * i + 32));
  const points = new Map<string, G1Point>();
  for (const [slot, at] of plan.points) {
    const point = decodeG1(word(at), word(at + 1));
    if (point === undefined) return undefined;
    points.set(slot, point);
  }
  const evaluations = new Map([...plan.evaluations].map(([name, at]) => [name, word(at)]));
  return [...evaluations.values()].every((value) => value < field.R) ? { points, evaluations } : undefined;
}

function instancesFit(plan: Plan, instances: readonly (readonly bigint[])[]): boolean {
  if (!Array.isArray(instances) || instances.length !== plan.instanceRows.length) return false;
  const canonical = (value: bigint) => typeof value === 'bigint' && value >= 0n && value < field.R;
  return instances.every((column, i) => Array.isArray(column) && column.length === plan.instanceRows[i] && column.every(canonical));
}

/** The quotient at x: all identities folded by powers of y, divided by `x^n - 1`. */
function quotientAt(plan: Plan, value: (name: string) => bigint): bigint {
  const terms = evaluateTerms(plan.identities.terms, value);
  const y = value('y');
  const numerator = plan.identities.list.reduce((sum, { term }) => field.add(field.mul(sum, y), terms[term] as bigint), 0n);
  return field.mul(numerator, value('zhInverse'));
}
