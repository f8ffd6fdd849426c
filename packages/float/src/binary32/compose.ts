/**
 * Exact counts of a binary32 decoder too large to lay out: operations are counted one by one as the decoder runs, and a row of each kind is
 * counted in a circuit that has one of each. What a row costs depends on its kind and on whether its second operand is a constant.
 */
import type { Model } from '@pentimento/layers';
import { type CircuitCounts, constraintsByRow, countCircuit } from '../count.ts';
import { compileBinary32, FIRST, KINDS, type Kind, PROGRAM_COLUMNS, type ProgramColumn, SECOND, sizeOf } from './circuit.ts';
import { recordDecoder } from './decoder.ts';
import type { Recorder, Value } from './program.ts';

/** How many rows of each kind, with a constant as the second operand and without. */
export type OperationCounts = Readonly<Record<Kind, { readonly constant: number; readonly variable: number }>>;

/** The rows of the decoder's program. */
export function countOperations(model: Model): OperationCounts {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, { constant: 0, variable: 0 }])) as Record<
    Kind,
    { constant: number; variable: number }
  >;
  const result: Value = { operation: 0 };
  const record = (kind: Kind) => (a: Value, b: Value) => {
    if ('constant' in a || 'constant' in b) counts[kind].constant++;
    else counts[kind].variable++;
    return result;
  };
  const border = (kind: Kind) => () => {
    counts[kind].variable++;
    return result;
  };
  const counter: Recorder = {
    input: border('input'),
    output: border('outputBits'),
    outputLabel: border('outputLabel'),
    constant: (value) => ({ constant: value }),
    multiply: record('multiply'),
    add: record('add'),
    maximum: record('maximum'),
    minimum: record('minimum'),
  };
  recordDecoder(model, counter);
  return counts;
}

/** Counts of rows; how many fixed columns a program has depends on which kinds and constants it uses. */
export type ComposedCounts = Omit<CircuitCounts, 'fixedColumns'>;

/** The counts that `countCircuit` gives for the compiled program. */
export function composeCounts(operations: OperationCounts): ComposedCounts {
  const forms = KINDS.flatMap((kind) => (['constant', 'variable'] as const).map((second) => ({ kind, second, rows: operations[kind][second] })));
  const fixed = Object.fromEntries(PROGRAM_COLUMNS.map((name) => [name, new Int32Array(forms.length + 1)])) as Record<ProgramColumn, Int32Array>;
  forms.forEach(({ kind, second }, i) => {
    fixed[kind][i + 1] = 1;
    fixed.constant[i + 1] = second === 'constant' ? 1 : 0;
  });
  const sample = compileBinary32({ rows: forms.length + 1, publicWords: 1, fixed, copies: [] });
  const perRow = constraintsByRow(sample, forms.length + 1);
  const total = (measure: (form: (typeof forms)[number], i: number) => number) =>
    forms.reduce((sum, form, i) => sum + form.rows * measure(form, i), 0);
  const rows = total(() => 1);
  const { degree, adviceColumns, lookupsPerRow } = countCircuit(sample, 1);
  return {
    degree,
    adviceColumns,
    lookupsPerRow,
    k: sizeOf(rows),
    rows,
    constraints: FIRST_ROW + total((_, i) => perRow[i + 1] as number),
    copies: total(({ kind, second }) => copiesOf(kind) + (hasSecond(kind) && second === 'variable' ? SECOND.length : 0)),
    adviceCells: rows * adviceColumns,
    lookups: rows * lookupsPerRow,
  };
}

/** The running sum begins at zero. */
const FIRST_ROW = 1;

const hasSecond = (kind: Kind): boolean => kind === 'multiply' || kind === 'add' || kind === 'maximum' || kind === 'minimum';

/** Copies of the first operand; arithmetic reads no label. */
function copiesOf(kind: Kind): number {
  if (kind === 'input') return 0;
  return kind === 'multiply' || kind === 'add' ? FIRST.length - 1 : FIRST.length;
}
