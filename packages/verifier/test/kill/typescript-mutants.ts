/**
 * Mutants of the verifier's own sources: every call and assignment that is a statement removed, every `if` never taken, every `&&`, `||`
 * and comparison changed into its neighbour, and every number changed by one, each in turn.
 */
import { readFileSync } from 'node:fs';

export interface SourceMutant {
  /** File, line of code, what is changed. */
  readonly id: string;
  readonly file: string;
  readonly apply: () => string;
}

const SOURCES: readonly string[] = [
  'curve/fp.ts',
  'curve/fp2.ts',
  'curve/fp12.ts',
  'curve/g1.ts',
  'curve/g2.ts',
  'curve/pairing.ts',
  'domain.ts',
  'identities.ts',
  'ir-check.ts',
  'openings.ts',
  'plan.ts',
  'queries.ts',
  'transcript.ts',
  'verify.ts',
  'vk.ts',
];
export const SOURCE_ROOT: URL = new URL('../../src/', import.meta.url);

const TOKENS: Readonly<Record<string, string>> = { '&&': '||', '||': '&&', '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

export function typescriptMutants(): SourceMutant[] {
  const seen = new Map<string, number>();
  return SOURCES.flatMap(fileMutants).map((mutant) => {
    const count = (seen.get(mutant.id) ?? 0) + 1;
    seen.set(mutant.id, count);
    return count === 1 ? mutant : { ...mutant, id: `${mutant.id} (${count})` };
  });
}

function fileMutants(file: string): SourceMutant[] {
  const lines = readFileSync(new URL(file, SOURCE_ROOT), 'utf8').split('\n');
  const out: SourceMutant[] = [];
  let skipped = false;
  for (const [i, line] of lines.entries()) {
    if (/^(export )?(interface|type) /.test(line)) skipped = true;
    if (!skipped && isCode(line)) {
      for (const [change, text] of changes(line)) {
        const id = `${file}: ${line.trim()} | ${change}`;
        out.push({ id, file, apply: () => lines.with(i, text).join('\n') });
      }
    }
    if (/^\}|^(export )?type .*;$|^ {2}\| .*;$/.test(line)) skipped = false;
  }
  return out;
}

/** Not a comment, an import, or a member's declaration. */
function isCode(line: string): boolean {
  const text = line.trim();
  return text !== '' && !/^(\/\*\*|\*|\/\/|import\b|export \{|readonly\b|private readonly\b|\} from)/.test(text);
}

function* changes(line: string): Generator<readonly [change: string, text: string]> {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  if (isStatement(line.trim())) yield ['removed', indent];
  const at = line.indexOf('if (');
  if (at >= 0) yield ['never taken', neverTaken(line, at)];
  const masked = withoutStrings(line);
  for (const match of masked.matchAll(/ (&&|\|\||<=?|>=?) /g)) {
    const token = match[1] as string;
    const next = TOKENS[token] as string;
    yield [`${match.index - indent.length}: ${token} -> ${next}`, splice(line, match.index + 1, token.length, next)];
  }
  for (const match of masked.matchAll(/(?<![\w.])(\d+)(n?)(?![\w.])/g)) {
    const next = `${BigInt(match[1] as string) + 1n}${match[2]}`;
    yield [`${match.index - indent.length}: ${match[0].slice(0, 8)} -> ${next.slice(0, 8)}`, splice(line, match.index, match[0].length, next)];
  }
}

/** The condition of the `if` at `at` preceded by `false &&`. */
function neverTaken(line: string, at: number): string {
  let depth = 0;
  for (let i = at + 3; i < line.length; i++) {
    if (line[i] === '(') depth++;
    if (line[i] === ')' && --depth === 0) return `${line.slice(0, at)}if (false && ${line.slice(at + 3, i + 1)})${line.slice(i + 1)}`;
  }
  return line;
}

function isStatement(text: string): boolean {
  if (!text.endsWith(';') || /^(const|let|return|throw|import|export|for|if|else|private|readonly|static|break)\b/.test(text)) return false;
  return /^[\w.[\]() ]+(\(| [+*-]?= )/.test(text) || text.startsWith('.');
}

function splice(line: string, at: number, length: number, text: string): string {
  return line.slice(0, at) + text + line.slice(at + length);
}

/** Strings and regular expressions blanked, so that positions stay. */
function withoutStrings(line: string): string {
  const blank = (text: string) => ' '.repeat(text.length);
  return line.replaceAll(/'[^']*'|`(?:[^`$]|\$\{[^}]*\})*`|\/\^.*\$\//g, blank).replace(/ \/\/.*/, blank);
}
