/** `pentimento cost`: what every layout of a model's circuit costs, before any key exists. */
import { OBJECTIVES } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import { type Candidate, type Cost, chooseLayout, paretoFront, searchLayouts } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import type { Declare } from '../command.ts';
import { EXIT } from '../exit.ts';

const COLUMNS: readonly (readonly [title: string, cell: (cost: Cost) => string])[] = [
  ['k', ({ k }) => String(k)],
  ['slots', ({ slots }) => String(slots)],
  ['rows', ({ rows }) => String(rows)],
  ['advice', ({ adviceColumns }) => String(adviceColumns)],
  ['fixed', ({ fixedColumns }) => String(fixedColumns)],
  ['lookups', ({ lookups }) => String(lookups)],
  ['proof', ({ proofBytes }) => `${proofBytes} B`],
  ['prove', ({ proveMs }) => `${(proveMs / 1000).toFixed(1)} s`],
  ['memory', ({ memoryBytes }) => `${Math.round(memoryBytes / 1e6)} MB`],
  ['verify', ({ verifyGas }) => `${verifyGas.toLocaleString('en')} gas`],
];

export function costCommand(command: Declare): void {
  command('cost [model]', 'the layouts of a model and what they cost, before any key exists', async (output, name: string | undefined) => {
    const candidates = searchLayouts(await loadModel(modelFolder(name ?? 'nouns-m')));
    const chosen = Object.fromEntries(OBJECTIVES.map((objective) => [objective, chooseLayout(candidates, objective)]));
    const front = paretoFront(candidates);
    const result = { layouts: front.map(({ cost }) => cost), ...Object.fromEntries(Object.entries(chosen).map(([o, { cost }]) => [o, cost])) };
    output.result(result, table(front, chosen));
    return EXIT.ok;
  });
}

/** Columns, advice, fixed, lookups and proof are exact; the last three are estimates. */
function table(front: readonly Candidate[], chosen: Readonly<Record<string, Candidate>>): string {
  const rows = front.map((candidate) => [
    ...COLUMNS.map(([, cell]) => cell(candidate.cost)),
    Object.keys(chosen)
      .filter((objective) => chosen[objective] === candidate)
      .join(', '),
  ]);
  const lines = [[...COLUMNS.map(([title]) => title), 'objective'], ...rows];
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length))) as number[];
  return lines.map((line) => line.map((cell, i) => cell.padStart(widths[i] as number)).join('  ')).join('\n');
}
