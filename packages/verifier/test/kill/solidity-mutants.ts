/**
 * Mutants of the generated verifier: every statement removed, every condition taken for true, and every number changed (a multiple of a
 * word by a word, anything else by one), each in turn. The source is that of `everything`, so a mutant stands for the place of the generator that printed its line.
 */
export interface Mutant {
  /** Stable name: function or file, line in it, what is changed. */
  readonly id: string;
  readonly apply: () => string;
}

const NUMBER = /\b(0x[0-9a-f]+|[0-9]+)\b/g;

export function solidityMutants(source: string): Mutant[] {
  const lines = source.split('\n');
  const out: Mutant[] = [];
  let block = 'verifyProof';
  let begun = false;
  for (const [i, line] of lines.entries()) {
    const [code = ''] = line.split('//');
    if (code.includes('assembly {')) begun = true;
    if (!begun) continue;
    const name = /function (\w+)/.exec(code)?.[1];
    if (name !== undefined) block = name;
    const replaced = (text: string) => () => lines.with(i, text).join('\n');
    if (isStatement(code)) out.push({ id: `${block}: ${code.trim()} | removed`, apply: replaced('') });
    if (name === undefined) {
      for (const match of code.matchAll(NUMBER)) {
        const text = changedNumber(match[0], code.includes('pointsOnCurve(0x') ? 64n : 32n);
        const next = code.slice(0, match.index) + text + code.slice(match.index + match[0].length);
        out.push({
          id: `${block}: ${code.trim()} | ${match.index - code.search(/\S/)}: ${short(match[0])} -> ${short(text)}`,
          apply: replaced(next),
        });
      }
    }
    for (const { text, at } of conditions(code)) {
      const next = `${code.slice(0, at)}1${code.slice(at + text.length)}`;
      out.push({ id: `${block}: ${code.trim()} | ${at - code.search(/\S/)}: ${text} -> 1`, apply: replaced(next) });
    }
    if (/^ {12}\}$/.test(line)) block = 'verifyProof';
  }
  return numbered(out);
}

/** A statement that is whole on its line, declarations aside: without a declaration the source does not compile. */
function isStatement(code: string): boolean {
  const text = code.trim();
  if (text === '' || text === '{' || text === '}' || /^(let|function|assembly)\b/.test(text)) return false;
  return !text.endsWith('{');
}

/** The operands that are joined into `ok`. */
function conditions(code: string): { text: string; at: number }[] {
  if (!code.includes('ok := and(ok')) return [];
  return [...code.matchAll(/lt\((?:mload\(\w+\)|\w+), \w+\)|\bonCurve\b/g)].map((match) => ({ text: match[0], at: match.index }));
}

/** `step` is what separates the entries of a list: a word, or a point. */
function changedNumber(text: string, step: bigint): string {
  const value = BigInt(text);
  const changed = value >= step && value % 32n === 0n && value < 1n << 16n ? value - step : value ^ 1n;
  return `0x${changed.toString(16)}`;
}

function short(text: string): string {
  return text.length > 12 ? `${text.slice(0, 10)}..` : text;
}

/** Equal lines of one function get a number. */
function numbered(mutants: readonly Mutant[]): Mutant[] {
  const seen = new Map<string, number>();
  return mutants.map(({ id, apply }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return { id: count === 1 ? id : `${id} (${count})`, apply };
  });
}
