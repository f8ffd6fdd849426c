/**
 * The kill table of the binary32 circuit: for every gate, every class of copies and every table a forged witness that this constraint
 * alone rejects. The forged rows of gates and copies stand in one witness, each attack on rows of its own: one run of the mock prover shows
 * for each of them that no other constraint fails there, so that without its constraint it would pass.
 */
import { type Columns, type Failure, type Ir, mockProve, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { CELLS, ENTRIES, KINDS, lookedUp } from '../src/binary32/circuit.ts';
import { bitsOf, INFINITY_BITS } from '../src/binary32/encoding.ts';
import { Program, type Value } from '../src/binary32/program.ts';
import { LIMB_BITS, shiftFactors, WIDE_LIMBS } from '../src/binary32/rows.ts';
import { Multiplicities } from '../src/lookup.ts';

type Cells = Record<string, bigint>;
type Forge = (cells: Cells, words: bigint[], row: number) => void;

interface Attack {
  readonly id: string;
  readonly attack: string;
  readonly row: () => number;
  readonly forge: Forge;
}

const HALF_ULP = 2 ** -24;
const ONE_UP = 1 + 2 ** -23;
const program = new Program();
const INPUTS = [1.5, ONE_UP, Math.fround(2 ** -124), 3, 5, 7];
const [x, y, tiny, spare, signed, infinite] = INPUTS.map(() => program.input()) as [Value, Value, Value, Value, Value, Value];
const outputs = { bits: program.add(x, y), label: program.maximum(x, y, 4), copied: program.maximum(y, x, 6) };
program.output(outputs.bits);
program.outputLabel(outputs.label);
program.outputLabel(outputs.copied);

const OUTPUTS = 3;
const rowOf = (value: Value): number => {
  if ('constant' in value) throw new RangeError('a constant has no row');
  return value.operation < INPUTS.length ? value.operation : value.operation + OUTPUTS;
};
const onRow = (id: string, attack: string, value: Value, forge: Forge): Attack => ({ id, attack, row: () => rowOf(value), forge });
const onOutput = (id: string, attack: string, output: number, forge: Forge): Attack => ({ id, attack, row: () => INPUTS.length + output, forge });

const big = (cells: Cells, name: string): bigint => cells[name] as bigint;

function setLimbs(cells: Cells, name: string, count: number, value: bigint): void {
  for (let i = 0; i < count; i++)
    cells[`${name}${i}`] = value < 0n ? (i === 0 ? field.fr(value) : 0n) : (value >> BigInt(LIMB_BITS * i)) % 2n ** BigInt(LIMB_BITS);
}

function setInverse(cells: Cells): void {
  const magnitude = (big(cells, 'e') - 1n) * 2n ** 23n + big(cells, 'm');
  cells.inverse = field.inv(field.fr(magnitude * (BigInt(INFINITY_BITS) - magnitude)));
}

/** Rounds to the given significand, right or wrong, and makes everything else follow; a negative slack stays in one limb. */
function roundTo(cells: Cells, m: bigint): void {
  const error = big(cells, 'exact') * big(cells, 'multiplier') - m * big(cells, 'divisor');
  const up = error < 0n ? 1n : 0n;
  const floor = m - up;
  Object.assign(cells, { m, up, normal: floor >> 23n, odd: floor % 2n });
  setLimbs(cells, 'half', 2, (floor % 2n ** 23n) >> 1n);
  setLimbs(cells, 'error', WIDE_LIMBS, up ? -error : error);
  setLimbs(cells, 'slack', WIDE_LIMBS, big(cells, 'divisor') - 2n * (up ? -error : error) - (m % 2n));
  setInverse(cells);
}

/** Rounds rightly whatever the exact value now is. */
function roundRight(cells: Cells): void {
  const [scaled, divisor] = [big(cells, 'exact') * big(cells, 'multiplier'), big(cells, 'divisor')];
  const floor = scaled / divisor;
  const twice = 2n * (scaled % divisor);
  roundTo(cells, floor + (twice > divisor || (twice === divisor && floor % 2n === 1n) ? 1n : 0n));
}

function setShift(cells: Cells, shift: bigint): void {
  Object.assign(cells, { shift, ...shiftFactors(Number(shift)) });
}

const flip =
  (...names: string[]): Forge =>
  (cells) => {
    for (const name of names) cells[name] = 1n - big(cells, name);
  };

const double =
  (...names: string[]): Forge =>
  (cells) => {
    for (const name of names) cells[name] = big(cells, name) + 1n;
    setInverse(cells);
  };

const otherFactor =
  (name: string): Forge =>
  (cells) => {
    cells[name] = big(cells, name) + 2n;
    cells.exact = big(cells, 'aSignificand') * big(cells, 'bSignificand');
    roundRight(cells);
  };

const otherExact: Forge = (cells) => {
  cells.exact = big(cells, 'exact') + 2n * big(cells, 'divisor');
  roundTo(cells, big(cells, 'm') + 2n);
};

/** A factor whose product with `y` has a remainder that a rounding direction of 2 can hide: `2*divisor - remainder` is thrice an integer. */
function factorForDirectionTwo(): number {
  for (let significand = 2n ** 23n + 2n ** 22n + 16n; ; significand++) {
    const product = significand * (2n ** 23n + 1n);
    const remainder = product % 2n ** 23n;
    if (remainder > 2n ** 22n + 8n && (2n ** 24n - remainder) % 3n === 0n && (product >> 23n) % 2n === 0n) return Number(significand) / 2 ** 23;
  }
}

const constant = (value: number) => program.constant(value);
const product = () => program.multiply(x, constant(2.25));
const square = () => program.multiply(y, y);
const tie = () => program.add(y, constant(HALF_ULP));
const larger = () => program.maximum(x, constant(2.25), 3);

const attacks: readonly Attack[] = [
  onRow('operand/constant-sign', 'a constant enters with the other sign', product(), flip('bSign', 's')),
  onRow('operand/constant-exponent', 'a constant enters doubled', product(), double('bExponent', 'e')),
  onRow('operand/constant-significand', 'a constant enters two units in the last place too large', product(), otherFactor('bSignificand')),
  onRow('input/bits', 'an input is twice its public word', spare, double('e')),
  onRow('input/sign', 'a sign of 2 makes room for a public word beyond 32 bits', signed, (c, words, row) => {
    c.s = 2n;
    words[row] = (words[row] as bigint) + 2n ** 32n;
  }),
  onOutput('output/bits', 'another bit pattern is claimed', 0, (_, words) => {
    words[INPUTS.length] = (words[INPUTS.length] as bigint) + 1n;
  }),
  onOutput('output/label', 'another label is claimed', 1, (_, words) => {
    words[INPUTS.length + 1] = (words[INPUTS.length + 1] as bigint) + 1n;
  }),
  onRow('multiply/product', 'the exact product is another number', square(), otherExact),
  onRow('multiply/shift', 'a product counts twice', square(), double('e')),
  onRow('multiply/sign', 'a product has the wrong sign', square(), flip('s')),
  onRow('add/differ', 'two values of one sign are subtracted', program.add(x, constant(0.25)), (c) => {
    c.differ = 1n;
    c.exact = big(c, 'aSignificand') * big(c, 'power') - big(c, 'bSignificand');
    roundRight(c);
  }),
  onRow('add/distance', 'the small operand counts half', program.add(x, constant(0.25)), (c) => {
    Object.assign(c, { distance: big(c, 'distance') + 1n, power: 2n * big(c, 'power'), alignment: big(c, 'alignment') + 1n });
    c.exact = big(c, 'aSignificand') * big(c, 'power') + big(c, 'bSignificand');
    setShift(c, big(c, 'shift') + 1n);
    roundRight(c);
  }),
  onRow('add/sum', 'the exact sum is another number', program.add(x, constant(2.25)), otherExact),
  onRow('add/shift', 'a sum counts twice', program.add(x, constant(2.25)), double('e')),
  onRow('add/sign', 'a difference has the sign of the small operand', program.add(x, constant(-2.25)), flip('s')),
  onRow('add/sign', 'a difference of equal values is minus zero', program.add(x, constant(-1.5)), flip('s')),
  onRow('second/boolean', 'five times a difference: the large operand is a mixture of both', program.add(x, constant(-1.25)), (c) => {
    Object.assign(c, { second: field.fr(-2), s: field.fr(-2), exact: 5n * big(c, 'exact') });
    const unit = big(c, 'e') - big(c, 'shift');
    setShift(c, BigInt(big(c, 'exact').toString(2).length - 24));
    c.e = unit + big(c, 'shift');
    roundRight(c);
  }),
  onRow('round/division', 'a product is two units in the last place too large', square(), (c) => {
    c.m = big(c, 'm') + 2n;
    c.half0 = big(c, 'half0') + 1n;
    setInverse(c);
  }),
  onRow('round/nearest', 'a product is rounded to the neighbour that is farther away', square(), (c) => {
    roundTo(c, big(c, 'm') + 1n);
    setLimbs(c, 'slack', WIDE_LIMBS, 0n);
  }),
  onRow('round/nearest', 'a tie is rounded to the odd neighbour', tie(), (c) => {
    roundTo(c, big(c, 'm') - 1n);
    setLimbs(c, 'slack', WIDE_LIMBS, 0n);
  }),
  onRow('round/significand', 'a tie is rounded to the odd neighbour, which is called even', tie(), (c) => {
    roundTo(c, big(c, 'm') - 1n);
    c.odd = 0n;
    setLimbs(c, 'slack', WIDE_LIMBS, 0n);
  }),
  onRow('round/up', 'a direction of 2 hides an error of more than one unit', program.multiply(y, constant(factorForDirectionTwo())), (c) => {
    const floor = big(c, 'exact') / big(c, 'divisor');
    const m = floor + 2n;
    const error = (m * big(c, 'divisor') - big(c, 'exact')) / 3n;
    Object.assign(c, { m, up: 2n, odd: floor % 2n });
    setLimbs(c, 'half', 2, (floor % 2n ** 23n) >> 1n);
    setLimbs(c, 'error', WIDE_LIMBS, error);
    setLimbs(c, 'slack', WIDE_LIMBS, big(c, 'divisor') - 2n * error - 2n + 3n * big(c, 'odd'));
    setInverse(c);
  }),
  onRow('round/normal', 'a sum keeps 26 digits, with the smallest exponent', program.add(tiny, constant(2 ** -149)), (c) => {
    const unit = big(c, 'e') - big(c, 'shift');
    setShift(c, 1n - unit);
    c.e = 1n;
    roundRight(c);
  }),
  onRow('round/odd', 'a tie is rounded to the odd neighbour, whose lowest digit is -1', tie(), (c) => {
    roundTo(c, big(c, 'm') - 1n);
    Object.assign(c, { odd: field.fr(-1), half0: big(c, 'half0') + 1n });
    setLimbs(c, 'slack', WIDE_LIMBS, 1n);
  }),
  onRow('round/subnormal', 'a product is rounded to 23 digits', square(), (c) => {
    c.e = big(c, 'e') + 1n;
    setShift(c, big(c, 'shift') + 1n);
    roundRight(c);
  }),
  onRow('round/zero', 'a negative difference claims to be zero and becomes positive', program.add(x, constant(-2.25)), (c) => {
    Object.assign(c, { zero: 1n, inverse: 0n, s: 0n });
  }),
  onRow('round/finite', 'infinity enters as an input', infinite, (c, words, row) => {
    Object.assign(c, { e: 254n, m: 2n ** 24n, up: 1n, normal: 1n, odd: 1n });
    setLimbs(c, 'half', 2, 2n ** 22n - 1n);
    words[row] = BigInt(bitsOf(Number.POSITIVE_INFINITY));
  }),
  onRow('round/label', 'a sum carries a label', program.add(x, y), double('label')),
  onRow('select/order', 'the smaller value is taken for the maximum', larger(), (c) => {
    Object.assign(c, { second: 0n, s: big(c, 'aSign'), e: big(c, 'aExponent'), m: big(c, 'aSignificand'), label: big(c, 'aLabel') });
  }),
  onRow('select/order', 'the larger value is taken for the minimum', program.minimum(x, constant(1.25)), (c) => {
    Object.assign(c, { second: 0n, s: big(c, 'aSign'), e: big(c, 'aExponent'), m: big(c, 'aSignificand'), label: big(c, 'aLabel') });
  }),
  onRow('select/sign', 'the maximum changes its sign', larger(), flip('s')),
  onRow('select/exponent', 'the maximum is doubled', larger(), (c) => {
    c.e = big(c, 'e') + 1n;
  }),
  onRow('select/significand', 'the maximum grows', larger(), (c) => {
    c.m = big(c, 'm') + 1n;
  }),
  onRow('select/label', 'the maximum carries another label', larger(), (c) => {
    c.label = big(c, 'label') + 1n;
  }),
  onRow('copy/aSign', 'a factor is negated', program.multiply(x, y), flip('aSign', 's')),
  onRow('copy/aExponent', 'a factor is doubled', program.multiply(x, y), double('aExponent', 'e')),
  onRow('copy/aSignificand', 'a factor is another number', program.multiply(x, y), otherFactor('aSignificand')),
  onRow('copy/bSign', 'a factor is negated', program.multiply(x, y), flip('bSign', 's')),
  onRow('copy/bExponent', 'a factor is doubled', program.multiply(x, y), double('bExponent', 'e')),
  onRow('copy/bSignificand', 'a factor is another number', program.multiply(x, y), otherFactor('bSignificand')),
  onOutput('copy/aLabel', 'another label is copied and claimed', 2, (c, words, row) => {
    c.aLabel = big(c, 'aLabel') + 1n;
    words[row] = (words[row] as bigint) + 1n;
  }),
];

const lateTie = tie();
const free = program.add(x, constant(2 ** -25 + 2 ** -47));
const compiled = program.compile();
const { circuit, layout } = compiled;
const honest = compiled.witness(INPUTS);
const usable = (circuit.fixed[0] as Int32Array).length;

/** The honest witness with rows forged, and the lookups counted again. */
function forged(list: readonly { readonly row: number; readonly forge: Forge }[]): Witness {
  const advice = honest.advice.map((column) => Array.from(column as ArrayLike<number | bigint>, BigInt));
  const words = [...(honest.instances[0] as readonly bigint[])];
  for (const { row, forge } of list) {
    const cells = Object.fromEntries(CELLS.map((name, i) => [name, (advice[i] as bigint[])[row] as bigint]));
    forge(cells, words, row);
    CELLS.forEach((name, i) => {
      (advice[i] as bigint[])[row] = field.fr(cells[name] as bigint);
    });
  }
  const multiplicities = new Multiplicities(ENTRIES, usable);
  for (let row = 0; row < usable - 1; row++) {
    for (const tuple of tuplesOf(advice, row)) multiplicities.count(tuple);
  }
  return { advice: [...advice.slice(0, -1), multiplicities.counts], instances: [words] };
}

function tuplesOf(advice: readonly bigint[][], row: number): ReturnType<typeof lookedUp> {
  const kind = KINDS.find((name) => layout.fixed[name][row] === 1);
  return lookedUp(kind, (name) => (advice[CELLS.indexOf(name)] as bigint[])[row] as bigint);
}

describe('gates and copies', () => {
  const witness = forged(attacks.map(({ row, forge }) => ({ row: row(), forge })));
  const failures = mockProve(circuit, witness, { limit: 10_000 });
  const entries = new Set(ENTRIES.map((entry) => entry.join(' ')));
  const outside = (row: number) =>
    tuplesOf(witness.advice as bigint[][], row).filter(([tag, a, b = 0n, c = 0n]) => !entries.has(`${tag} ${a} ${b} ${c}`));
  const at = (row: number) => failures.filter((f) => f.row === row).map((f) => f.id);

  it('accept the honest witness', () => {
    expect(mockProve(circuit, honest)).toEqual([]);
  });

  it('are all named here, but those of the lookups', () => {
    expect([...new Set(attacks.map(({ id }) => id))].sort()).toEqual(idsOf(circuit.ir).filter((id) => !/^(lookup|sum)\//.test(id)));
  });

  it('reject forged rows only', () => {
    expect(failures.filter((f: Failure) => !attacks.some(({ row }) => row() === f.row))).toEqual([]);
  });

  it.each(attacks)('$id alone rejects: $attack', ({ id, row }) => {
    expect(at(row())).toEqual([id]);
    expect(outside(row())).toEqual([]);
  });
});

const target = rowOf(free);
/** Forged rows that satisfy every gate: only the tables reject them. */
const tables: readonly (readonly [attack: string, row: number, forge: Forge])[] = [
  ['a sum is one unit in the last place too large', target, (c) => roundTo(c, big(c, 'm') + 1n)],
  ['a sum is one unit in the last place too small', target, (c) => roundTo(c, big(c, 'm') - 1n)],
  ['a tie is rounded to the odd neighbour', rowOf(lateTie), (c) => roundTo(c, big(c, 'm') - 1n)],
  [
    'a negative error takes the place of a direction',
    target,
    (c) => {
      const error = big(c, 'exact') * big(c, 'multiplier') - (big(c, 'm') + 4n) * big(c, 'divisor');
      roundTo(c, big(c, 'm') + 4n);
      const floor = big(c, 'm');
      Object.assign(c, { up: 0n, odd: floor % 2n });
      setLimbs(c, 'half', 2, (floor % 2n ** 23n) >> 1n);
      setLimbs(c, 'error', WIDE_LIMBS, error);
      setLimbs(c, 'slack', WIDE_LIMBS, big(c, 'divisor') - 2n * error - (floor % 2n));
    },
  ],
  [
    'a significand has 25 digits',
    target,
    (c) => {
      setShift(c, big(c, 'shift') - 1n);
      const e = big(c, 'e') - 1n;
      const m = big(c, 'exact') / big(c, 'divisor');
      Object.assign(c, { e, m, up: 0n, normal: 1n, odd: m % 2n, half1: 0n, half0: (m - 2n ** 23n) >> 1n });
      const error = big(c, 'exact') - m * big(c, 'divisor');
      setLimbs(c, 'error', WIDE_LIMBS, error);
      setLimbs(c, 'slack', WIDE_LIMBS, big(c, 'divisor') - 2n * error - (m % 2n));
      setInverse(c);
    },
  ],
  [
    'an input has the exponent of infinity and NaN',
    rowOf(infinite),
    (c, words, row) => {
      Object.assign(c, { e: 255n, m: 2n ** 23n + 1n, up: 0n, normal: 1n, odd: 1n });
      setLimbs(c, 'half', 2, 0n);
      setInverse(c);
      words[row] = 255n * 2n ** 23n + 1n;
    },
  ],
  [
    'a sum is divided by a number that is no power of two',
    target,
    (c) => {
      c.divisor = big(c, 'divisor') + 2n;
      roundRight(c);
    },
  ],
  [
    'the small operand is shifted by a factor that is no power of two',
    target,
    (c) => {
      c.power = big(c, 'power') + 1n;
      c.exact = big(c, 'aSignificand') * big(c, 'power') + big(c, 'bSignificand');
      roundRight(c);
    },
  ],
];

describe('lookups', () => {
  it.each(tables)('reject alone: %s', (_, row, forge) => {
    expect([...new Set(mockProve(circuit, forged([{ row, forge }]), { limit: 1000 }).map((f) => f.id))]).toEqual(['sum/edge']);
  });

  const helpers = circuit.ir.advice.map(({ name }) => name).filter((name) => name.startsWith('helper'));
  const wrong = forged([{ row: target, forge: (c) => roundTo(c, big(c, 'm') + 1n) }]);
  const tamperings: readonly (readonly [id: string, attack: string, tamper: (columns: Columns) => void])[] = [
    ...helpers.map(
      (name) =>
        [
          `lookup/${name}`,
          'a wrong rounding is made good by one helper',
          (columns: Columns) => {
            const residual = residualOf(columns);
            const helper = columnOf(columns, name);
            helper[5] = field.sub(helper[5] as bigint, residual);
            shiftSum(columns, 5, residual);
          },
        ] as const,
    ),
    ['sum/step', 'the sum jumps back to zero on its way', (columns) => shiftSum(columns, 100, residualOf(columns))],
    ['sum/edge', 'the sum begins elsewhere, so that it ends at zero', (columns) => shiftSum(columns, -1, residualOf(columns))],
  ];

  it.each(tamperings)('%s alone rejects: %s', (id, _, tamper) => {
    expect([...new Set(mockProve(circuit, wrong, { limit: 1000, tamper }).map((f) => f.id))]).toEqual([id]);
  });

  it('are all named here', () => {
    expect([...new Set(tamperings.map(([id]) => id))].sort()).toEqual(idsOf(circuit.ir).filter((id) => /^(lookup|sum)\//.test(id)));
  });
});

function idsOf(ir: Ir): string[] {
  const copies = ir.copies.map(([, , j]) => `copy/${ir.advice[ir.equality[j]?.[1] as number]?.name}`);
  return [...new Set([...ir.gates.map(({ id }) => id), ...copies])].sort();
}

function columnOf(columns: Columns, name: string): bigint[] {
  return columns.advice[circuit.ir.advice.findIndex((c) => c.name === name)] as bigint[];
}

/** What the running sum ends at. */
function residualOf(columns: Columns): bigint {
  return columnOf(columns, 'sum')[usable - 1] as bigint;
}

/** Takes `amount` off the sum after `row`. */
function shiftSum(columns: Columns, row: number, amount: bigint): void {
  const sum = columnOf(columns, 'sum');
  for (let i = row + 1; i < usable; i++) sum[i] = field.sub(sum[i] as bigint, amount);
}
