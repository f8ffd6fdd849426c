/** Structural checks of the serialised circuit (book/formats.md, section 3) as far as a verifier reads it: nodes, gates, columns, phases. */
import type { Ir, Node } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';

/** BaseError `verifier/ir-malformed` unless every reference points backwards and into range. */
export function checkIr(ir: Ir): void {
  expect(ir.format === 'pentimento-ir' && ir.version === 1, 'format pentimento-ir, version 1', ir.format);
  for (const [position, node] of ir.nodes.entries()) checkNode(ir, node, position);
  for (const gate of ir.gates) {
    expect(isIndex(gate.poly, ir.nodes.length), `gate ${gate.id} to name a node`, gate.poly);
    expect(/^[\x20-\x7e]+$/.test(gate.id), 'gate ids of printable ASCII', gate.id);
  }
  const phases = ir.advice.map((column) => column.phase);
  expect(
    phases.every((p, i) => (p === 0 || p === 1) && p >= (phases[i - 1] ?? 0)),
    'phase-0 advice columns before phase-1 ones',
    phases,
  );
  for (const [kind, column] of ir.equality) expect(isIndex(column, columnsOf(ir, kind)), `an existing ${kind} column in equality`, column);
  const names = ir.equality.map((column) => column.join());
  expect(new Set(names).size === names.length, 'equality columns without repetition', names);
}

function checkNode(ir: Ir, node: Node, position: number): void {
  const [ok, expected] = nodeRule(ir, node, position);
  expect(ok, `node ${position} to ${expected}`, node);
}

function nodeRule(ir: Ir, node: Node, position: number): readonly [ok: boolean, expected: string] {
  switch (node[0]) {
    case 'const':
      return [/^(0|[1-9][0-9]*)$/.test(node[1]) && BigInt(node[1]) < field.R, 'be a canonical constant'];
    case 'challenge':
      return [isIndex(node[1], ir.challenges.length), 'name a challenge'];
    case 'neg':
      return [isIndex(node[1], position), 'refer backwards'];
    case 'add':
    case 'mul':
      return [isIndex(node[1], position) && isIndex(node[2], position), 'refer backwards'];
    case 'fixed':
    case 'advice':
    case 'instance':
      return [isIndex(node[1], columnsOf(ir, node[0])) && Number.isInteger(node[2]), 'name a column'];
    default:
      return [false, 'be of a known kind'];
  }
}

function columnsOf(ir: Ir, kind: string): number {
  if (kind === 'fixed') return ir.fixed.length;
  if (kind === 'advice') return ir.advice.length;
  return kind === 'instance' ? ir.instances.length : 0;
}

function isIndex(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < length;
}

function expect(ok: boolean, expected: string, found: unknown): void {
  if (ok) return;
  throw new BaseError({ code: 'verifier/ir-malformed', message: `Expected ${expected}, got ${(JSON.stringify(found) ?? 'nothing').slice(0, 80)}.` });
}
