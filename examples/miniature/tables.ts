/** Tables of a compiled decoder with one triple of cells a row: what stands in its rows, and what its equations amount to. */
import { mockProve } from '../../packages/circuit/src/index.ts';
import { field } from '../../packages/core/src/index.ts';
import type { Cells, DecoderCircuit, DecoderWitness } from '../../packages/layers/src/index.ts';

export interface Table {
  readonly name: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | bigint)[])[];
}

/** Stands for the challenge `b`, which in a proof is a random field element; theta, beta and epsilon play no part in the tables. */
const B = 10n;
const CHALLENGES = [B, 2n, 3n, 5n];

/** Phase-1 columns by name, with `b = 10`; a value is the integer of least size that stands for the field element. */
export type Coefficients = ReadonlyMap<string, readonly bigint[]>;

export function coefficientsOf(circuit: DecoderCircuit, witness: DecoderWitness): Coefficients {
  const { ir } = circuit;
  let columns: readonly bigint[][] = [];
  mockProve(circuit, witness, {
    challenges: CHALLENGES,
    tamper: ({ advice }) => {
      columns = advice.map((column) => column.map(centred));
    },
  });
  return new Map(ir.advice.flatMap(({ name, phase }, i) => (phase === 1 ? [[name, columns[i] as bigint[]] as const] : [])));
}

const centred = (value: bigint): bigint => (2n * value > field.R ? value - field.R : value);

export function tableText({ head, rows: body }: Table): string {
  const line = (cells: readonly unknown[]) => `| ${cells.join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...body].map(line).join('');
}

/** Which rows a tensor has. */
export function rows({ plan }: DecoderCircuit): Table {
  const tensors = [...plan.placed.values()].map(({ node, baseRow, grid }) => [`${baseRow} .. ${baseRow + grid.rows - 1}`, `\`${node.id}\``] as const);
  const bound = plan.boundWords - 1;
  return {
    name: 'rows',
    head: ['rows', 'what'],
    rows: [[`0 .. ${bound}`, 'public words'], [`${bound + 1} .. ${plan.instanceCount - 1}`, 'context words'], ...tensors],
  };
}

/** Accumulators of a layer, as its cells and fixed columns give them. */
export function outputs({ plan }: DecoderCircuit, { h, r, o }: Cells, id: string): Table {
  const { zero } = plan.tables;
  return {
    name: id,
    head: ['row', 'scale', 'constant', 'accumulator', 'h - zero', 'h', 'r', 'o'],
    rows: rowsOf(plan, id).map((row) => {
      const scale = plan.scale[row] as number;
      const high = (h[row] as number) - zero;
      const accumulator = scale * high + (r[row] as number) - scale / 2;
      return [row, scale, plan.constant[row] as number, accumulator, high, h[row] as number, r[row] as number, o[row] as number];
    }),
  };
}

/** The fixed cells that hold weights, and the running sum that they make. */
export function weightRows({ blocks }: DecoderCircuit, coefficients: Coefficients): Table {
  return {
    name: 'weights',
    head: ['row', 'unit', 'kappa', 'carry', 'weight0 .. weight3', 'omega in the next row'],
    rows: blocks.flatMap(({ unit, first, rows: lines }) =>
      lines.map(({ kappaRow, weights }, i) => {
        const omega = coefficients.get('omega')?.[first + i + 1] as bigint;
        return [first + i, unitName(unit), `b^${kappaRow}`, Math.min(i, 1), [...(weights ?? [])].join(', '), omega];
      }),
    ),
  };
}

/** Coefficients beside the latent and the fully connected layer. */
export function positions({ plan }: DecoderCircuit, coefficients: Coefficients): Table {
  const names = ['rho', 'kappa', 'pi', 'omegaIn'];
  const at = (row: number) => names.map((name) => coefficients.get(name)?.[row] as bigint);
  const all = [...rowsOf(plan, 'latent'), ...rowsOf(plan, 'fc')];
  return { name: 'coefficients', head: ['row', ...names], rows: all.map((row) => [row, ...at(row)]) };
}

/** Equation by equation, and all of them at once at `b = 10`. */
export function identity({ plan, blocks }: DecoderCircuit, { h, r, o }: Cells, coefficients: Coefficients): Table {
  const exponents = [...rowsOf(plan, 'fc'), ...rowsOf(plan, 'head')];
  const left = (row: number) => BigInt((plan.scale[row] as number) * (h[row] as number) + (r[row] as number) + (plan.constant[row] as number));
  const right = new Map(exponents.map((e) => [e, { value: 0n, text: [] as string[] }]));
  for (const { unit } of blocks) {
    for (const { row, piRow } of unit.cells) {
      for (const { exponent, weights } of unit.lines) {
        weights.forEach((weight, j) => {
          const equation = right.get(exponent + j + piRow) as { value: bigint; text: string[] };
          equation.value -= BigInt(weight) * BigInt(o[row] as number);
          equation.text.push(`${-weight}*${o[row]}`);
        });
      }
    }
  }
  const equations = exponents.map((e) => {
    const { value, text } = right.get(e) as { value: bigint; text: string[] };
    return [e, `${plan.scale[e]}*${h[e]} + ${r[e]} ${signed(plan.constant[e] as number)}`, left(e), text.join(' + '), value] as const;
  });
  const total = (side: (e: number) => bigint) => exponents.reduce((sum, e) => sum + B ** BigInt(e) * side(e), 0n);
  const sums = ['all', 'sum of 10^e times the left', total(left), 'sum of omega * pi * o, negated', -inputSum({ plan, o, coefficients })] as const;
  return { name: 'identity', head: ['e', 'scale*h + r + constant', 'left', 'weights * inputs', 'right'], rows: [...equations, sums] };
}

/** What inputs add to the running sum: each element times its position and its unit's coefficient. */
function inputSum({ plan, o, coefficients }: { plan: DecoderCircuit['plan']; o: Int32Array; coefficients: Coefficients }): bigint {
  const [pi, omegaIn] = ['pi', 'omegaIn'].map((name) => coefficients.get(name) as readonly bigint[]) as [readonly bigint[], readonly bigint[]];
  const inputs = [...rowsOf(plan, 'latent'), ...rowsOf(plan, 'fc')];
  return inputs.reduce((sum, row) => sum + (omegaIn[row] as bigint) * (pi[row] as bigint) * BigInt(o[row] as number), 0n);
}

export function words({ instances }: DecoderWitness): Table {
  const names = ['latent', 'image', 'pose', 'chain id', 'collection', 'creator'];
  const hex = (word: bigint, i: number) => (i < 2 ? `\`0x${word.toString(16).padStart(62, '0')}\`` : `${word}`);
  return {
    name: 'words',
    head: ['row', 'word', 'value'],
    rows: (instances[0] as readonly bigint[]).map((word, i) => [i, names[i] as string, hex(word, i)]),
  };
}

/** Entries of the lookup table that some row uses, and how often. */
export function lookups({ plan }: DecoderCircuit, { advice }: DecoderWitness): Table {
  const counts = advice.at(-1) as Int32Array;
  const used = plan.tables.entries.flatMap((entry, row) => ((counts[row] as number) > 0 ? [[row, ...entry, counts[row] as number]] : []));
  return { name: 'lookups', head: ['row', 'tableValue', 'tableOutput', 'tableTag', 'multiplicity'], rows: used };
}

function rowsOf({ placed }: DecoderCircuit['plan'], id: string): number[] {
  const { baseRow, grid } = placed.get(id) as { baseRow: number; grid: { rows: number } };
  return Array.from({ length: grid.rows }, (_, i) => baseRow + i);
}

function unitName({ source, cells }: DecoderCircuit['blocks'][number]['unit']): string {
  return cells.length === 1 ? `\`${source}\`, row ${cells[0]?.row}` : `\`${source}\`, rows ${cells[0]?.row} .. ${cells.at(-1)?.row}`;
}

function signed(value: number): string {
  return value < 0 ? `- ${-value}` : `+ ${value}`;
}
