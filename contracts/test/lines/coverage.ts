/**
 * Line coverage of contracts/src: a line counts when a statement begins on it, and it is covered when every statement that begins on it has
 * run, so `if (bad) revert Bad();` takes both outcomes. Instructions are mapped to places by solc's source maps.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hits } from './recorder.ts';
import { compileTraced, type Span, type Statement, statements } from './sources.ts';

export interface Coverage {
  readonly lines: number;
  readonly covered: number;
  /** `file:line`, relative to contracts/. */
  readonly uncovered: readonly string[];
}

/** From the files that recorders wrote into a folder. */
export function coverageOf(folder: string): Coverage {
  const ran = readdirSync(folder).flatMap((name) => placesOf(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Hits));
  const lines = new Map<string, boolean>();
  for (const statement of statements()) {
    const line = `${statement.file}:${statement.line}`;
    lines.set(line, (lines.get(line) ?? true) && hasRun(statement, ran));
  }
  const uncovered = [...lines].filter(([, covered]) => !covered).map(([line]) => line);
  return { lines: lines.size, covered: lines.size - uncovered.length, uncovered };
}

function hasRun({ span }: Statement, ran: readonly Span[]): boolean {
  return ran.some(({ start, end, unit }) => unit === span.unit && start >= span.start && end <= span.end);
}

/** Places of the sources whose instructions ran, each once. */
function placesOf(hits: Hits): Span[] {
  const contracts = compileTraced();
  const found = new Map<string, Span>();
  for (const [code, counters] of Object.entries(hits)) {
    const [name = '', kind] = code.split(':');
    const contract = contracts[name];
    if (!contract) continue;
    const [bytecode, map] = kind === 'creation' ? [contract.bytecode, contract.maps.creation] : [contract.deployedBytecode, contract.maps.deployed];
    const [spans, positions] = [spansOf(map), positionsOf(bytecode)];
    for (const counter of counters) {
      const span = spans[positions.get(counter) ?? -1];
      if (span) found.set(`${span.unit}:${span.start}:${span.end}`, span);
    }
  }
  return [...found.values()];
}

/** One place an instruction: `start:length:unit:jump:depth;` with what is as before left out. */
function spansOf(map: string): Span[] {
  let last: readonly [number, number, number] = [0, 0, -1];
  return map.split(';').map((entry) => {
    const fields = entry.split(':');
    const field = (i: 0 | 1 | 2) => (fields[i] ? Number(fields[i]) : last[i]);
    last = [field(0), field(1), field(2)];
    return { start: last[0], end: last[0] + last[1], unit: last[2] };
  });
}

const [PUSH1, PUSH32] = [0x60, 0x7f];

/** Number of the instruction at each program counter. */
function positionsOf(bytecode: string): Map<number, number> {
  const code = Buffer.from(bytecode.slice(2), 'hex');
  const positions = new Map<number, number>();
  for (let counter = 0; counter < code.length; ) {
    const opcode = code[counter] as number;
    positions.set(counter, positions.size);
    counter += opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 2 : 1;
  }
  return positions;
}
