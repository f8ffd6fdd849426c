/** Random inputs for one key: proofs that all verifiers must accept, and changed or forged ones that all must refuse. */
import { concatBytes, field } from '@pentimento/core';
import { Q } from '../../src/curve/fp.ts';
import type { Plan, Prepared } from '../../src/index.ts';
import { withWord, wordAt } from '../fixtures.ts';
import { type Draft, forge, randomDraft, randomPoint } from '../forge.ts';
import type { Random } from './random.ts';

export interface Input {
  readonly name: string;
  readonly proof: Uint8Array;
  readonly instances: bigint[][];
  readonly valid: boolean;
}

/** Two honest proofs of the same statement. */
export interface Honest {
  readonly proofs: readonly [Uint8Array, Uint8Array];
  readonly instances: bigint[][];
}

type Change = (plan: Plan, honest: Honest, random: Random) => Omit<Input, 'name' | 'valid'> | undefined;

/** A forged proof of random contents: every verifier accepts it, because its maker knows the setup's secret. */
export function forgedInput(prepared: Prepared, random: Random): Input {
  return { name: 'forged', ...forge(prepared, randomDraft(prepared, random)), valid: true };
}

/** A forged proof in which one rule is broken; undefined when the key has nothing of the drawn kind. */
export function brokenInput(prepared: Prepared, random: Random): Input | undefined {
  const { plan } = prepared;
  const draft = randomDraft(prepared, random);
  const name = random.pick(['evaluation + r', 'instance + r', 'x + q', 'y + q', 'identity']);
  const words = [...draft.words];
  const instances = draft.instances.map((column) => [...column]);
  const at = random.pick([...plan.points].filter(([slot]) => slot !== 'W2'))[1];
  const shift = (list: bigint[], i: number, by: bigint) => {
    list[i] = (list[i] as bigint) + by;
  };
  if (name === 'evaluation + r') shift(words, random.pick([...plan.evaluations.values()]), field.R);
  else if (name === 'identity') words[at] = words[at + 1] = 0n;
  else if (name === 'x + q') shift(words, at, Q);
  else if (name === 'y + q') shift(words, at + 1, Q);
  else {
    const column = instances.find((values) => values.length > 0);
    if (column === undefined) return undefined;
    shift(column, random.integer(0, column.length - 1), field.R);
  }
  const broken: Draft = { words, instances };
  return { name: `forged, ${name}`, ...forge(prepared, broken), valid: false };
}

/** An honest proof with one random change; undefined when the change has nothing to change. */
export function tamperedInput(plan: Plan, honest: Honest, random: Random): Input | undefined {
  const name = random.pick(Object.keys(CHANGES));
  const changed = (CHANGES[name] as Change)(plan, honest, random);
  return changed && !isHonest(changed, honest) ? { name, ...changed, valid: false } : undefined;
}

function isHonest(input: Pick<Input, 'proof' | 'instances'>, honest: Honest): boolean {
  const sameProof = honest.proofs.some((proof) => Buffer.compare(proof, input.proof) === 0);
  return sameProof && input.instances.flat().join() === honest.instances.flat().join();
}

const bytes = (change: (proof: Uint8Array, plan: Plan, random: Random) => Uint8Array): Change => {
  return (plan, { proofs, instances }, random) => ({ proof: change(proofs[0], plan, random), instances });
};

const instance = (change: (value: bigint, random: Random) => bigint): Change => {
  return (_, { proofs, instances }, random) => {
    const filled = instances.flatMap((column, i) => (column.length > 0 ? [i] : []));
    if (filled.length === 0) return undefined;
    const i = random.pick(filled);
    const column = instances[i] as bigint[];
    const row = random.integer(0, column.length - 1);
    return { proof: proofs[0], instances: instances.with(i, column.with(row, change(column[row] as bigint, random))) };
  };
};

const point = (change: (x: bigint, y: bigint, random: Random) => readonly [bigint, bigint]): Change =>
  bytes((proof, plan, random) => {
    const at = random.pick([...plan.points.values()]);
    const [x, y] = change(wordAt(proof, at), wordAt(proof, at + 1), random);
    return withWord(withWord(proof, at, x), at + 1, y);
  });

const scalar = (change: (value: bigint, random: Random) => bigint): Change =>
  bytes((proof, plan, random) => {
    const at = random.pick([...plan.evaluations.values()]);
    return withWord(proof, at, change(wordAt(proof, at), random));
  });

const swap = (words: (plan: Plan) => readonly number[], width: number): Change =>
  bytes((proof, plan, random) => {
    const [a, b] = random.sample(words(plan), 2) as [number, number];
    const out = proof.slice();
    out.set(proof.subarray(32 * a, 32 * (a + width)), 32 * b);
    out.set(proof.subarray(32 * b, 32 * (b + width)), 32 * a);
    return out;
  });

const CHANGES: Readonly<Record<string, Change>> = {
  'a bit flipped': bytes((proof, _, random) => {
    const at = random.integer(0, proof.length - 1);
    return proof.with(at, (proof[at] as number) ^ (1 << random.integer(0, 7)));
  }),
  'a random word': bytes((proof, plan, random) => withWord(proof, random.integer(0, plan.words - 1), random.word())),
  'an evaluation replaced': scalar((_, random) => random.scalar()),
  'an evaluation + 1': scalar((value) => field.add(value, 1n)),
  'an evaluation + r': scalar((value) => value + field.R),
  'an evaluation zeroed': scalar(() => 0n),
  'evaluations swapped': swap((plan) => [...plan.evaluations.values()], 1),
  'another point': point((_x, _y, random) => {
    const { x, y } = randomPoint(random);
    return [x, y];
  }),
  'a point negated': point((x, y) => [x, Q - y]),
  'a point off the curve': point((x, y) => [x, (y + 1n) % Q]),
  'the identity': point(() => [0n, 0n]),
  'x + q': point((x, y) => [x + Q, y]),
  'y + q': point((x, y) => [x, y + Q]),
  'points swapped': swap((plan) => [...plan.points.values()], 2),
  'spliced from two proofs': ({ words }, { proofs: [a, b], instances }, random) => {
    const cut = 32 * random.integer(1, words - 1);
    return { proof: concatBytes(a.subarray(0, cut), b.subarray(cut)), instances };
  },
  truncated: bytes((proof, _, random) => proof.slice(0, random.integer(0, proof.length - 1))),
  extended: bytes((proof, _, random) => concatBytes(proof, new Uint8Array(random.integer(1, 64)))),
  'an instance + 1': instance((value) => field.add(value, 1n)),
  'an instance replaced': instance((_, random) => random.scalar()),
  'an instance + r': instance((value) => value + field.R),
  'an instance missing': (_, { proofs, instances }) => {
    const i = instances.findIndex((column) => column.length > 0);
    return i < 0 ? undefined : { proof: proofs[0], instances: instances.with(i, (instances[i] as bigint[]).slice(0, -1)) };
  },
  'an instance too many': (_, { proofs, instances }) => {
    const last = instances.at(-1);
    return last && { proof: proofs[0], instances: instances.with(-1, [...last, 0n]) };
  },
};
