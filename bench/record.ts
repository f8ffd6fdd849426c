/** The recorded figures: one flat JSON object, and the README's table that is made from it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));
export const RECORD: string = `${ROOT}bench/figures.json`;
export const README: string = `${ROOT}README.md`;

export interface Configuration {
  /** Suffix of the figures' keys. */
  readonly suffix: string;
  readonly model: string;
  readonly objective: 'fast' | 'gas';
}

/** The committed models, by the preset's name in figure keys. */
export const MODELS = { S: 'nouns-s', M: 'nouns-m', L64: 'nouns-l64', RGB: 'strokes-rgb' } as const;

export const CONFIGURATIONS: readonly Configuration[] = Object.entries(MODELS).flatMap(([preset, model]) =>
  (['fast', 'gas'] as const).map((objective) => ({ suffix: `${preset}.${objective}`, model, objective })),
);

export type Figures = Readonly<Record<string, number>>;

export interface Recorded {
  /** What the times depend on. */
  readonly machine: Readonly<Record<string, string | number>>;
  readonly figures: Figures;
}

export function readRecord(): Recorded {
  return JSON.parse(readFileSync(RECORD, 'utf8')) as Recorded;
}

const ROWS: readonly (readonly [label: string, key: string, format: (value: number) => string])[] = [
  ['prove', 'proveMs', (v) => `${(v / 1000).toFixed(2)} s`],
  ['peak memory of the proving process', 'peakRssBytes', (v) => `${Math.round(v / 1e6)} MB`],
  ['key generation', 'keygenMs', (v) => `${(v / 1000).toFixed(2)} s`],
  ['proof', 'proofBytes', (v) => `${v} B`],
  ['verify, whole transaction', 'verifyGas', (v) => `${v.toLocaleString('en')} gas`],
  ['mint with the image on chain', 'mintGas', (v) => `${v.toLocaleString('en')} gas`],
  ['verifier, runtime code', 'verifierBytes', (v) => `${v} B`],
  ['rows', 'rows', (v) => v.toLocaleString('en')],
  ['k', 'k', String],
];

/** Key of a measure in a configuration: the mint's says that the image is kept on chain. */
export function keyOf(name: string, suffix: string): string {
  return name === 'mintGas' ? `${name}.${suffix}.onchain` : `${name}.${suffix}`;
}

const COLUMNS = ['M.fast', 'M.gas', 'S.fast', 'L64.fast', 'RGB.fast'];

/** The table between the README's markers. */
export function readmeTable({ figures }: Recorded): string {
  const header = ['', ...COLUMNS.map((suffix) => suffix.replace('.', ', '))];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = ROWS.map(([label, key, format]) => line([label, ...COLUMNS.map((suffix) => format(figures[keyOf(key, suffix)] as number))]));
  return [line(header), line(header.map(() => '---')), ...rows].join('\n');
}

const MARKED = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

/** The README with its table replaced. Throws `RangeError` when it has no place for one. */
export function withTable(readme: string, table: string): string {
  if (!MARKED.test(readme)) throw new RangeError('the README has no <!-- figures --> block');
  return readme.replace(MARKED, () => `<!-- figures -->\n${table}\n<!-- /figures -->`);
}
