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

export const CONFIGURATIONS: readonly Configuration[] = [
  { suffix: 'M', model: 'nouns-m', objective: 'fast' },
  { suffix: 'M.gas', model: 'nouns-m', objective: 'gas' },
  { suffix: 'S', model: 'nouns-s', objective: 'fast' },
];

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

/** The table between the README's markers. */
export function readmeTable({ figures }: Recorded): string {
  const header = ['', 'M, fast', 'M, gas', 'S, fast'];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = ROWS.map(([label, key, format]) =>
    line([label, ...CONFIGURATIONS.map(({ suffix }) => format(figures[keyOf(key, suffix)] as number))]),
  );
  return [line(header), line(header.map(() => '---')), ...rows].join('\n');
}

const MARKED = /(<!-- figures -->\n)[\s\S]*?(\n<!-- \/figures -->)/;

export function withTable(readme: string, table: string): string {
  return readme.replace(MARKED, (_, open: string, close: string) => `${open}${table}${close}`);
}
