/** Why a cell of a decoder circuit may have any value: which of its fixed cells are zero there, so that no gate reads it, and no copy does. */
import { type Column, usableRows } from '@pentimento/circuit';
import type { DecoderCircuit } from '@pentimento/layers';

/** Every reason, with the sentence that the kill matrix prints. */
export const INERT_REASONS = {
  blinding: 'A blinding row: the prover fills it with random values, and the fixed cells that switch the gates on are zero there.',
  last: 'The last usable row: it only ends `rho`, `omega` and `sum`, whose last step the row before makes; `step` is zero on it.',
  position:
    'No reader takes this row at a position and no public word is made of it, so every gate multiplies `pi` by zero; the layout copies nothing to it.',
  weights:
    'The row has no weight, is not summed plainly and folds nothing, so every gate multiplies `kappa` by zero; the layout copies nothing to it.',
  coefficient: 'No layer reads this row and it is not of the head, so every gate multiplies `omegaIn` by zero; the layout copies nothing to it.',
  first: 'The sum of weights before the first row: `carry` is zero in row 0, where a block begins or none is, so nothing continues it.',
  context:
    'Pose, chain id, collection and creator: no gate reads them; the transcript absorbs every public word, so a proof is for exactly these words.',
} as const;

export type InertReason = keyof typeof INERT_REASONS;

/** The reason for a cell of an advice or instance column, or undefined when the fixed columns give none. */
export function inertReason(circuit: DecoderCircuit, column: string, row: number): InertReason | undefined {
  const { ir, fixed, plan } = circuit;
  const isZero = (...names: readonly string[]) =>
    names.every((name) => {
      const values = fixed[ir.fixed.indexOf(name)] as Column | undefined;
      return values === undefined || BigInt(values[row] ?? 0) === 0n;
    });
  const usable = usableRows(ir);
  const dense = plan.slots > 1;
  const readers = plan.readers.map(({ name }) => name);
  if (ir.instances.some(({ name }) => name === column)) return row >= plan.boundWords ? 'context' : undefined;
  if (row >= usable) return 'blinding';
  if (row === usable - 1 && !['rho', 'omega', 'sum'].includes(column)) return 'last';
  if (column === 'omega') return row === 0 && isZero('carry') ? 'first' : undefined;
  if (isCopied(circuit, column, row)) return undefined;
  if (column === 'pi') {
    const positions = plan.readers.filter(({ position }) => position).map(({ name }) => name);
    return isZero(...positions, ...(dense ? ['sum', 'odd'] : [])) ? 'position' : undefined;
  }
  const weights = ir.fixed.filter((name) => /^weight\d+$/.test(name));
  const folds = ir.fixed.includes('carry') && fixed[ir.fixed.indexOf('carry')]?.[row] === 2;
  if (column === 'kappa') return !folds && isZero(...weights, ...(dense ? ['pool'] : ['sum'])) ? 'weights' : undefined;
  if (column === 'omegaIn') return isZero(...readers, 'head') ? 'coefficient' : undefined;
  return undefined;
}

function isCopied({ ir }: DecoderCircuit, column: string, row: number): boolean {
  const nameOf = (position: number) => ir.advice[ir.equality[position]?.[1] as number]?.name;
  return ir.copies.some(([i, rowI, j, rowJ]) => (rowI === row && nameOf(i) === column) || (rowJ === row && nameOf(j) === column));
}
