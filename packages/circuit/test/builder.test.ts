import { field } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { CircuitBuilder } from '../src/builder.ts';

describe('expressions', () => {
  it('makes equal expressions one node', () => {
    const b = new CircuitBuilder();
    const [x, y] = [b.query(b.advice('x', 0)), b.query(b.fixed('y'))];
    const first = b.add(b.mul(x, y), 3);
    expect(b.add(b.mul(x, y), 3)).toEqual(first);
    expect(b.build(4).nodes).toEqual([
      ['advice', 0, 0],
      ['fixed', 0, 0],
      ['mul', 0, 1],
      ['const', '3'],
      ['add', 2, 3],
    ]);
  });

  it('keeps rotations of one column apart', () => {
    const b = new CircuitBuilder();
    const x = b.advice('x', 0);
    expect(b.query(x, 1).node).not.toBe(b.query(x).node);
    expect(b.query(x, -1).node).not.toBe(b.query(x, 1).node);
  });

  it('counts the degree in columns; constants and challenges have none', () => {
    const b = new CircuitBuilder();
    const [x, c] = [b.query(b.advice('x', 0)), b.challenge('c')];
    expect(c.degree).toBe(0);
    expect(b.mul(c, c, x).degree).toBe(1);
    expect(b.mul(x, b.add(x, 1), b.sub(x, c)).degree).toBe(3);
    expect(b.add(b.mul(x, x), x).degree).toBe(2);
    expect(b.pow(x, 5).degree).toBe(5);
  });

  it('folds constants, neutral elements and negative numbers', () => {
    const b = new CircuitBuilder();
    const x = b.query(b.advice('x', 0));
    expect(b.add(x, 0)).toEqual(x);
    expect(b.mul(1, x)).toEqual(x);
    expect(b.mul(x, 0)).toEqual(b.constant(0));
    expect(b.add(2, 3)).toEqual(b.constant(5));
    expect(b.mul(-1, 2)).toEqual(b.constant(field.R - 2n));
    expect(b.sub(0, b.constant(1))).toEqual(b.constant(-1));
    expect(b.pow(x, 0)).toEqual(b.constant(1));
  });

  it('sums powers with the given step', () => {
    const b = new CircuitBuilder();
    const [x, c] = [b.query(b.advice('x', 0)), b.challenge('c')];
    expect(b.powers(c, [x, x, x], 2)).toEqual(b.add(x, b.mul(b.pow(c, 2), x), b.mul(b.pow(c, 4), x)));
  });
});

describe('columns, gates and copies', () => {
  it('refuses a phase-0 column after a phase-1 column', () => {
    const b = new CircuitBuilder();
    b.advice('late', 1);
    expect(() => b.advice('early', 0)).toThrow(RangeError);
  });

  it('refuses a gate id that is used twice', () => {
    const b = new CircuitBuilder();
    const x = b.query(b.advice('x', 0));
    b.gate('g', x);
    expect(() => b.gate('g', x)).toThrow('gate id g is used twice');
  });

  it('refuses a copy of a column without equality', () => {
    const b = new CircuitBuilder();
    const [x, y] = [b.advice('x', 0), b.advice('y', 0)];
    b.enableEquality(x);
    expect(() => b.copy(x, 0, y, 1)).toThrow(expect.objectContaining({ code: 'circuit/no-equality' }));
  });

  it('numbers copies by the order of the equality columns', () => {
    const b = new CircuitBuilder();
    const [x, y] = [b.advice('x', 0), b.advice('y', 0)];
    b.enableEquality(y);
    b.enableEquality(x);
    b.copy(x, 3, y, 4);
    expect(b.build(4)).toMatchObject({
      equality: [
        ['advice', 1],
        ['advice', 0],
      ],
      copies: [[1, 3, 0, 4]],
    });
  });

  it('has the degree of its largest gate, and at least three with a permutation', () => {
    const b = new CircuitBuilder();
    const x = b.advice('x', 0);
    b.gate('g', b.query(x));
    expect(b.build(4).degree).toBe(1);
    b.enableEquality(x);
    expect(b.build(4).degree).toBe(3);
    b.gate('h', b.pow(b.query(x), 7));
    expect(b.build(4).degree).toBe(7);
  });
});

describe('definitions', () => {
  it('turns the loads of a recurrence from a column into copies', () => {
    const b = new CircuitBuilder();
    const [x, y] = [b.advice('x', 0), b.advice('y', 1)];
    b.enableEquality(x);
    b.enableEquality(y);
    b.defineRecurrence(y, { active: b.constant(0), mul: b.constant(0), add: b.constant(0), constants: [[0, -1n]], copies: [[5, x, 2]] });
    const ir = b.build(4);
    expect(ir.copies).toEqual([[0, 2, 1, 5]]);
    expect(ir.definitions).toMatchObject([
      {
        kind: 'recurrence',
        column: 1,
        loads: [
          [0, 'const', (field.R - 1n).toString()],
          [5, 0, 2],
        ],
      },
    ]);
  });

  it('clears the denominators of a fraction', () => {
    const b = new CircuitBuilder();
    const [x, y, u] = [b.query(b.advice('x', 0)), b.query(b.advice('y', 0)), b.advice('u', 1)];
    const one = b.constant(1);
    const poly = b.defineFraction(u, [
      { num: one, den: x },
      { num: one, den: y },
    ]);
    expect(poly).toEqual(b.sub(b.mul(b.query(u), x, y), b.add(y, x)));
    expect(poly.degree).toBe(3);
  });
});
