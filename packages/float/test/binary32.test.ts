/** The rows against the floating point unit of the host: every result is the correctly rounded one, bit by bit. */
import { mockProve } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { bitsOf, fromBits, pack, type Unpacked, unpack } from '../src/binary32/encoding.ts';
import { Program, type Value } from '../src/binary32/program.ts';
import { addRow, multiplyRow, type RowCells, selectRow } from '../src/binary32/rows.ts';
import { EDGES, randomValues } from './values.ts';

const OPERATIONS = {
  multiply: { row: multiplyRow, hardware: (a: number, b: number) => Math.fround(a * b) },
  add: { row: addRow, hardware: (a: number, b: number) => Math.fround(a + b) },
} as const;

const numberOf = ({ s, e, m }: RowCells): number => pack({ sign: s === 1n ? 1 : 0, exponent: Number(e), significand: Number(m) });

function pairs(): [number, number][] {
  const random = randomValues(40_000, 7);
  const close = random.map((a, i) => [a, fromBits((bitsOf(a) & 0xff800000) >>> 0) * (1 + ((i * 7919) % 8388608) / 8388608)] as [number, number]);
  return [
    ...EDGES.flatMap((a) => EDGES.map((b) => [a, b] as [number, number])),
    ...random.map((a, i) => [a, random[(i * 31 + 17) % random.length] as number] as [number, number]),
    ...close.map(([a, b]) => [a, Math.fround(-b)] as [number, number]).filter(([, b]) => Number.isFinite(b)),
  ];
}

describe.each(Object.entries(OPERATIONS))('%s', (_, { row, hardware }) => {
  it('gives what hardware gives on edges, random values and cancellations', () => {
    let finite = 0;
    for (const [a, b] of pairs()) {
      const expected = hardware(a, b);
      if (Number.isFinite(expected)) {
        finite++;
        const found = numberOf(row(unpack(a), unpack(b)));
        if (!Object.is(found, expected)) expect.fail(`${a} and ${b}: expected ${expected}, got ${found}`);
      } else expect(() => row(unpack(a), unpack(b)), `${a} and ${b}`).toThrow(expect.objectContaining({ code: 'float/overflow' }));
    }
    expect(finite).toBeGreaterThan(60_000);
  });

  it('takes a significand of 2^24 as the value that it is', () => {
    for (const [a, b] of pairs().slice(0, 20_000)) {
      const [x, y] = [unpack(a), unpack(b)];
      const other: Unpacked = { ...x, exponent: x.exponent - 1, significand: 2 ** 24 };
      if (x.significand !== 2 ** 23 || x.exponent < 2 || !Number.isFinite(hardware(a, b))) continue;
      expect(numberOf(row(other, y))).toBe(numberOf(row(x, y)));
      expect(numberOf(row(y, other))).toBe(numberOf(row(y, x)));
    }
  });
});

it('selects the first operand unless the second is strictly larger or smaller', () => {
  for (const [a, b] of pairs().slice(0, 10_000)) {
    const [x, y] = [
      { ...unpack(a), label: 5 },
      { ...unpack(b), label: 9 },
    ];
    expect(Object.is(numberOf(selectRow(x, y, true)), [a, b][Number(b > a)])).toBe(true);
    expect(Object.is(numberOf(selectRow(x, y, false)), [a, b][Number(b < a)])).toBe(true);
    expect(selectRow(x, y, true).label).toBe(b > a ? 9n : 5n);
  }
});

it('packs and unpacks every kind of value, and refuses what binary32 does not hold', () => {
  for (const value of [...EDGES, ...randomValues(1000, 3)]) expect(Object.is(pack(unpack(value)), value)).toBe(true);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => unpack(value)).toThrow(expect.objectContaining({ code: 'float/not-finite' }));
  }
  expect(() => unpack(0.1)).toThrow(expect.objectContaining({ code: 'float/not-binary32' }));
});

it('satisfies the circuit on all pairs of edges', () => {
  const program = new Program();
  const values = EDGES.filter((_, i) => i % 2 === 0 || i < 10);
  const inputs = values.map(() => program.input());
  const expected: number[] = [];
  const results: Value[] = [];
  const record = (result: Value, value: number) => {
    results.push(result);
    expected.push(value);
  };
  values.forEach((a, i) => {
    values.forEach((b, j) => {
      const [x, y] = [inputs[i] as Value, inputs[j] as Value];
      if (Number.isFinite(Math.fround(a * b)) && (i + j) % 2 === 0) record(program.multiply(x, y), Math.fround(a * b));
      if (Number.isFinite(Math.fround(a + b)) && (i + j) % 2 === 1) record(program.add(x, y), Math.fround(a + b));
      if (Number.isFinite(Math.fround(a - b)) && j > i) record(program.add(x, program.constant(-b)), Math.fround(a - b));
    });
  });
  results.slice(-20).forEach((r) => {
    program.output(r);
  });
  const compiled = program.compile();
  expect(compiled.circuit.ir.k).toBe(12);
  const witness = compiled.witness(values);
  const first = values.length + 20;
  const cell = (name: number, row: number) => (witness.advice[name] as bigint[])[row] as bigint;
  const found = expected.map((_, i) => numberOf({ s: cell(7, first + i), e: cell(8, first + i), m: cell(9, first + i) }));
  expect(found.every((value, i) => Object.is(value, expected[i]))).toBe(true);
  expect(compiled.outputs(witness)).toEqual(expected.slice(-20));
  expect(mockProve(compiled.circuit, witness)).toEqual([]);
});
