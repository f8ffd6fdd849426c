/**
 * Mutation of both verifiers: `npm run mutants -w packages/verifier` runs every mutant that has not been decided yet (work.ts), prints
 * for each the input or check that kills it, and writes mutants.json; ends with status 1 when one survives that `equivalent.ts` does not
 * explain. `--list` writes what has been decided so far without running any, `--check` compares the list with the sources, and
 * `--only <text>` runs some.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startAnvil } from '../../src/testing.ts';
import { Evm } from '../evm.ts';
import { differences, LIST, listed, type Mutable, mutantList, render, surviving } from './list.ts';
import { SolidityKiller } from './solidity.ts';
import { firstWrong, killTypeScript, loadModules, namedChecks } from './typescript.ts';
import { typescriptMutants } from './typescript-mutants.ts';
import { keyOf, Work } from './work.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, list: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
});
if (values.check) {
  const found = differences();
  for (const line of found) console.log(line);
  console.log(found.length === 0 ? 'mutants.json lists the mutants of these sources' : 'Run `npm run mutants -w packages/verifier`.');
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  const work = new Work();
  if (!values.list) await runAll(work);
  const list = mutantList().map((mutant) => listed(mutant, work.decided.get(keyOf(mutant))));
  if (values.only === '') writeFileSync(LIST, render(list));
  for (const { language, id } of surviving(list)) console.log(`survives: ${language} ${id}`);
  console.log(`${work.decided.size} of ${list.length} mutants run, ${surviving(list).length} surviving`);
  process.exitCode = surviving(list).length > 0 ? 1 : 0;
}

async function runAll(work: Work): Promise<void> {
  const wanted = (mutant: Mutable) => mutant.id.includes(values.only) && !work.decided.has(keyOf(mutant));
  const record = ({ language, id }: Mutable, killer: string | undefined) => {
    work.add({ language, id, killer: killer ?? null });
    console.log(`${killer ?? 'SURVIVES'} <- ${language} ${id}`);
  };
  await runTypeScript(wanted, record);
  await runSolidity(wanted, record);
}

type Wanted = (mutant: Mutable) => boolean;
type Recorder = (mutant: Mutable, killer: string | undefined) => void;

async function runTypeScript(wanted: Wanted, record: Recorder): Promise<void> {
  const checks = namedChecks();
  const { modules, release } = await loadModules();
  const failing = firstWrong(checks, modules);
  release();
  if (failing !== undefined) throw new Error(`the TypeScript verifier itself fails: ${failing}`);
  for (const mutant of typescriptMutants()) {
    const entry: Mutable = { language: 'typescript', id: mutant.id };
    if (!wanted(entry)) continue;
    const killer = await killTypeScript(mutant, checks);
    record(entry, killer);
    // What killed one mutant often kills its neighbours: it is tried first.
    const at = checks.findIndex(({ name }) => name === killer);
    if (at > 0) checks.unshift(...checks.splice(at, 1));
  }
}

async function runSolidity(wanted: Wanted, record: Recorder): Promise<void> {
  const anvil = await startAnvil();
  try {
    const solidity = new SolidityKiller(new Evm(anvil.url));
    const wrong = await solidity.start();
    if (wrong.length > 0) throw new Error(`the Solidity verifier itself is wrong on ${wrong}`);
    for (const mutant of solidity.mutants) {
      const entry: Mutable = { language: 'solidity', id: mutant.id };
      if (wanted(entry)) record(entry, await solidity.kill(mutant));
    }
  } finally {
    await anvil.stop();
  }
}
