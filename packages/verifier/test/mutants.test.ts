/** Both verifiers are right on every named input, every refusing branch is taken, and a sample of the mutants is killed by a named input. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../src/testing.ts';
import { Evm } from './evm.ts';
import { EQUIVALENT } from './kill/equivalent.ts';
import { differences, readList } from './kill/list.ts';
import { SolidityKiller } from './kill/solidity.ts';
import { firstWrong, killTypeScript, loadModules, namedChecks } from './kill/typescript.ts';
import { typescriptMutants } from './kill/typescript-mutants.ts';

let anvil: Anvil;
let solidity: SolidityKiller;

beforeAll(async () => {
  anvil = await startAnvil();
  solidity = new SolidityKiller(new Evm(anvil.url));
  expect(await solidity.start()).toEqual([]);
});
afterAll(() => anvil?.stop());

const explained = (id: string) => EQUIVALENT.some(({ pattern }) => pattern.test(id));

test('the committed list is that of the present sources, and names no mutant that survives', () => {
  expect(differences(), 'run `npm run mutants -w packages/verifier`').toEqual([]);
  expect(readList().filter(({ verdict }) => verdict === 'survives')).toEqual([]);
});

test('every branch of the generated verifier that refuses is taken by an input', async () => {
  expect(await solidity.uncoveredRefusals()).toEqual([]);
});

test('a sample of the mutants of Solidity is killed', async () => {
  for (const mutant of solidity.mutants.filter(({ id }, i) => i % 60 === 7 && !explained(id))) {
    expect(await solidity.kill(mutant), mutant.id).toBeDefined();
  }
});

test('the TypeScript verifier is right, and a sample of its mutants is killed', async () => {
  const checks = namedChecks();
  const { modules, release } = await loadModules();
  expect(firstWrong(checks, modules)).toBeUndefined();
  release();
  for (const mutant of typescriptMutants().filter(({ id }, i) => i % 40 === 11 && !explained(id))) {
    expect(await killTypeScript(mutant, checks), mutant.id).toBeDefined();
  }
});
