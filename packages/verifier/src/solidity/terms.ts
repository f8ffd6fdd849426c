/**
 * Prints the identities as Yul. Every term is computed once: a term with several uses is kept in memory, in a slot that is given back
 * after its last use; the trees between such terms run in a few registers, the deeper operand first (Sethi and Ullman 1970).
 */
import { field } from '@pentimento/core';
import type { Identities, Term } from '../identities.ts';
import { hex, load, type Memory } from './memory.ts';

/** More registers than this do not fit the EVM's reachable stack beside the stage's own variables. */
const MAX_REGISTERS = 6;

interface Operand {
  readonly text: string;
  /** Kept terms that the text reads. */
  readonly reads: readonly number[];
}

export interface PrintedTerms {
  /** Yul statements; they assign `acc` and use `r`, `y` and `t0 ..`. */
  readonly lines: readonly string[];
  readonly registers: number;
}

/** `address` gives the memory address of a named value. */
export function printIdentities(identities: Identities, address: (name: string) => number, memory: Memory): PrintedTerms {
  const printer = new Printer(identities, address, memory);
  printer.challengeTerms();
  for (const [position, { id, term }] of identities.list.entries()) printer.identity(id, term, position === 0);
  return { lines: printer.lines, registers: printer.registers };
}

class Printer {
  readonly lines: string[] = [];
  registers = 1;
  private readonly terms: readonly Term[];
  private readonly address: (name: string) => number;
  private readonly memory: Memory;
  /** Reads of each term that are still to be printed. */
  private readonly uses: number[];
  private readonly kept: boolean[];
  private readonly depth: number[];
  private readonly slot = new Map<number, number>();
  private readonly free: number[] = [];

  constructor({ terms, list }: Identities, address: (name: string) => number, memory: Memory) {
    this.terms = terms;
    this.address = address;
    this.memory = memory;
    this.uses = countUses(
      terms,
      list.map((identity) => identity.term),
    );
    this.kept = terms.map((term, i) => isKept(term, this.uses[i] as number));
    this.depth = this.registerDepths();
  }

  /** Kept terms of challenges and constants alone, before any gate. */
  challengeTerms(): void {
    const constant: boolean[] = [];
    this.terms.forEach((term, i) => {
      const operands = term.slice(1) as number[];
      if (term[0] === 'const') constant[i] = true;
      else if (term[0] === 'value') constant[i] = /^c\d+$/.test(term[1]);
      else constant[i] = operands.every((operand) => constant[operand]);
    });
    if (!this.kept.some((kept, i) => kept && constant[i])) return;
    this.lines.push('// terms of challenges and constants alone');
    this.terms.forEach((_, i) => {
      if (this.kept[i] && constant[i]) this.keep(i);
    });
  }

  identity(id: string, term: number, first: boolean): void {
    this.lines.push(`// gate ${id}`);
    this.keepOperands(term);
    if (this.kept[term]) this.keep(term);
    const operand = this.compute(term, 0);
    this.lines.push(first ? `acc := ${operand.text}` : `acc := addmod(mulmod(acc, y, r), ${operand.text}, r)`);
    this.release(operand);
  }

  /** Registers that each term's tree needs, kept terms counting as leaves; a tree too deep keeps one of its operands. */
  private registerDepths(): number[] {
    const depth: number[] = [];
    const seen = (i: number) => (this.kept[i] ? 0 : (depth[i] as number));
    this.terms.forEach((term, i) => {
      if (term[0] === 'const' || term[0] === 'value') depth.push(0);
      else if (term[0] === 'neg') depth.push(seen(term[1]));
      else {
        if (seen(term[1]) === MAX_REGISTERS && seen(term[2]) === MAX_REGISTERS) this.kept[term[2]] = true;
        const [a, b] = [seen(term[1]), seen(term[2])];
        depth.push(a === b ? a + 1 : Math.max(a, b));
      }
      this.registers = Math.max(this.registers, depth[i] as number);
    });
    return depth;
  }

  private keepOperands(i: number): void {
    const term = this.terms[i] as Term;
    if (term[0] === 'const' || term[0] === 'value') return;
    for (const operand of term.slice(1) as number[]) {
      if (this.slot.has(operand)) continue;
      if (this.kept[operand]) this.keep(operand);
      else this.keepOperands(operand);
    }
  }

  private keep(i: number): void {
    if (this.slot.has(i)) return;
    this.keepOperands(i);
    const operand = this.compute(i, 0);
    const slot = this.free.pop() ?? this.memory.alloc(1);
    this.lines.push(`mstore(${hex(slot)}, ${operand.text})`);
    this.release(operand);
    this.slot.set(i, slot);
  }

  /** Text that reads term `i`, after statements that compute it into register `register` unless it is a leaf. */
  private compute(i: number, register: number): Operand {
    const leaf = this.leaf(i);
    if (leaf !== undefined) return leaf;
    const term = this.terms[i] as Term;
    const target = `t${register}`;
    if (term[0] === 'neg') {
      const operand = this.compute(term[1], register);
      this.lines.push(`${target} := sub(r, ${operand.text})`);
      this.release(operand);
    } else if (term[0] === 'add' || term[0] === 'mul') {
      const deeperFirst = this.depthOf(term[2]) > this.depthOf(term[1]) ? [term[2], term[1]] : [term[1], term[2]];
      const first = this.compute(deeperFirst[0] as number, register);
      const second = this.compute(deeperFirst[1] as number, first.text === target ? register + 1 : register);
      this.lines.push(`${target} := ${term[0]}mod(${first.text}, ${second.text}, r)`);
      this.release(first);
      this.release(second);
    }
    return { text: target, reads: [] };
  }

  private leaf(i: number): Operand | undefined {
    const slot = this.slot.get(i);
    if (slot !== undefined) return { text: load(slot), reads: [i] };
    const term = this.terms[i] as Term;
    if (term[0] === 'const') return { text: constantText(term[1]), reads: [] };
    if (term[0] === 'value') return { text: load(this.address(term[1])), reads: [] };
    const operand = term[0] === 'neg' ? this.leaf(term[1]) : undefined;
    return operand && { text: `sub(r, ${operand.text})`, reads: operand.reads };
  }

  private depthOf(i: number): number {
    return this.kept[i] ? 0 : (this.depth[i] as number);
  }

  /** Gives back the slots of kept terms that have no reads left. */
  private release(operand: Operand): void {
    for (const i of operand.reads) {
      this.uses[i] = (this.uses[i] as number) - 1;
      if (this.uses[i] === 0) this.free.push(this.slot.get(i) as number);
    }
  }
}

/** How often each term's text is read: a negation is printed at each of its uses, anything else once. */
function countUses(terms: readonly Term[], roots: readonly number[]): number[] {
  const uses = new Array<number>(terms.length).fill(0);
  const read = (i: number, times: number) => {
    uses[i] = (uses[i] as number) + times;
  };
  for (const root of roots) read(root, 1);
  for (let i = terms.length - 1; i >= 0; i--) {
    const term = terms[i] as Term;
    const times = uses[i] as number;
    if (times === 0) continue;
    if (term[0] === 'neg') read(term[1], times);
    if (term[0] === 'add' || term[0] === 'mul') {
      read(term[1], 1);
      read(term[2], 1);
    }
  }
  return uses;
}

function isKept(term: Term, uses: number): boolean {
  if (uses < 2) return false;
  return term[0] === 'add' || term[0] === 'mul' || (term[0] === 'const' && constantText(term[1]).length > 20);
}

/** Constants just below the order are printed as differences from it. */
function constantText(value: bigint): string {
  return field.R - value < 1n << 64n ? `sub(r, ${hex(field.R - value)})` : hex(value);
}
