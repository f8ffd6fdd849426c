/**
 * Searches for cells that no constraint pins down. Every cell of a satisfied witness, the public words and the rows of the blinding
 * included, gets other values, alone and together with each other cell of its row, and something must reject. A cell that may have any
 * value at all is *inert*: no constraint reads it, so nothing depends on it. A cell that may have some other value, but not every, is
 * under-constrained: that is a fault.
 */
import { field } from '@pentimento/core';
import type { Change, Probe } from './probe.ts';

export interface Survivor {
  readonly cells: readonly { readonly column: string; readonly row: number; readonly value: bigint }[];
}

/** What became of the changes of single cells of a column. */
export interface ColumnCount {
  /** Cells that were varied. */
  readonly cells: number;
  readonly tried: number;
  readonly rejected: number;
  /** Rows on which the cell is read by nothing. */
  readonly inert: readonly number[];
  /** How often each constraint was the first that rejected. */
  readonly rejections: Readonly<Record<string, number>>;
}

export interface Search {
  readonly columns: Readonly<Record<string, ColumnCount>>;
  /** Changes of two cells of a row. */
  readonly pairs: { readonly tried: number; readonly rejections: Readonly<Record<string, number>> };
  /** Accepted changes of cells that are not inert. */
  readonly underConstrained: readonly Survivor[];
}

export interface SearchOptions {
  /** Default: every row, the blinding included. */
  readonly rows?: Iterable<number>;
}

/** A fixed element without meaning, for "any other value". */
const RANDOM = field.pow(0x70726f6265n, 7n);

export function searchFreeCells(probe: Probe, { rows = everyRow(probe) }: SearchOptions = {}): Search {
  const search = new Searcher(probe);
  for (const row of rows) search.row(row);
  return search.result();
}

/** Every `stride`-th row of the circuit, beginning at `first`. */
export function everyRow({ ir }: Probe, { stride = 1, first = 0 }: { readonly stride?: number; readonly first?: number } = {}): number[] {
  return Array.from({ length: 2 ** ir.k }, (_, row) => row).filter((row) => row % stride === first);
}

interface Tally {
  cells: number;
  tried: number;
  rejected: number;
  readonly inert: number[];
  readonly rejections: Record<string, number>;
}

class Searcher {
  readonly #probe: Probe;
  readonly #tallies: readonly Tally[];
  readonly #pairs = { tried: 0, rejections: {} as Record<string, number> };
  readonly #underConstrained: Survivor[] = [];

  constructor(probe: Probe) {
    this.#probe = probe;
    this.#tallies = probe.columns.map(() => ({ cells: 0, tried: 0, rejected: 0, inert: [], rejections: {} }));
  }

  row(row: number): void {
    const columns = this.#probe.columns.map((_, column) => column).filter((column) => row < this.#probe.height(column));
    const read = columns.filter((column) => !this.#vary(column, row));
    read.forEach((column, i) => {
      for (const other of read.slice(i + 1)) this.#varyPair(column, other, row);
    });
  }

  result(): Search {
    const columns = Object.fromEntries(this.#probe.columns.map((name, i) => [name, this.#tallies[i] as ColumnCount]));
    return { columns, pairs: this.#pairs, underConstrained: this.#underConstrained };
  }

  /** True when the cell is inert. */
  #vary(column: number, row: number): boolean {
    const tally = this.#tallies[column] as Tally;
    const changes = otherValues(this.#probe.value(column, row)).map((value) => [{ column, row, value }]);
    const accepted = changes.filter((change) => this.#accepts(change, tally.rejections));
    tally.cells++;
    tally.tried += changes.length;
    tally.rejected += changes.length - accepted.length;
    const inert = accepted.length === changes.length;
    if (inert) tally.inert.push(row);
    else for (const change of accepted) this.#report(change);
    return inert;
  }

  #varyPair(column: number, other: number, row: number): void {
    for (const [value, otherValue] of pairValues(this.#probe.value(column, row), this.#probe.value(other, row))) {
      this.#pairs.tried++;
      const changes = [
        { column, row, value },
        { column: other, row, value: otherValue },
      ];
      if (this.#accepts(changes, this.#pairs.rejections)) this.#report(changes);
    }
  }

  #accepts(changes: readonly Change[], rejections: Record<string, number>): boolean {
    const verdict = this.#probe.judge(changes);
    if (verdict === undefined) return true;
    rejections[verdict] = (rejections[verdict] ?? 0) + 1;
    return false;
  }

  #report(changes: readonly Change[]): void {
    const cells = changes.map(({ column, row, value }) => ({ column: this.#probe.columns[column] as string, row, value }));
    this.#underConstrained.push({ cells });
  }
}

/** Zero, one, the neighbours, the field's last element, the bounds of an activation and of its table, an element without meaning. */
function otherValues(value: bigint): bigint[] {
  const candidates = [0n, 1n, field.add(value, 1n), field.sub(value, 1n), field.neg(1n), 127n, 1n << 17n, RANDOM];
  return [...new Set(candidates)].filter((other) => other !== value);
}

/** Moves that keep a sum or a difference, zeros, and an exchange. */
function pairValues(a: bigint, b: bigint): (readonly [bigint, bigint])[] {
  const pairs: (readonly [bigint, bigint])[] = [
    [field.add(a, 1n), field.sub(b, 1n)],
    [field.add(a, 1n), field.add(b, 1n)],
    [0n, 0n],
    [b, a],
  ];
  return pairs.filter(([x, y]) => x !== a && y !== b);
}
