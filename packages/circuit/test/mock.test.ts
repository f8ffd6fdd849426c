import { field } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { CircuitBuilder } from '../src/builder.ts';
import type { Circuit, Ir, Witness } from '../src/ir.ts';
import { blindingFactors, type Columns, mockProve, usableRows } from '../src/mock.ts';

const K = 4;

/** Squares in `y`, their running sum in `s` with the challenge as factor, and `u = 1/(c + x)`; the total is copied to row 8 and public. */
function smallCircuit(): Circuit {
  const b = new CircuitBuilder();
  const [on, total] = [b.fixed('on'), b.fixed('total')];
  const [x, y] = [b.advice('x', 0), b.advice('y', 0)];
  const [s, t, u] = [b.advice('s', 1), b.advice('t', 1), b.advice('u', 1)];
  const open = b.instance('public', 1);
  const c = b.challenge('c');
  const [active, zero] = [b.query(on), b.constant(0)];
  b.enableEquality(s);
  b.enableEquality(t);
  b.gate('square', b.mul(active, b.sub(b.mul(b.query(x), b.query(x)), b.query(y))));
  b.defineRecurrence(s, { active, mul: c, add: b.query(y) });
  b.gate('sum', b.mul(active, b.sub(b.query(s, 1), b.add(b.mul(c, b.query(s)), b.query(y)))));
  b.defineRecurrence(t, { active: zero, mul: zero, add: zero, copies: [[0, s, 4]] });
  b.gate('public', b.mul(b.query(total), b.sub(b.mul(b.query(open), b.query(t)), b.query(t))));
  b.gate('inverse', b.mul(active, b.defineFraction(u, [{ num: b.constant(1), den: b.add(c, b.query(x)) }])));
  return { ir: b.build(K), fixed: [Int32Array.of(1, 1, 1, 1), Int32Array.of(1)] };
}

const circuit = smallCircuit();
const good: Witness = { advice: [Int32Array.of(1, -2, 3, 4), Int32Array.of(1, 4, 9, 16)], instances: [[1n]] };
const columnNamed = (ir: Ir, name: string) => ir.advice.findIndex((c) => c.name === name);

const breakCopy = ({ advice }: Columns): void => {
  const column = advice[columnNamed(circuit.ir, 't')] as bigint[];
  column[0] = 5n;
};

describe('mock prover', () => {
  it('accepts a satisfied witness, for any challenges', () => {
    expect(mockProve(circuit, good)).toEqual([]);
    expect(mockProve(circuit, good, { challenges: [field.R - 77n] })).toEqual([]);
  });

  it('reports a gate with id, row and the queried cells', () => {
    const bad = { ...good, advice: [good.advice[0] as Int32Array, Int32Array.of(1, 4, 10, 16)] };
    expect(mockProve(circuit, bad)).toEqual([{ id: 'square', row: 2, cells: { 'x@0': 3n, 'y@0': 10n } }]);
  });

  it('reports every failing row up to the limit', () => {
    const bad = { ...good, advice: [good.advice[0] as Int32Array, Int32Array.of(0, 0, 0, 0)] };
    expect(mockProve(circuit, bad).map(({ id, row }) => [id, row])).toEqual([0, 1, 2, 3].map((row) => ['square', row]));
    expect(mockProve(circuit, bad, { limit: 2 })).toHaveLength(2);
  });

  it('reports a wrong instance', () => {
    expect(mockProve(circuit, { ...good, instances: [[2n]] }).map(({ id }) => id)).toEqual(['public']);
  });

  it.each([
    ['s', 3, ['sum']],
    ['s', 4, ['copy/t', 'sum']],
    ['t', 0, ['copy/t']],
    ['u', 1, ['inverse']],
  ])('reports a wrong phase-1 cell of %s in row %i', (name, row, ids) => {
    const failures = mockProve(circuit, good, {
      tamper: ({ advice }) => {
        const column = advice[columnNamed(circuit.ir, name)] as bigint[];
        column[row] = field.add(column[row] as bigint, 1n);
      },
    });
    expect([...new Set(failures.map(({ id }) => id))]).toEqual(ids);
  });

  it('says both sides of a broken copy', () => {
    const [failure] = mockProve(circuit, good, { tamper: breakCopy, challenges: [1n] });
    expect(failure).toEqual({ id: 'copy/t', row: 0, cells: { left: 30n, right: 5n } });
  });

  it('leaves out the gates and copies that are named', () => {
    const bad = { ...good, advice: [good.advice[0] as Int32Array, Int32Array.of(1, 4, 10, 16)] };
    expect(mockProve(circuit, bad, { without: new Set(['square']) })).toEqual([]);
    expect(mockProve(circuit, good, { tamper: breakCopy, without: new Set(['copy/t']) })).toEqual([]);
  });

  it('evaluates map definitions', () => {
    const b = new CircuitBuilder();
    const [on, x, m] = [b.fixed('on'), b.advice('x', 0), b.advice('m', 1)];
    const double = b.add(b.query(x), b.query(x));
    b.gate('double', b.mul(b.query(on), b.sub(b.query(m), double)));
    const ir: Ir = { ...b.build(K), definitions: [{ kind: 'map', column: m.index, expr: double.node }] };
    expect(mockProve({ ir, fixed: [Int32Array.of(1, 1)] }, { advice: [Int32Array.of(3, -4)], instances: [] })).toEqual([]);
  });

  it('refuses a zero denominator', () => {
    expect(() => mockProve(circuit, good, { challenges: [field.R - 3n] })).toThrow(RangeError);
  });
});

describe('rows', () => {
  const withRotations = (rotations: readonly number[]): Ir => {
    const b = new CircuitBuilder();
    const x = b.advice('x', 0);
    b.gate('g', b.add(...rotations.map((r) => b.query(x, r))));
    return b.build(K);
  };

  it.each([
    [[0], 5],
    [[0, 1, -1], 5],
    [[0, 1, -1, 2], 6],
    [[0, 1, 2, 3, 4], 7],
  ])('blinds advice columns with rotations %j by %i rows', (rotations, factors) => {
    const ir = withRotations(rotations);
    expect(blindingFactors(ir)).toBe(factors);
    expect(usableRows(ir)).toBe(2 ** K - factors - 1);
  });

  it('counts only queries that a gate reaches, and the plain query of an equality column', () => {
    const b = new CircuitBuilder();
    const x = b.advice('x', 0);
    for (const r of [1, 2, 3]) b.query(x, r);
    b.gate('g', b.add(...[1, 2, 3].map((r) => b.query(x, r))));
    expect(blindingFactors(b.build(K))).toBe(5);
    b.enableEquality(x);
    expect(blindingFactors(b.build(K))).toBe(6);
    const unused = new CircuitBuilder();
    const y = unused.advice('y', 0);
    for (const r of [0, 1, 2, 3, 4, 5]) unused.query(y, r);
    unused.gate('g', unused.query(y));
    expect(blindingFactors(unused.build(K))).toBe(5);
  });
});
