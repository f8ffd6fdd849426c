/**
 * A small circuit that has one of everything that a verifier treats: two phases, two challenges, two instance columns with rotations, a
 * permutation of all three kinds of columns in two products, and sets of one, two and three rotations.
 */
import { type Circuit, CircuitBuilder, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';

const ROWS = 50;
const FIRST = 3;
const LAST = 40;

export function everythingCircuit(): { circuit: Circuit; witness: Witness } {
  const b = new CircuitBuilder();
  const [active, weight] = [b.fixed('active'), b.fixed('weight')];
  const [free, square] = [b.advice('free', 0), b.advice('square', 0)];
  const [sum, share] = [b.advice('sum', 1), b.advice('share', 1)];
  const [left, right] = [b.instance('left', 3), b.instance('right', 2)];
  const [c0, c1] = [b.challenge('c0'), b.challenge('c1')];
  for (const column of [left, free, weight, square]) b.enableEquality(column);
  const on = b.query(active);
  const publicWord = b.add(b.query(left), b.query(right, -3));
  b.gate('square', b.mul(on, b.sub(b.query(square), b.add(b.mul(b.query(free), b.query(free, 1)), b.query(weight)))));
  b.gate('sum', b.mul(on, b.sub(b.query(sum, 1), b.add(b.mul(c0, b.query(sum)), b.mul(b.query(square), c1), publicWord))));
  b.defineRecurrence(sum, { active: on, mul: c0, add: b.add(b.mul(b.query(square), c1), publicWord) });
  const terms = [
    { num: b.constant(3), den: b.add(c1, b.query(free, -1)) },
    { num: b.query(weight), den: b.add(c0, b.query(square)) },
  ];
  b.gate('share', b.mul(on, b.defineFraction(share, terms)));

  const freeValues = Array.from({ length: ROWS }, (_, row) => BigInt(1000 + 37 * row * row));
  const weights = Array.from({ length: ROWS }, (_, row) => field.fr(7 * row - 100));
  const instances = [
    [11n, 22n, 33n],
    [44n, 55n],
  ];
  b.copy(left, 1, free, 5);
  b.copy(weight, 4, free, 9);
  freeValues[5] = 22n;
  freeValues[9] = weights[4] as bigint;
  const squares = freeValues.map((value, row) => field.add(field.mul(value, freeValues[row + 1] ?? 0n), weights[row] as bigint));
  const selector = Array.from({ length: ROWS }, (_, row) => BigInt(row >= FIRST && row <= LAST));
  return { circuit: { ir: b.build(6), fixed: [selector, weights] }, witness: { advice: [freeValues, squares], instances } };
}
