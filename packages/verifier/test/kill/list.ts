/** The committed list of mutants, mutants.json: what can be mutated in the sources as they are, and what became of each. */
import { readFileSync } from 'node:fs';
import { generateVerifier } from '../../src/solidity.ts';
import { EQUIVALENT } from './equivalent.ts';
import { everything } from './inputs.ts';
import { solidityMutants } from './solidity-mutants.ts';
import { typescriptMutants } from './typescript-mutants.ts';

export const LIST: URL = new URL('../../mutants.json', import.meta.url);

export interface Mutable {
  readonly language: 'solidity' | 'typescript';
  /** File or function, line of code, what is changed. */
  readonly id: string;
}

export interface Listed extends Mutable {
  readonly verdict: 'killed' | 'equivalent' | 'survives' | 'not run';
  /** Name of the first input or check that fails. */
  readonly by?: string;
  /** Of an equivalent mutant: why no input can tell it from the verifier. */
  readonly why?: string;
}

/** All mutants of the sources as they are. */
export function mutantList(): Mutable[] {
  const solidity = solidityMutants(generateVerifier(everything.ir, everything.vk).verifier);
  return [
    ...solidity.map(({ id }) => ({ language: 'solidity' as const, id })),
    ...typescriptMutants().map(({ id }) => ({ language: 'typescript' as const, id })),
  ];
}

/** @param decided what a run found, `killer` null when nothing failed; undefined when it was not run */
export function listed({ language, id }: Mutable, decided: { readonly killer: string | null } | undefined): Listed {
  if (decided === undefined) return { language, id, verdict: 'not run' };
  if (decided.killer !== null) return { language, id, verdict: 'killed', by: decided.killer };
  const why = EQUIVALENT.find(({ pattern }) => pattern.test(id))?.why;
  return why === undefined ? { language, id, verdict: 'survives' } : { language, id, verdict: 'equivalent', why };
}

export function surviving(mutants: readonly Listed[]): Listed[] {
  return mutants.filter(({ verdict }) => verdict === 'survives');
}

export function readList(): Listed[] {
  return (JSON.parse(readFileSync(LIST, 'utf8')) as { mutants: Listed[] }).mutants;
}

/** Mutants that only the list or only the sources have, one line each. */
export function differences(): string[] {
  const text = ({ language, id }: Mutable) => `${language} ${id}`;
  const [written, present] = [readList(), mutantList()].map((list) => new Set(list.map(text))) as [Set<string>, Set<string>];
  return [
    ...[...written].filter((id) => !present.has(id)).map((id) => `in the list only: ${id}`),
    ...[...present].filter((id) => !written.has(id)).map((id) => `not in the list: ${id}`),
  ];
}

/** One mutant a line, so that a difference is readable; `verifierMutants` counts those that were run. */
export function render(mutants: readonly Listed[]): string {
  const run = mutants.filter(({ verdict }) => verdict !== 'not run').length;
  const figures = { verifierMutants: run, verifierMutantsSurviving: surviving(mutants).length };
  const head = { generator: 'npm run mutants -w packages/verifier', notRun: mutants.length - run, figures };
  const fields = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')},\n"mutants": [\n${mutants.map((mutant) => JSON.stringify(mutant)).join(',\n')}\n]\n}\n`;
}
