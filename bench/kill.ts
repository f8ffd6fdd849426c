/**
 * `npm run kill`: the kill matrix, `book/kill-matrix.md`, and its data in `bench/results/kill.json`. First half: every constraint with the
 * attack that it alone rejects. Second half: cells of satisfied circuits given other values, and what rejected them. `--check` repeats the
 * attacks, compares every circuit with the digest of the one that was searched, and the page with its data. `--rows=<n>` searches at most
 * so many rows of each kind in every circuit, for a machine that is busy; the page says how many were searched.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { everyRow, INERT_REASONS, inertReason, Probe, type Search, type Survivor, searchFreeCells } from '../packages/audit/src/index.ts';
import { usableRows } from '../packages/circuit/src/index.ts';
import { compileDecoder, type DecoderCircuit, decoderWitness, type Layer, type Model, type Slots } from '../packages/layers/src/index.ts';
import { context, modelFor, SLOTS } from '../packages/layers/test/forge.ts';
import { attempt, constraintIds, killCircuit, killsOf } from '../packages/layers/test/kills.ts';
import { everyLayer, latentOf, modelOf } from '../packages/layers/test/zoo.ts';
import { type Figures, RECORD, ROOT, readRecord } from './record.ts';

const RESULTS = `${ROOT}bench/results/kill.json`;
const PAGE = `${ROOT}book/kill-matrix.md`;

/** Rows of each region that are searched in the models with every layer; the small model is searched on every row. */
const ROWS_OF_A_REGION = 6;

interface Subject {
  readonly name: string;
  readonly model: (slots: Slots) => Model;
  readonly rowsOfARegion: number;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'small decoder', model: (slots) => modelFor(slots), rowsOfARegion: Number.POSITIVE_INFINITY },
  { name: 'every layer, palette head', model: () => modelOf(everyLayer('paletteArgmax')), rowsOfARegion: ROWS_OF_A_REGION },
  { name: 'every layer, RGB head', model: () => modelOf(everyLayer('rgb')), rowsOfARegion: ROWS_OF_A_REGION },
];

interface Attack {
  readonly id: string;
  readonly slots: Slots;
  readonly attack: string;
  /** Rejected by this constraint alone, and accepted without it. */
  readonly killed: boolean;
}

/** What became of the changes of one class of cells: the columns of one name, in the rows of one kind. */
interface CellClass {
  readonly region: string;
  readonly column: string;
  cells: number;
  tried: number;
  rejected: number;
  inert: Record<string, number>;
  rejections: Record<string, number>;
}

interface Searched {
  readonly subject: string;
  readonly slots: Slots;
  readonly k: number;
  readonly rows: number;
  readonly digest: string;
  readonly classes: readonly CellClass[];
  readonly pairs: { readonly tried: number; readonly rejected: number };
  readonly underConstrained: readonly Survivor[];
  /** Inert cells for which the fixed columns give no reason. */
  readonly unexplained: readonly string[];
}

interface Results {
  readonly constraints: readonly string[];
  readonly attacks: readonly Attack[];
  /** Constraints of a layout for which there is no attack. */
  readonly withoutAttack: readonly string[];
  readonly searches: readonly Searched[];
}

function main(): void {
  if (process.argv.includes('--check')) {
    const complaints = existsSync(RESULTS) ? check(JSON.parse(readFileSync(RESULTS, 'utf8')) as Results) : ['there is no record'];
    for (const complaint of complaints) console.error(complaint);
    if (complaints.length > 0) console.error('Run `npm run kill` to make the kill matrix again.');
    process.exitCode = complaints.length > 0 ? 1 : 0;
    return;
  }
  const limit = rowLimit(process.argv);
  const searches = SUBJECTS.flatMap((subject) =>
    SLOTS.map((slots) => search({ ...subject, rowsOfARegion: Math.min(limit, subject.rowsOfARegion) }, slots)),
  );
  const results: Results = { ...attackAll(), searches };
  mkdirSync(`${ROOT}bench/results`, { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, pageOf(results));
  const recorded = readRecord();
  const figures = Object.entries({ ...recorded.figures, ...figuresOf(results) }).sort(([a], [b]) => a.localeCompare(b));
  writeFileSync(RECORD, `${JSON.stringify({ ...recorded, figures: Object.fromEntries(figures) }, null, 2)}\n`);
  console.log(JSON.stringify(figuresOf(results)));
  process.exitCode = survivorsOf(results).length > 0 ? 1 : 0;
}

function rowLimit(argv: readonly string[]): number {
  const option = argv.find((argument) => argument.startsWith('--rows='))?.slice('--rows='.length);
  if (option === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,5}$/.test(option)) throw new Error(`Expected --rows= with a number of rows from 1 to 999999, got ${option.slice(0, 20)}.`);
  return Number(option);
}

/** What differs from the record, in sentences. */
function check(recorded: Results): string[] {
  const complaints = survivorsOf(recorded);
  const { constraints, attacks, withoutAttack } = attackAll();
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (!same([constraints, attacks, withoutAttack], [recorded.constraints, recorded.attacks, recorded.withoutAttack]))
    complaints.push('The constraints and their attacks differ from the recorded ones.');
  for (const { name, model } of SUBJECTS) {
    for (const slots of SLOTS) {
      const found = recorded.searches.find((s) => s.subject === name && s.slots === slots);
      if (found?.digest !== digestOf(compileDecoder(model(slots), { slots })))
        complaints.push(`The circuit "${name}" with ${slots} slots is not the one that was searched.`);
    }
  }
  if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== pageOf(recorded))
    complaints.push('book/kill-matrix.md differs from bench/results/kill.json.');
  return complaints;
}

function attackAll(): Pick<Results, 'constraints' | 'attacks' | 'withoutAttack'> {
  const layouts = SLOTS.map((slots) => ({ slots, circuit: killCircuit(slots) }));
  const attacks = layouts.flatMap(({ slots, circuit }) =>
    killsOf(circuit).map((kill): Attack => {
      const { rejectedBy, without } = attempt(circuit, kill);
      return { id: kill.id, slots, attack: kill.attack, killed: rejectedBy.join() === kill.id && without.length === 0 };
    }),
  );
  const ids = layouts.map(({ slots, circuit }) => ({ slots, ids: constraintIds(circuit.ir) }));
  const attacked = (id: string, slots: Slots) => attacks.some((a) => a.id === id && a.slots === slots);
  return {
    constraints: [...new Set(ids.flatMap((layout) => layout.ids))].sort(),
    attacks,
    withoutAttack: ids.flatMap((layout) => layout.ids.filter((id) => !attacked(id, layout.slots)).map((id) => `${id} with ${layout.slots} slots`)),
  };
}

function search({ name, model: modelOfSlots, rowsOfARegion }: Subject, slots: Slots): Searched {
  const model = modelOfSlots(slots);
  const circuit = compileDecoder(model, { slots });
  const probe = new Probe(circuit, decoderWitness(circuit, latentOf(model), context));
  const classes = new Map<string, CellClass>();
  const underConstrained: Survivor[] = [];
  const unexplained: string[] = [];
  const count = { rows: 0, tried: 0, rejected: 0 };
  for (const [region, all] of regionsOf(circuit, everyRow(probe))) {
    const rows = thinned(all, rowsOfARegion);
    const found = searchFreeCells(probe, { rows });
    count.rows += rows.length;
    count.tried += found.pairs.tried;
    count.rejected += total(found.pairs.rejections);
    underConstrained.push(...found.underConstrained);
    unexplained.push(...addClasses(classes, region, circuit, found));
  }
  process.stderr.write(`${name}, ${slots} slots: ${count.rows} rows, ${underConstrained.length + unexplained.length} survivors\n`);
  const { rows, ...pairs } = count;
  return {
    subject: name,
    slots,
    k: circuit.ir.k,
    rows,
    digest: digestOf(circuit),
    classes: [...classes.values()],
    pairs,
    underConstrained,
    unexplained,
  };
}

/** Adds the counts of a region's columns; returns the inert cells without a reason. */
function addClasses(classes: Map<string, CellClass>, region: string, circuit: DecoderCircuit, { columns }: Search): string[] {
  const unexplained: string[] = [];
  for (const [name, counted] of Object.entries(columns)) {
    if (counted.cells === 0) continue;
    const column = name.replace(/\d+$/, '');
    const key = `${region} ${column}`;
    const into = classes.get(key) ?? { region, column, cells: 0, tried: 0, rejected: 0, inert: {}, rejections: {} };
    classes.set(key, into);
    into.cells += counted.cells;
    into.tried += counted.tried;
    into.rejected += counted.rejected;
    for (const [id, times] of Object.entries(counted.rejections)) into.rejections[id] = (into.rejections[id] ?? 0) + times;
    for (const row of counted.inert) {
      const reason = inertReason(circuit, name, row);
      if (reason) into.inert[reason] = (into.inert[reason] ?? 0) + 1;
      else unexplained.push(`${name} in row ${row} (${region})`);
    }
  }
  return unexplained;
}

/** Rows by what they hold: public words, tensors by their layer's kind, nothing, blinding. */
function regionsOf(circuit: DecoderCircuit, rows: readonly number[]): Map<string, number[]> {
  const { plan, ir } = circuit;
  const names = new Map<number, string>();
  for (let row = 0; row < plan.instanceCount; row++) names.set(row, 'public words');
  for (const [id, { baseRow, grid }] of plan.placed) {
    for (let row = baseRow; row < baseRow + grid.rows; row++) names.set(row, kindOf(plan.model, id));
  }
  const regions = new Map<string, number[]>();
  for (const row of rows) {
    const empty = row < usableRows(ir) ? 'rows without outputs' : 'blinding';
    const region = names.get(row) ?? empty;
    regions.set(region, [...(regions.get(region) ?? []), row]);
  }
  return regions;
}

/** Tensors that the compiler adds to a layer are named `layer/part`. */
function kindOf({ manifest }: Model, id: string): string {
  if (id === 'latent') return 'latent';
  const [layerId, part] = id.split('/');
  const layer = manifest.layers.find((l) => l.id === layerId) as Layer;
  if (part === 'one') return 'ones';
  if (part === 'branch') return 'channel bias';
  if (part?.startsWith('copy') || part === 'spread') return 'copies';
  const activation = 'activation' in layer && layer.activation ? `, ${layer.activation}` : '';
  if (layer.op !== 'conv2d') return `${layer.op}${activation}`;
  const { kernel = 3, stride = 1, upsample = 1, padding = 'same' } = layer;
  return `conv2d ${kernel}x${kernel}, stride ${stride}, upsample ${upsample}, ${padding}${activation}`;
}

/** At most `count` elements at equal distances, the first and (of two and more) the last among them. */
function thinned<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))] as T);
}

/** Of everything that the search depends on. */
function digestOf({ ir, fixed }: DecoderCircuit): string {
  const hash = createHash('sha256').update(JSON.stringify(ir));
  for (const column of fixed) hash.update(Array.from(column, String).join());
  return hash.digest('hex');
}

/** Faults in sentences; none in a sound circuit. */
function survivorsOf({ attacks, withoutAttack, searches }: Results): string[] {
  return [
    ...attacks
      .filter(({ killed }) => !killed)
      .map(({ id, slots, attack }) => `The attack on ${id} with ${slots} slots has another outcome: ${attack}.`),
    ...withoutAttack.map((id) => `There is no attack on ${id}.`),
    ...searches.flatMap(({ subject, slots, underConstrained, unexplained }) => [
      ...underConstrained.map(
        ({ cells }) => `Under-constrained in "${subject}", ${slots} slots: ${cells.map((c) => `${c.column}[${c.row}]`).join(', ')}.`,
      ),
      ...unexplained.map((cell) => `Inert without a reason in "${subject}", ${slots} slots: ${cell}.`),
    ]),
  ];
}

function figuresOf(results: Results): Figures {
  return {
    killMatrixConstraints: results.constraints.length,
    killSurvivorsUnexplained: survivorsOf(results).length,
    underConstrainedCells: results.searches.reduce((sum, { underConstrained }) => sum + underConstrained.length, 0),
  };
}

function pageOf(results: Results): string {
  const { killMatrixConstraints, killSurvivorsUnexplained, underConstrainedCells } = figuresOf(results);
  return `# Kill matrix

Made by \`npm run kill\` (bench/kill.ts); \`npm run verify\` checks that it is of the present circuits. ${killMatrixConstraints} constraints, ${killSurvivorsUnexplained} unexplained survivors, ${underConstrainedCells} under-constrained cells.
The constraints are those of [circuit](circuit.md).

## Every constraint has its attack

A malicious witness for each constraint and each layout of the tests' small decoder: the circuit rejects it with exactly this id, and accepts it once the constraint is deleted. So no constraint is redundant, and there are no equivalents to explain.

${attackTable(results)}

## Every cell is held

The honest witness satisfies the circuit. Each cell then gets up to eight other values (zero, one, one more, one less, the field's last element, 127, 2^17, an element without meaning), alone, and together with each other cell of its row that is not inert (a sum kept, a difference kept, both zero, exchanged).
Columns after the challenges follow their definitions, unless one of their cells is the one that is changed. Public words and blinding rows are cells like others. A change that is accepted is a fault, unless its cell is *inert*: then it may have every value, and the reason is listed below.

The table says how many rows of each circuit were searched: of each kind of rows below all, or some at equal distances. What the search does not try: changes of three and more cells, and of two cells in different rows.

${searchTable(results.searches)}

### By layer and column

Rejected of tried changes of single cells, over all circuits; the difference is inert cells, counted in brackets. Columns with a number are taken together: \`h\` stands for \`h0\`, \`h1\` and so on.

${classTable(results.searches)}

### What rejects

The constraint that was found to reject first, copies before gates, by the column of the changed cell.

${rejectionTable(results.searches)}

### Inert cells

${inertTable(results.searches)}

Equal entries of the lookup table are one entry: a multiplicity may be split between their rows, which the search of single rows does not show and which changes nothing, because only the sum counts.
Likewise \`h\` and \`o\` of a row without outputs may be any entry of the table when two multiplicities follow: the row has no scale, and no reader names it.
`;
}

function attackTable({ constraints, attacks }: Results): string {
  const rows = constraints.flatMap((id) => {
    const texts = [...new Set(attacks.filter((a) => a.id === id).map(({ attack }) => attack.replace(/class \d+$/, 'a later class')))];
    return texts.map((attack) => {
      const outcome = SLOTS.map((slots) => {
        const own = attacks.filter((a) => a.id === id && a.slots === slots && a.attack.replace(/class \d+$/, 'a later class') === attack);
        if (own.length === 0) return '-';
        return own.every(({ killed }) => killed) ? 'killed' : '**survives**';
      });
      return [`\`${id}\``, attack, ...outcome];
    });
  });
  return table(['Constraint', 'Attack', ...SLOTS.map((slots) => `${slots} slot${slots > 1 ? 's' : ''}`)], rows);
}

function searchTable(searches: readonly Searched[]): string {
  const rows = searches.map(({ subject, slots, k, rows: searched, classes, pairs, underConstrained }) => {
    const sum = (pick: (c: CellClass) => number) => classes.reduce((all, c) => all + pick(c), 0);
    return [
      subject,
      slots,
      `${searched} of ${2 ** k}`,
      sum((c) => c.cells),
      sum((c) => c.tried),
      sum((c) => c.rejected),
      sum((c) => total(c.inert)),
      pairs.tried,
      pairs.rejected,
      underConstrained.length,
    ];
  });
  return table(['Circuit', 'Slots', 'Rows', 'Cells', 'Changes', 'rejected', 'Inert cells', 'Pairs', 'rejected', 'Under-constrained'], rows);
}

function classTable(searches: readonly Searched[]): string {
  const all = searches.flatMap(({ classes }) => classes);
  const columns = [...new Set(all.map(({ column }) => column))];
  const regions = [...new Set(all.map(({ region }) => region))].sort();
  const cell = (region: string, column: string) => {
    const own = all.filter((c) => c.region === region && c.column === column);
    if (own.length === 0) return '';
    const [rejected, tried, inert] = [own.map((c) => c.rejected), own.map((c) => c.tried), own.map((c) => total(c.inert))].map((v) =>
      v.reduce((a, b) => a + b),
    );
    return `${rejected}/${tried}${inert ? ` (${inert})` : ''}`;
  };
  return table(
    ['Rows of', ...columns.map((c) => `\`${c}\``)],
    regions.map((region) => [region, ...columns.map((column) => cell(region, column))]),
  );
}

function rejectionTable(searches: readonly Searched[]): string {
  const all = searches.flatMap(({ classes }) => classes);
  const columns = [...new Set(all.map(({ column }) => column))];
  return table(
    ['Changed', 'Rejected by'],
    columns.map((column) => {
      const counts: Record<string, number> = {};
      for (const { rejections } of all.filter((c) => c.column === column))
        for (const [id, times] of Object.entries(rejections)) counts[id] = (counts[id] ?? 0) + times;
      const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
      return [`\`${column}\``, sorted.map(([id, times]) => `\`${id}\` ${times}`).join(', ')];
    }),
  );
}

function inertTable(searches: readonly Searched[]): string {
  const all = searches.flatMap(({ classes }) => classes);
  const rows = Object.entries(INERT_REASONS).map(([reason, sentence]) => {
    const own = all.filter(({ inert }) => inert[reason] !== undefined);
    const columns = [...new Set(own.map(({ column }) => column))];
    const shown = columns.length > 4 ? 'all others' : columns.map((c) => `\`${c}\``).join(', ');
    return [shown, own.reduce((sum, { inert }) => sum + (inert[reason] as number), 0), sentence];
  });
  return table(['Column', 'Cells', 'Why any value is accepted'], rows);
}

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}

main();
