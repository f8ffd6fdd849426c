/**
 * The kills: for every gate and every class of copies a named malicious witness that this constraint alone rejects. The test and the
 * generator of the kill matrix share them.
 */
import { type Columns, type Ir, mockProve, type Node } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { compileDecoder, type DecoderCircuit } from '../src/circuit/decoder.ts';
import type { Slots } from '../src/circuit/plan.ts';
import { classExponent, elementsOf, type Forged, forge, modelFor, setValue, valueAt, withTies } from './forge.ts';

type Tamper = (columns: Columns, challenges: readonly bigint[]) => void;

export interface Kill {
  readonly id: string;
  readonly attack: string;
  readonly witness: Forged;
  readonly tamper?: Tamper;
}

export const LATENT: Uint8Array = Uint8Array.of(3, 99, 127, 0, 64, 17, 5, 80);

/** The circuit that is attacked: every pixel of its image is a tie. */
export function killCircuit(slots: Slots): DecoderCircuit {
  return compileDecoder(withTies(modelFor(slots)), { slots });
}

export function killsOf(circuit: DecoderCircuit): Kill[] {
  return [...lookups(circuit), ...coefficients(circuit), ...runningSum(circuit), ...head(circuit), ...broadcasts(circuit)];
}

/** Ids that reject the attack, and those that still reject it once its constraint is deleted: exactly the one, and none. */
export function attempt(circuit: DecoderCircuit, { id, witness, tamper }: Kill): { readonly rejectedBy: string[]; readonly without: string[] } {
  const options = { limit: 10_000, ...(tamper ? { tamper } : {}) };
  const ids = (without: ReadonlySet<string>) => [...new Set(mockProve(circuit, witness, { ...options, without }).map((failure) => failure.id))];
  return { rejectedBy: ids(new Set()), without: ids(new Set([id])) };
}

/** Ids of the circuit's gates and of its classes of copies, sorted. */
export function constraintIds(ir: Ir): string[] {
  const copies = ir.copies.map(([, , j]) => `copy/${ir.advice[ir.equality[j]?.[1] as number]?.name}`);
  return [...new Set([...ir.gates.map(({ id }) => id), ...copies])].sort();
}

/** A cell pair outside the table, made good by one of the helper columns. */
function lookups(circuit: DecoderCircuit): Kill[] {
  const e = elementsOf(circuit, 'conv1')[3] as number;
  const wrong = forge(circuit, LATENT, {
    conv1: ({ o }) => {
      o[e] = (o[e] as number) === 0 ? 1 : 0;
    },
  });
  const helpers = circuit.ir.advice.map(({ name }) => name).filter((name) => name.startsWith('helper'));
  return helpers.map((name) => ({
    id: `lookup/${name}`,
    attack: 'a wrong activation is looked up in no entry, and one helper takes the value that balances the sum',
    witness: wrong,
    tamper: (columns, [, , , epsilon]) => {
      const row = 5;
      const residual = residualOf(circuit, columns);
      nudge(columnOf(circuit, columns, name), row, field.neg(field.mul(residual, field.inv(epsilon as bigint))));
      shiftSum(circuit, columns, row, residual);
    },
  }));
}

/** A wrong public word, made good by one wrong coefficient. */
function coefficients(circuit: DecoderCircuit): Kill[] {
  const { plan, ir } = circuit;
  const wrongImage = wrongWord(circuit, plan.boundWords - 1);
  const at = (columns: Columns, name: string) => columnOf(circuit, columns, name);
  /** Adds to the cell what cancels the residual when the row's increment grows by `factor` for each unit. */
  const solve = (columns: Columns, name: string, row: number, factor: bigint): bigint => {
    const residual = residualOf(circuit, columns);
    const delta = field.neg(field.mul(residual, field.inv(factor)));
    nudge(at(columns, name), row, delta);
    shiftSum(circuit, columns, row, residual);
    return delta;
  };
  const fcRow = plan.placed.get('latent')?.baseRow as number;
  const omegaRow = ir.copies.find(([, , j, row]) => nameOf(ir, j) === 'omegaIn' && row === fcRow)?.[1] as number;
  const z = BigInt(LATENT[0] as number);
  const outputs = (columns: Columns, row: number) => Array.from({ length: plan.slots }, (_, j) => at(columns, `o${j}`)[row] as bigint);
  /** A row that is read at a position, and what a unit more of its position adds. */
  const positioned = (columns: Columns, [base]: readonly bigint[]) => {
    for (const { reader, cells } of plan.units) {
      const { position, terms } = plan.readers[reader] as { position: boolean; terms: readonly { slot: number; exponent: number }[] };
      for (const { row } of position ? cells : []) {
        const value = terms.reduce(
          (sum, t) => field.add(sum, field.mul(field.pow(base as bigint, BigInt(t.exponent)), outputs(columns, row)[t.slot] as bigint)),
          0n,
        );
        if (value !== 0n) return { row, factor: field.mul(value, at(columns, 'omegaIn')[row] as bigint) };
      }
    }
    throw new RangeError('no row is read at a position');
  };
  return [
    {
      id: 'power/first',
      attack: 'all powers are zero, so the linear identity says nothing, and the image word is wrong',
      witness: wrongImage,
      tamper: (columns, challenges) => {
        for (const name of ['rho', 'kappa', 'pi', 'omega', 'omegaIn']) at(columns, name).fill(0n);
        resum(circuit, columns, challenges);
      },
    },
    {
      id: 'power/step',
      attack: 'the powers stop after the first row, so only the first public word is bound, and an image word is wrong',
      witness: wrongImage,
      tamper: (columns, challenges) => {
        for (const name of ['rho', 'kappa', 'pi', 'omega', 'omegaIn']) at(columns, name).fill(0n);
        at(columns, 'rho')[0] = 1n;
        for (const [i, rowI, j, rowJ] of ir.copies) if (nameOf(ir, i) === 'rho' && rowI === 0) at(columns, nameOf(ir, j))[rowJ] = 1n;
        resum(circuit, columns, challenges);
      },
    },
    {
      id: 'weights/sum',
      attack: "one unit's coefficient is solved for so that a wrong image word passes",
      witness: wrongImage,
      tamper: (columns) => {
        const delta = solve(columns, 'omegaIn', fcRow, z);
        nudge(at(columns, 'omega'), omegaRow, delta);
      },
    },
    {
      id: 'copy/omegaIn',
      attack: "one cell uses another coefficient than its unit's, solved for so that a wrong image word passes",
      witness: wrongImage,
      tamper: (columns) => void solve(columns, 'omegaIn', fcRow, z),
    },
    {
      id: 'copy/pi',
      attack: 'one element stands at another position, solved for so that a wrong image word passes',
      witness: wrongImage,
      tamper: (columns, challenges) => {
        const { row, factor } = positioned(columns, challenges);
        solve(columns, 'pi', row, factor);
      },
    },
    {
      id: 'copy/kappa',
      attack: 'one pooled row counts for another channel, solved for so that a wrong image word passes',
      witness: wrongImage,
      tamper: (columns) => {
        const total = (row: number) => outputs(columns, row).reduce(field.add);
        const { row } = plan.pools.find((pool) => total(pool.row) !== 0n) as { row: number };
        solve(columns, 'kappa', row, field.neg(total(row)));
      },
    },
  ];
}

function runningSum(circuit: DecoderCircuit): Kill[] {
  const witness = wrongWord(circuit, circuit.plan.boundWords - 1);
  return [
    { id: 'sum/edge', attack: 'an image word is wrong and the sum does not end at zero', witness },
    {
      id: 'sum/edge',
      attack: 'an image word is wrong and the sum begins elsewhere so that it ends at zero',
      witness,
      tamper: (columns) => shiftSum(circuit, columns, -1, residualOf(circuit, columns)),
    },
    {
      id: 'sum/step',
      attack: 'an image word is wrong and the sum jumps back to zero on its way',
      witness,
      tamper: (columns) => shiftSum(circuit, columns, 100, residualOf(circuit, columns)),
    },
  ];
}

/** On a tie, a later class than the first maximum: its difference is positive but below one unit of h. */
function head(circuit: DecoderCircuit): Kill[] {
  const { slots } = circuit.plan;
  return Array.from({ length: slots }, (_, j) => ({
    id: `head/flag-remainder-${j}`,
    attack: `the flag of a tied pixel moves from class 0 to class ${slots + j}`,
    witness: forge(circuit, LATENT, {
      head: ({ o }) => {
        o[classExponent(circuit, 9, 0)] = 0;
        o[classExponent(circuit, 9, slots + j)] = 1;
      },
    }),
  }));
}

function broadcasts(circuit: DecoderCircuit): Kill[] {
  const { plan } = circuit;
  const { slots } = plan;
  const classes = Array.from({ length: 16 }, (_, k) => k);
  return [
    {
      id: 'copy/peak',
      attack: 'the rows of one pixel compare with different peaks, so that a class below the maximum has no difference',
      witness: forge(circuit, LATENT, {
        head: (cells) => {
          const row = (k: number) => Math.floor(classExponent(circuit, 9, k) / slots);
          const values = classes.map((k) => valueAt(circuit, cells, classExponent(circuit, 9, k)));
          for (const k of classes) {
            const inRow = classes.filter((c) => row(c) === row(k));
            const least = Math.min(...inRow.map((c) => values[c] as number));
            const drop = row(k) === row(7) ? least : least - 1;
            setValue(circuit, cells, classExponent(circuit, 9, k), (values[k] as number) - drop);
            cells.peak[row(k)] = (cells.peak[row(k)] as number) - (inRow[0] === k ? drop : 0);
            cells.o[classExponent(circuit, 9, k)] = Number(values[k] === drop);
          }
        },
      }),
    },
    {
      id: 'copy/peak',
      attack: 'one row of a channel takes another branch value',
      witness: forge(circuit, LATENT, {
        conv2: (cells) => {
          const row = Math.floor((elementsOf(circuit, 'conv2')[10] as number) / slots);
          cells.peak[row] = (cells.peak[row] as number) + 500;
          for (let s = 0; s < slots; s++) {
            const e = slots * row + s;
            setValue(circuit, cells, e, valueAt(circuit, cells, e) + 500);
            cells.o[e] = Math.min(127, Math.max(0, (cells.h[e] as number) - plan.tables.zero));
          }
        },
      }),
    },
  ];
}

function wrongWord(circuit: DecoderCircuit, index: number): Forged {
  const forged = forge(circuit, LATENT);
  return { ...forged, instances: forged.instances.map((words) => words.map((word, i) => (i === index ? word ^ (1n << 240n) : word))) };
}

function nameOf(ir: Ir, equalityIndex: number): string {
  return ir.advice[ir.equality[equalityIndex]?.[1] as number]?.name as string;
}

function columnOf({ ir }: DecoderCircuit, columns: Columns, name: string): bigint[] {
  return columns.advice[ir.advice.findIndex((c) => c.name === name)] as bigint[];
}

function nudge(column: bigint[], row: number, delta: bigint): void {
  column[row] = field.add(column[row] as bigint, delta);
}

/** What the running sum ends at. */
function residualOf(circuit: DecoderCircuit, columns: Columns): bigint {
  return columnOf(circuit, columns, 'sum')[circuit.usable - 1] as bigint;
}

/** Takes `amount` off the sum after `row`. */
function shiftSum(circuit: DecoderCircuit, columns: Columns, row: number, amount: bigint): void {
  const sum = columnOf(circuit, columns, 'sum');
  for (let i = row + 1; i < circuit.usable; i++) nudge(sum, i, field.neg(amount));
}

/** Evaluates the running sum again from its own definition. */
function resum(circuit: DecoderCircuit, columns: Columns, challenges: readonly bigint[]): void {
  const { ir, usable } = circuit;
  const sum = columnOf(circuit, columns, 'sum');
  const definition = ir.definitions.find((d) => d.kind === 'recurrence' && ir.advice[d.column]?.name === 'sum');
  if (definition?.kind !== 'recurrence') throw new RangeError('the sum has no definition');
  const constant = new Map<number, bigint>();
  const isConstant = ir.nodes.map((n) => n[0] === 'const' || n[0] === 'challenge');
  ir.nodes.forEach((n, i) => {
    if (n[0] === 'neg') isConstant[i] = isConstant[n[1]] as boolean;
    if (n[0] === 'add' || n[0] === 'mul') isConstant[i] = (isConstant[n[1]] && isConstant[n[2]]) as boolean;
  });
  const at = (index: number, row: number): bigint => {
    const known = constant.get(index);
    if (known !== undefined) return known;
    const value = compute(ir.nodes[index] as Node, row);
    if (isConstant[index]) constant.set(index, value);
    return value;
  };
  const compute = (node: Node, row: number): bigint => {
    if (node[0] === 'const') return BigInt(node[1]);
    if (node[0] === 'challenge') return challenges[node[1]] as bigint;
    if (node[0] === 'neg') return field.neg(at(node[1], row));
    if (node[0] === 'add') return field.add(at(node[1], row), at(node[2], row));
    if (node[0] === 'mul') return field.mul(at(node[1], row), at(node[2], row));
    return columns[node[0]][node[1]]?.[row + node[2]] as bigint;
  };
  sum[0] = 0n;
  for (let row = 0; row < usable - 1; row++) sum[row + 1] = field.add(sum[row] as bigint, at(definition.add, row));
}
