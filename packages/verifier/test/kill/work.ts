/**
 * What a run of the mutants has found so far: one line for each mutant, appended when it is decided, in a file outside of git that is
 * named by the digest of everything that decides. So a run that was stopped goes on, and one of other sources begins anew.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { Listed } from './list.ts';

const FOLDER = new URL('../../../../.pentimento/mutants/', import.meta.url);
/** Sources, and the inputs and checks that kill; not the files that only run, list and explain. */
const FOLDERS: readonly string[] = ['../../src/', '../../src/curve/', '../../src/solidity/', './'];
const FILES: readonly string[] = ['fixtures.ts', 'forge.ts', 'evm.ts', 'curve/oracle.ts', 'fuzz/random.ts', 'fixtures/everything.json'].map(
  (name) => `../${name}`,
);
const RUNNERS: readonly string[] = ['work.ts', 'main.ts', 'list.ts', 'equivalent.ts', 'make-fixture.ts'];

export type Decided = Pick<Listed, 'language' | 'id'> & { readonly killer: string | null };

/** Identity of a mutant in a work file. */
export function keyOf({ language, id }: Pick<Listed, 'language' | 'id'>): string {
  return `${language} ${id}`;
}

export class Work {
  readonly #path: URL;
  /** Decided mutants by their key. */
  readonly decided: ReadonlyMap<string, Decided>;

  constructor() {
    mkdirSync(FOLDER, { recursive: true });
    this.#path = new URL(`${digest()}.jsonl`, FOLDER);
    const lines = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').trim().split('\n') : [];
    this.decided = new Map(
      lines
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Decided)
        .map((entry) => [keyOf(entry), entry]),
    );
  }

  add(entry: Decided): void {
    (this.decided as Map<string, Decided>).set(keyOf(entry), entry);
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }
}

function digest(): string {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, import.meta.url))
      .filter((name) => name.endsWith('.ts') && !RUNNERS.includes(name))
      .sort()
      .map((name) => `${folder}${name}`),
  );
  const hash = createHash('sha256');
  for (const path of [...sources, ...FILES]) hash.update(`${path}\0`).update(readFileSync(new URL(path, import.meta.url)));
  return hash.digest('hex').slice(0, 16);
}
