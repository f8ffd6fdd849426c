/**
 * Named inputs that decide whether a verifier is right: proofs that must be accepted, and for every rule an input that breaks this rule
 * alone, forged so that all equations hold (`../forge.ts`). Both verifiers are run on them, and every mutant of them.
 */
import { bytesToHex, concatBytes, field, type Hex } from '@pentimento/core';
import { Q } from '../../src/curve/fp.ts';
import { type Prepared, prepare } from '../../src/index.ts';
import { encodeVkRuntime } from '../../src/solidity.ts';
import type { Verdict } from '../evm.ts';
import { type Fixture, loadFixture, rejections } from '../fixtures.ts';
import { type Draft, type Forged, forge, forgeInDomain, randomDraft } from '../forge.ts';
import { Random } from '../fuzz/random.ts';

export interface NamedInput extends Forged {
  readonly name: string;
  readonly expected: Verdict;
  /** Of an EVM call; default: plenty. */
  readonly gas?: bigint;
  /** Code of the key that the caller names, when it is not the right one. */
  readonly keyCode?: Hex;
}

export const everything: Fixture = loadFixture('everything');

export function namedInputs(): NamedInput[] {
  const prepared = prepare(everything.ir, everything.vk);
  const { proof, instances } = everything;
  return [
    { name: 'honest proof', proof, instances, expected: true },
    ...[1, 2, 3].map((seed) => ({ name: `forged proof ${seed}`, ...forge(prepared, randomDraft(prepared, new Random(seed))), expected: true })),
    { name: 'forged proof of the largest scalars', ...forge(prepared, largestDraft(prepared)), expected: true },
    ...rejections(everything).map((input) => ({ ...input, name: `changed: ${input.name}`, expected: false })),
    ...brokenProofs(prepared),
    ...wrongKeys(),
  ];
}

/** For a verifier whose challenge x has been replaced by 1 (no proof reaches such an x): it must be refused. */
export function inputInDomain(): NamedInput {
  const prepared = prepare(everything.ir, everything.vk);
  return { name: 'x in the domain', ...forgeInDomain(prepared, randomDraft(prepared, new Random(9))), expected: false };
}

/** Every evaluation and instance is `r - 1`, the last one that is canonical. */
function largestDraft(prepared: Prepared): Draft {
  const { words, instances } = randomDraft(prepared, new Random(8));
  const evaluations = new Set(prepared.plan.evaluations.values());
  return { words: words.map((word, i) => (evaluations.has(i) ? field.R - 1n : word)), instances: instances.map((c) => c.map(() => field.R - 1n)) };
}

/** The honest proof with too little gas, in shares of what it needs: it must revert, not be refused. */
export function starvedInputs(needed: bigint): NamedInput[] {
  const { proof, instances } = everything;
  return [98n, 90n, 75n, 50n, 25n].map((share) => ({
    name: `${share} % of the gas`,
    proof,
    instances,
    expected: 'reverts',
    gas: (needed * share) / 100n,
  }));
}

/** Forged proofs that break one rule each; every evaluation, instance and commitment is broken in turn. */
function brokenProofs(prepared: Prepared): NamedInput[] {
  const { plan } = prepared;
  const draft = randomDraft(prepared, new Random(7));
  const broken = (name: string, change: (words: bigint[], instances: bigint[][]) => void): NamedInput => {
    const changed = { words: [...draft.words], instances: draft.instances.map((column) => [...column]) };
    change(changed.words, changed.instances);
    return { name: `forged: ${name}`, ...forge(prepared, changed satisfies Draft), expected: false };
  };
  const shift = (list: bigint[], at: number, by: bigint) => {
    list[at] = (list[at] as bigint) + by;
  };
  const opened = [...plan.points].filter(([slot]) => slot !== 'W2');
  return [
    ...[...plan.evaluations].map(([name, at]) => broken(`${name} + r`, (words) => shift(words, at, field.R))),
    ...[...plan.evaluations].slice(0, 1).map(([name, at]) => broken(`${name} is r`, (words) => words.fill(field.R, at, at + 1))),
    broken('instance 0.0 is r', (_w, instances) => (instances[0] as bigint[]).fill(field.R, 0, 1)),
    ...draft.instances.flatMap((column, i) =>
      column.map((_, row) => broken(`instance ${i}.${row} + r`, (_w, instances) => shift(instances[i] as bigint[], row, field.R))),
    ),
    ...opened.map(([slot, at]) => broken(`${slot} is the identity`, (words) => words.fill(0n, at, at + 2))),
    ...opened.map(([slot, at]) => broken(`x of ${slot} + q`, (words) => shift(words, at, Q))),
    ...opened.map(([slot, at]) => broken(`y of ${slot} + q`, (words) => shift(words, at + 1, Q))),
  ];
}

/** Solidity takes the key's address from its caller; in TypeScript the same differences are refused by `prepare`. */
function wrongKeys(): NamedInput[] {
  const { ir, vk, proof, instances } = everything;
  const runtime = encodeVkRuntime(ir, vk);
  const changed = (at: number) => runtime.with(at, (runtime[at] as number) ^ 1);
  const other = loadFixture('toy5');
  const keys: readonly (readonly [string, Uint8Array])[] = [
    ['no code', new Uint8Array(0)],
    ['another shape', encodeVkRuntime(other.ir, other.vk)],
    ['another shape digest', changed(1)],
    ['another transcript digest', changed(64)],
    ['a byte more', concatBytes(runtime, new Uint8Array(1))],
    ['a byte less', runtime.slice(0, -1)],
  ];
  return keys.map(([name, code]) => ({ name: `key: ${name}`, proof, instances, expected: false, keyCode: bytesToHex(code) }));
}
