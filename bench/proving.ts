/**
 * `npm run bench -- proving`: where the time of a proof of preset M goes, by phase, and how many proofs a minute warm keys give; writes
 * the table and the picture of book/proving.md. Each objective is measured in a process of its own.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { withTables } from './float-vs-int8.ts';
import type { ProveFigures } from './prove.ts';
import { ROOT } from './record.ts';

const PAGE = `${ROOT}book/proving.md`;
const PICTURE = `${ROOT}book/figures/proving-phases.svg`;
const RESULTS = `${ROOT}bench/results/proving.json`;
const OBJECTIVES = ['fast', 'gas'] as const;
const PROOFS = '6';

type Results = Readonly<Record<(typeof OBJECTIVES)[number], ProveFigures>>;

/** Measures both objectives, writes page and picture, and returns the figures. */
export async function proving(): Promise<Record<string, number>> {
  const [fast, gas] = [await measured('fast'), await measured('gas')];
  await writeFile(RESULTS, `${JSON.stringify({ fast, gas }, null, 2)}\n`);
  await writeFile(PAGE, pageOf(await readFile(PAGE, 'utf8'), { fast, gas }));
  await writeFile(PICTURE, pictureOf({ fast, gas }));
  return figuresOf({ fast, gas });
}

/** Whether page and picture are those of the kept results. */
export async function checkProving(): Promise<boolean> {
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as Results;
  const page = await readFile(PAGE, 'utf8');
  return pageOf(page, results) === page && pictureOf(results) === (await readFile(PICTURE, 'utf8'));
}

async function measured(objective: string): Promise<ProveFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=2', `${ROOT}bench/prove.ts`, 'nouns-m', objective, PROOFS], {
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  return JSON.parse(stdout) as ProveFigures;
}

function figuresOf(results: Results): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const objective of OBJECTIVES) {
    const { proofsPerMinute, proveCpuMs, witnessMs, proveMs } = results[objective];
    figures[`proofsPerMinute.M.${objective}`] = Math.round(10 * proofsPerMinute) / 10;
    figures[`proveCpuMs.M.${objective}`] = Math.round(proveCpuMs);
    figures[`witnessSharePct.M.${objective}`] = Math.round((1000 * witnessMs) / (witnessMs + proveMs)) / 10;
  }
  return figures;
}

/** Phases in their order, the decoder's own run in TypeScript first. */
function phasesOf({ stagesMs, witnessMs }: ProveFigures): readonly (readonly [name: string, ms: number])[] {
  return [['decoder and witness, TypeScript', witnessMs], ...Object.entries(stagesMs)];
}

function pageOf(page: string, results: Results): string {
  const { fast, gas } = results;
  const total = (figures: ProveFigures) => phasesOf(figures).reduce((sum, [, ms]) => sum + ms, 0);
  const cell = (ms: number, figures: ProveFigures) => `${ms.toFixed(0)} ms, ${((100 * ms) / total(figures)).toFixed(0)} %`;
  const other = new Map(phasesOf(gas));
  const rows = phasesOf(fast).map(([name, ms]) => `| ${name} | ${cell(ms, fast)} | ${cell(other.get(name) ?? 0, gas)} |`);
  const row = (label: string, value: (figures: ProveFigures) => string) => `| ${label} | ${value(fast)} | ${value(gas)} |`;
  const table = [
    '| phase | fast | gas |',
    '| --- | --- | --- |',
    ...rows,
    row('together', (f) => `${total(f).toFixed(0)} ms`),
    row('processor time, both cores', (f) => `${f.proveCpuMs.toFixed(0)} ms`),
    row('proofs a minute, one at a time', (f) => f.proofsPerMinute.toFixed(1)),
    row('proofs a minute, two at a time', (f) => f.proofsPerMinuteTwoAtOnce.toFixed(1)),
  ];
  return withTables(page, { phases: table.join('\n') });
}

const COLOURS = ['#c9b458', '#8a8a8a', '#b86b4b', '#3f6f8f', '#6b4b8a', '#2f8f6f', '#a33', '#555'];
const [WIDTH, BAR, LEFT] = [760, 44, 60];

function pictureOf(results: Results): string {
  const names = [...new Set(OBJECTIVES.flatMap((objective) => phasesOf(results[objective]).map(([name]) => name)))];
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] as string;
  const longest = Math.max(...OBJECTIVES.map((objective) => phasesOf(results[objective]).reduce((sum, [, ms]) => sum + ms, 0)));
  const scale = (WIDTH - LEFT - 20) / longest;
  const bars = OBJECTIVES.flatMap((objective, i) => {
    let x = LEFT;
    const y = 20 + i * (BAR + 16);
    const parts = phasesOf(results[objective]).map(([name, ms]) => {
      const width = ms * scale;
      const part = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour(name)}"><title>${name}: ${ms.toFixed(0)} ms</title></rect>`;
      x += width;
      return part;
    });
    return [`<text x="${LEFT - 8}" y="${y + BAR / 2 + 4}" text-anchor="end">${objective}</text>`, ...parts];
  });
  const top = 20 + OBJECTIVES.length * (BAR + 16) + 12;
  const legend = names.map((name, i) => {
    const [x, y] = [LEFT + (i % 3) * 230, top + Math.floor(i / 3) * 22];
    return `<rect x="${x}" y="${y - 10}" width="12" height="12" fill="${colour(name)}"/><text x="${x + 18}" y="${y}">${name}</text>`;
  });
  const height = top + Math.ceil(names.length / 3) * 22;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<title>Phases of a proof of preset M</title><rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...bars,
    ...legend,
    '</svg>\n',
  ].join('\n');
}
