/** Every code that a program throws has a row in the one table, and no row is without a program that throws it. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemCodes, problemFor } from '../src/problems.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const subjects = new Set(problemCodes().map((code) => code.split('/')[0] as string));

/** Sources of all programs, without the table itself; of the engine's crate too. */
const sources = ['packages', 'apps', 'contracts'].flatMap((folder) =>
  readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx)$/.test(name) && !/(^|\/)(node_modules|test|dist|out)\//.test(name) && !name.endsWith('core/src/problems.ts'))
    .map((name) => readFileSync(resolve(ROOT, folder, name), 'utf8')),
);

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found as string);

/** Codes in full, wherever a quoted text has the form of one and begins with a known subject. */
const quoted = sources
  .flatMap((text) => matches(text, /['"`]([a-z0-9]+\/[a-z0-9-]+)['"`]/g))
  .filter((code) => subjects.has(code.split('/')[0] as string));
/** Codes of any subject, where one is thrown. */
const thrown = sources.flatMap((text) => matches(text, /\bcode: ['"]([a-z0-9]+\/[a-z0-9-]+)['"]/g));
/** Codes whose subject is added by a function of the file, as `fail('malformed', ..)`: `subject/${code}` names the subject. */
const composed = sources.flatMap((text) =>
  matches(text, /code: `([a-z]+)\/\$\{code\}`/g).flatMap((name) => matches(text, /\b(?:fail|refuse)\('([a-z-]+)'/g).map((what) => `${name}/${what}`)),
);
const engine = matches(readFileSync(resolve(ROOT, 'packages/engine/rust/error.rs'), 'utf8'), /=> "([a-z-]+)"/g).map((kind) => `engine/${kind}`);

/** No error, but texts of the same form: where the styler's input is, and what a picture is to the reference. */
const NO_CODES = ['model/latent', 'image/jpeg', 'image/png', 'image/webp'];
const used = new Set([...quoted, ...thrown, ...composed, ...engine].filter((code) => !NO_CODES.includes(code)));

describe('the table of problems', () => {
  it('has a row for every code that is thrown, and no other', () => {
    expect(engine.length).toBeGreaterThan(15);
    expect(composed.length).toBeGreaterThan(10);
    expect([...used].filter((code) => problemFor(code) === undefined)).toEqual([]);
    expect(problemCodes().filter((code) => !used.has(code))).toEqual([]);
  });

  it.each(problemCodes())('%s is one plain sentence with a status', (code) => {
    const problem = problemFor(code);
    expect(problem?.sentence).toMatch(/^[A-Z][^\n]*[^.]\.$/);
    expect(problem?.status).toBeGreaterThanOrEqual(400);
    expect(problem?.status).toBeLessThan(600);
  });

  it('knows no other code', () => {
    for (const code of ['proof/none', 'nothing/here', 'toString/x', 'proof/toString', '']) expect(problemFor(code)).toBeUndefined();
  });
});
