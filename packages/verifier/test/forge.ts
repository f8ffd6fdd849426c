/**
 * Proofs of anything, made with the secret of the development setup: whoever knows `s` opens any commitments to any values. The last
 * commitment is solved from the final check: `e(L' + mu*W2, G2) = e(W2, s*G2)` holds for `W2 = L' / (s - mu)`.
 *
 * So a forged proof breaks exactly one rule of the verifier, or none, and nothing but that rule's own check can refuse it.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { bigIntToBytes, bytesToBigInt, concatBytes, field } from '@pentimento/core';
import { canonical } from '../src/curve/fp.ts';
import { decodeG1, type G1Point, IDENTITY, multiScalarMul } from '../src/curve/g1.ts';
import { type OpeningSet, omegaPower, type Plan, type Prepared } from '../src/index.ts';
import { deriveChallenges } from '../src/transcript.ts';
import { completeValues, type OpeningSum, openingSum } from '../src/verify.ts';
import type { Random } from './fuzz/random.ts';

/** `s`: the first 512 bits of the ChaCha20 stream under the key that the engine's `srs.rs` names, reduced. */
function developmentSecret(): bigint {
  const key = createHash('sha256').update('pentimento insecure development srs').digest();
  const stream = createCipheriv('chacha20', key, Buffer.alloc(16)).update(Buffer.alloc(64));
  return bytesToBigInt(Uint8Array.from(stream).reverse()) % field.R;
}

/** The words of a proof and its instances, not yet closed by a matching `W2`; any words are allowed. */
export interface Draft {
  readonly words: readonly bigint[];
  readonly instances: readonly (readonly bigint[])[];
}

export interface Forged {
  readonly proof: Uint8Array;
  readonly instances: bigint[][];
}

/** A draft of random points and evaluations for a statement of random instances. */
export function randomDraft({ plan }: Prepared, random: Random): Draft {
  const words = Array.from({ length: plan.words }, () => 0n);
  for (const at of plan.evaluations.values()) words[at] = random.scalar();
  for (const at of plan.points.values()) {
    const { x, y } = randomPoint(random);
    [words[at], words[at + 1]] = [x, y];
  }
  return { words, instances: plan.instanceRows.map((rows) => Array.from({ length: rows }, () => random.scalar())) };
}

export function randomPoint(random: Random): G1Point {
  return multiScalarMul([{ x: 1n, y: 2n }], [random.scalar() || 1n]);
}

/**
 * The draft as a proof that satisfies every equation, its words read modulo their fields and `(0, 0)` as the identity. The quotient is
 * computed as the EVM would from words that nobody has reduced: there `sub(r, word)` wraps around at 2^256.
 */
export function forge(prepared: Prepared, draft: Draft): Forged {
  const { plan } = prepared;
  const proof = concatBytes(...draft.words.map((word) => bigIntToBytes(word, 32)));
  const instances = draft.instances.map((column) => [...column]);
  const values = deriveChallenges(plan, prepared.transcriptRepr, proof, instances);
  for (const [name, at] of plan.evaluations) values.set(name, field.fr(draft.words[at] as bigint));
  const canonical = instances.map((column) => column.map(field.fr));
  if (!completeValues(plan, values, canonical)) throw new RangeError('a challenge hit the domain');
  values.set('H@0', evmQuotient(plan, draft.words, values));
  const sum = openingSum(prepared, decodePoints(plan, draft.words), values);
  if (sum === undefined) throw new RangeError('a challenge hit an opened point');
  return close(plan, proof, instances, { bases: sum.bases.slice(0, -1), scalars: sum.scalars.slice(0, -1) }, sum.scalars.at(-1) as bigint);
}

/**
 * What a verifier would accept that goes on with `x = 1`, where every inverse is missing and counts as zero: the evaluations drop out,
 * and only the first set, weighted by powers of zeta, and `W` remain.
 */
export function forgeInDomain(prepared: Prepared, draft: Draft): Forged {
  const { plan } = prepared;
  const proof = concatBytes(...draft.words.map((word) => bigIntToBytes(word, 32)));
  const instances = draft.instances.map((column) => [...column]);
  const values = deriveChallenges(plan, prepared.transcriptRepr, proof, instances);
  const [zeta, mu] = [values.get('zeta') as bigint, values.get('mu') as bigint];
  const points = decodePoints(plan, draft.words);
  const first = plan.sets[0] as OpeningSet;
  const vanishing = first.rotations.map((r) => field.sub(mu, omegaPower(plan.omega, plan.k, r))).reduce(field.mul);
  const bases = [...first.slots, 'W'].map((slot) => (points.get(slot) ?? prepared.points.get(slot)) as G1Point);
  const scalars = [...first.slots.map((_, j) => field.pow(zeta, BigInt(j))), field.neg(vanishing)];
  return close(plan, proof, instances, { bases, scalars }, mu);
}

function close(plan: Plan, proof: Uint8Array, instances: bigint[][], { bases, scalars }: OpeningSum, mu: bigint): Forged {
  const { x, y } = solve(bases, scalars, mu);
  proof.set(concatBytes(bigIntToBytes(x, 32), bigIntToBytes(y, 32)), 32 * (plan.points.get('W2') as number));
  return { proof, instances };
}

function decodePoints(plan: Plan, words: readonly bigint[]): Map<string, G1Point> {
  return new Map([...plan.points].map(([slot, at]) => [slot, pointOf(words[at] as bigint, words[at + 1] as bigint)]));
}

function evmQuotient({ identities, evaluations }: Plan, words: readonly bigint[], values: ReadonlyMap<string, bigint>): bigint {
  const known: bigint[] = [];
  const at = (i: number) => known[i] as bigint;
  for (const term of identities.terms) {
    if (term[0] === 'const') known.push(term[1]);
    else if (term[0] === 'value') known.push(words[evaluations.get(term[1]) ?? -1] ?? (values.get(term[1]) as bigint));
    else if (term[0] === 'neg') known.push(BigInt.asUintN(256, field.R - at(term[1])));
    else known.push((term[0] === 'add' ? at(term[1]) + at(term[2]) : at(term[1]) * at(term[2])) % field.R);
  }
  const y = values.get('y') as bigint;
  const numerator = identities.list.reduce((sum, { term }) => (sum * y + at(term)) % field.R, 0n);
  return field.mul(numerator, values.get('zhInverse') as bigint);
}

/** `W2 = (sum scalars*bases) / (s - mu)`. */
function solve(bases: readonly G1Point[], scalars: readonly bigint[], mu: bigint): G1Point {
  const scale = field.inv(field.sub(developmentSecret(), mu));
  return multiScalarMul(
    bases,
    scalars.map((scalar) => field.mul(scalar, scale)),
  );
}

function pointOf(x: bigint, y: bigint): G1Point {
  return decodeG1(canonical(x), canonical(y)) ?? IDENTITY;
}
