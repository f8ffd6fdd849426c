/**
 * The contracts as the line coverage reads them: compiled without the optimizer, which moves and merges code, so that each instruction
 * belongs to one place of a source; and the statements of contracts/src, of Solidity and of its assembly.
 */
import { readFileSync } from 'node:fs';
import { type CompiledContract, kept, SETTINGS } from '../../build.ts';

/** Bytes `[start, end)` of the source unit with this number. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly unit: number;
}

export interface TracedContract extends CompiledContract {
  /** Source maps of creation and deployed code, in solc's compressed form. */
  readonly maps: { readonly creation: string; readonly deployed: string };
  /** Bytes of the deployed code that the constructor fills in: start and length. */
  readonly immutables: readonly (readonly [number, number])[];
}

/** A statement and what has to run for it to count: of an `if` or a loop its condition, of any other all of it. */
export interface Statement {
  readonly file: string;
  /** 1 is the first line. */
  readonly line: number;
  readonly span: Span;
}

interface Traced {
  readonly contracts: Readonly<Record<string, TracedContract>>;
  readonly units: readonly { readonly file: string; readonly spans: readonly Span[] }[];
}

const OUTPUT = ['abi', 'evm.bytecode.object', 'evm.bytecode.sourceMap', 'evm.deployedBytecode'];

/** Everything in contracts/src and contracts/test. */
export function compileTraced(): Traced['contracts'] {
  return traced().contracts;
}

/** Every statement of contracts/src. */
export function statements(): Statement[] {
  return traced().units.flatMap(({ file, spans }) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url));
    return spans.map((span) => ({ file, line: source.subarray(0, span.start).filter((byte) => byte === 10).length + 1, span }));
  });
}

function traced(): Traced {
  const outputSelection = { '*': { '*': OUTPUT, '': ['ast'] } };
  return kept(['src', 'test'], { ...SETTINGS, optimizer: { enabled: false }, outputSelection }, (output, files) => {
    const contracts: Record<string, TracedContract> = {};
    for (const source of files) {
      for (const [name, { abi, evm }] of Object.entries(output.contracts?.[source] ?? {})) {
        const { bytecode, deployedBytecode } = evm;
        contracts[name] = {
          source,
          abi,
          bytecode: `0x${bytecode.object}`,
          deployedBytecode: `0x${deployedBytecode.object}`,
          runtimeSize: deployedBytecode.object.length / 2,
          maps: { creation: bytecode.sourceMap, deployed: deployedBytecode.sourceMap },
          immutables: Object.values(deployedBytecode.immutableReferences ?? {}).flatMap((places) => places.map((p) => [p.start, p.length] as const)),
        };
      }
    }
    const own = files.filter((file) => file.startsWith('src/'));
    return { contracts, units: own.map((file) => ({ file, spans: spansOf(output.sources?.[file]?.ast) })) };
  });
}

type Node = Readonly<Record<string, unknown>> & { readonly nodeType: string; readonly src: string };

/** What runs of a statement that holds others; those are statements of their own. */
const HEADS: Readonly<Record<string, string>> = {
  IfStatement: 'condition',
  WhileStatement: 'condition',
  DoWhileStatement: 'condition',
  ForStatement: 'condition',
  TryStatement: 'externalCall',
  YulIf: 'condition',
  YulForLoop: 'condition',
  YulSwitch: 'expression',
};

const PLAIN = new Set([
  ...['ExpressionStatement', 'VariableDeclarationStatement', 'Return', 'EmitStatement', 'RevertStatement', 'Break', 'Continue'],
  ...['YulExpressionStatement', 'YulVariableDeclaration', 'YulAssignment', 'YulBreak', 'YulContinue', 'YulLeave'],
]);

/** The statements below a node of the compiler's syntax tree. A condition that is a literal, as in `for {} 1 {}`, makes no code of its own. */
function spansOf(node: unknown): Span[] {
  if (Array.isArray(node)) return node.flatMap(spansOf);
  if (typeof node !== 'object' || node === null) return [];
  const { nodeType } = node as Node;
  const head = HEADS[nodeType] === undefined ? undefined : ((node as Node)[HEADS[nodeType]] as Node | null);
  const own = PLAIN.has(nodeType) ? (node as Node) : head;
  const below = Object.values(node).flatMap(spansOf);
  return own && own.nodeType !== 'YulLiteral' ? [spanOf(own.src), ...below] : below;
}

function spanOf(src: string): Span {
  const [start = 0, length = 0, unit = -1] = src.split(':').map(Number);
  return { start, end: start + length, unit };
}
