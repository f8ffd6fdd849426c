import type { Ir, Node } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSolidity } from '../src/compile.ts';
import { evaluateTerms, type Identities, type Term } from '../src/identities.ts';
import { blindingFactors, collectQueries } from '../src/queries.ts';
import { Memory } from '../src/solidity/memory.ts';
import { printIdentities } from '../src/solidity/terms.ts';
import { generateVerifier } from '../src/solidity.ts';
import { loadFixture } from './fixtures.ts';

/** Hash-consed terms: each choice refers to earlier positions. */
const identities = fc
  .array(fc.tuple(fc.nat(5), fc.nat(), fc.nat(), fc.bigInt({ min: 0n, max: field.R - 1n })), { minLength: 1, maxLength: 120 })
  .chain((choices) =>
    fc.record({ terms: fc.constant(choices.map(toTerm)), roots: fc.array(fc.nat(choices.length - 1), { minLength: 1, maxLength: 8 }) }),
  )
  .map(({ terms, roots }): Identities => ({ terms, list: roots.map((term, i) => ({ id: `g${i}`, term })) }));

function toTerm([kind, a, b, constant]: [number, number, number, bigint], position: number): Term {
  if (position === 0 || kind === 0) return a % 3 === 0 ? ['const', constant] : ['value', a % 3 === 1 ? `c${a % 4}` : `a${a % 5}@0`];
  if (kind === 1) return ['neg', a % position];
  return [kind % 2 === 0 ? 'add' : 'mul', a % position, b % position];
}

/** Runs straight-line Yul of assignments and `mstore`, all numbers as integers. */
function runYul(lines: readonly string[], memory: Map<number, bigint>, y: bigint): bigint {
  const names: Record<string, bigint> = {};
  const evm = {
    addmod: (a: bigint, b: bigint, n: bigint) => (a + b) % n,
    mulmod: (a: bigint, b: bigint, n: bigint) => (a * b) % n,
    sub: (a: bigint, b: bigint) => a - b,
    mload: (a: bigint) => memory.get(Number(a)) as bigint,
    mstore: (a: bigint, v: bigint) => void memory.set(Number(a), v),
  };
  for (const line of lines) {
    if (line.startsWith('//')) continue;
    const [, target, expression] = /^(?:(\w+) := )?(.*)$/.exec(line) as unknown as [string, string | undefined, string];
    const code = expression.replaceAll(/\b(0x[0-9a-f]+)\b/g, '$1n');
    const scope = { ...evm, ...names, r: field.R, y };
    const value = new Function(...Object.keys(scope), `return ${code}`)(...Object.values(scope)) as bigint;
    if (target !== undefined) names[target] = value;
  }
  return (names.acc as bigint) % field.R;
}

test('printed identities compute what the terms compute, whatever is shared', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(identities, fc.bigInt({ min: 0n, max: field.R - 1n }), (input, seed) => {
      const memory = new Memory();
      const addresses = new Map<string, number>();
      const address = (name: string) => addresses.get(name) ?? (addresses.set(name, memory.alloc(1)).get(name) as number);
      const evaluationOf = (name: string) => field.pow(seed, BigInt(name.charCodeAt(0) * 8 + name.charCodeAt(1)));
      const printed = printIdentities(input, address, memory);
      const stored = new Map([...addresses].map(([name, at]) => [at, evaluationOf(name)]));
      const terms = evaluateTerms(input.terms, evaluationOf);
      const expected = input.list.reduce((sum, { term }) => field.add(field.mul(sum, seed), terms[term] as bigint), 0n);
      expect(runYul(printed.lines, stored, seed)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

/** Twenty gates over four slots: random logUp helpers of three factors and Horner accumulators of eight columns, about 500 nodes. */
function largeCircuit(base: Ir): Ir {
  const nodes: Node[] = [];
  const known = new Map<string, number>();
  const put = (...node: Node): number => {
    const key = node.join();
    if (!known.has(key)) known.set(key, nodes.push(node) - 1);
    return known.get(key) as number;
  };
  const advice = (i: number, rotation = 0) => put('advice', i % base.advice.length, rotation);
  const factor = (i: number) => put('add', put('challenge', i % 4), put('add', advice(i), put('mul', advice(i + 3), put('const', String(8192 + i)))));
  const selector = put('fixed', 0, 0);
  const gates: Ir['gates'][number][] = [];
  for (let g = 0; g < 10; g++) {
    const [a, b, c] = [factor(3 * g), factor(3 * g + 1), factor(3 * g + 2)] as const;
    const pairs = put('add', put('add', put('mul', a, b), put('mul', b, c)), put('mul', a, c));
    const helper = put('mul', advice(g + 13), put('mul', put('mul', a, b), c));
    gates.push({ id: `logup/helper-${g}`, poly: put('mul', selector, put('add', helper, put('neg', pairs))) });
  }
  for (let g = 0; g < 10; g++) {
    const challenge = put('challenge', g % 4);
    let horner = put('fixed', 4, 0);
    for (let i = 0; i < 16; i++) horner = put('add', put('mul', horner, challenge), advice(g + i * (g + 1)));
    const step = put('add', advice(g + 10, 1), put('neg', put('mul', advice(g + 10), put('mul', challenge, challenge))));
    gates.push({ id: `accumulator/${g}`, poly: put('mul', selector, put('add', step, put('neg', horner))) });
  }
  return { ...base, nodes, gates };
}

test('a circuit of twenty gates and some 500 nodes fits in 16384 bytes', { timeout: 60_000 }, () => {
  const { ir: base, vk } = loadFixture('k14-d5');
  const ir = largeCircuit(base);
  const { fixed, advice, instance } = collectQueries(ir);
  const key = { ...vk, fixedQueries: fixed, adviceQueries: advice, instanceQueries: instance, blindingFactors: blindingFactors(advice) };
  const { verifier, runtimeSizeHint, memoryBytes } = generateVerifier(ir, key);
  const size = compileSolidity({ 'Verifier.sol': verifier })['Verifier.sol']?.Halo2Verifier?.runtimeBytes as number;
  console.log(`${ir.nodes.length} nodes, ${ir.gates.length} gates: runtime ${size} bytes (hint ${runtimeSizeHint}), memory ${memoryBytes} bytes`);
  expect(size).toBeLessThanOrEqual(16_384);
  expect(Math.abs(runtimeSizeHint - size) / size).toBeLessThan(0.2);
});
