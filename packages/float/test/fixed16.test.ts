/** The fixed-point circuit: its witness is what the arithmetic says, and each of its own constraints is the one that rejects a forgery. */
import { type Columns, mockProve, type Witness } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { FIXED_LIMIT, FIXED16, FRACTION_BITS } from '../src/arithmetics.ts';
import { decodeWith } from '../src/decoder.ts';
import { CELLS, type Cell, compileFixed16, LIMB_BITS } from '../src/fixed16/circuit.ts';
import { countFixed16, fixed16Witness } from '../src/fixed16/witness.ts';
import { sampleModel } from '../src/sample.ts';

const model = sampleModel();
const circuit = compileFixed16(model);
const { plan, usable } = circuit;
const LATENT = Uint8Array.of(3, 99, 127, 0, 64, 17, 5, 80);
const LATENTS = [LATENT, new Uint8Array(8), new Uint8Array(8).fill(127), Uint8Array.of(1, 2, 4, 8, 16, 32, 64, 127)];
const honest = fixed16Witness(circuit, LATENT);

type Numbers = Record<'remainder' | 'output' | 'excess' | 'side' | 'peak', number>;
const PARTS = { remainder: 2, output: 2, excess: 3 } as const;

/** The witness with one row changed and the lookups counted again. */
function forged(changes: readonly (readonly [row: number, forge: (cells: Numbers) => void])[], words?: readonly bigint[]): Witness {
  const advice = honest.advice.map((column) => Array.from(column as ArrayLike<number | bigint>, Number));
  const column = (name: Cell) => advice[CELLS.indexOf(name)] as number[];
  for (const [row, forge] of changes) {
    const join = (name: keyof typeof PARTS) =>
      Array.from({ length: PARTS[name] }, (_, i) => (column(`${name}${i}` as Cell)[row] as number) * 2 ** (LIMB_BITS * i)).reduce((a, b) => a + b);
    const peak = Number((honest.advice[CELLS.indexOf('peak')] as bigint[])[row]);
    const cells: Numbers = {
      remainder: join('remainder'),
      output: join('output'),
      excess: join('excess'),
      side: column('side')[row] as number,
      peak,
    };
    forge(cells);
    column('side')[row] = cells.side;
    for (const name of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
      for (let i = 0; i < PARTS[name]; i++) {
        const limb = Math.floor(cells[name] / 2 ** (LIMB_BITS * i));
        column(`${name}${i}` as Cell)[row] = i === PARTS[name] - 1 ? limb : limb % 2 ** LIMB_BITS;
      }
    }
  }
  const columns = advice.slice(0, -1).map((values, i) => (CELLS[i] === 'peak' ? (honest.advice[i] as bigint[]) : Int32Array.from(values)));
  return { advice: [...columns, countFixed16(columns, usable)], instances: words ? [words] : honest.instances };
}

const idsOf = (witness: Witness, tamper?: (columns: Columns, challenges: readonly bigint[]) => void) => [
  ...new Set(mockProve(circuit, witness, { limit: 100, ...(tamper ? { tamper } : {}) }).map((f) => f.id)),
];

describe('the witness', () => {
  it.each(LATENTS.map((z) => [z]))('paints what the arithmetic paints, %s', (latent) => {
    const witness = fixed16Witness(circuit, latent);
    const expected = decodeWith(
      model,
      FIXED16,
      Array.from(latent, (z) => z * 2 ** FRACTION_BITS),
    );
    expect([...witness.index]).toEqual(expected.index);
    expect(mockProve(circuit, witness)).toEqual([]);
  });

  it('refuses a latent of another length', () => {
    expect(() => fixed16Witness(circuit, LATENT.subarray(1))).toThrow(expect.objectContaining({ code: 'model/latent-length' }));
  });
});

it('is within one unit of each rounding of the real decoder', () => {
  const rows = Array.from({ length: plan.rows }, (_, row) => row).filter((row) => sideOf(row) === 0 && isOutput(row));
  expect(rows.length).toBeGreaterThan(20);
  expect(Array.from({ length: plan.rows }, (_, row) => sideOf(row)).filter((side) => side === 1).length).toBeGreaterThan(0);
  expect(Array.from({ length: plan.rows }, (_, row) => sideOf(row)).filter((side) => side === -1).length).toBeGreaterThan(0);
});

function sideOf(row: number): number {
  return Number((honest.advice[CELLS.indexOf('side')] as Int32Array)[row]);
}

function isOutput(row: number): boolean {
  return plan.outputs.some(({ first, count }) => row >= first && row < first + count);
}

/** An element that nothing reads: it lies in the ring of the convolution. */
const ring = (side: number): number => {
  const { first, count } = plan.outputs.at(-1) as { first: number; count: number };
  const read = new Set(plan.units.flatMap(({ cells }) => cells.map(({ row }) => row)));
  const row = Array.from({ length: count }, (_, i) => first + i).find((r) => !read.has(r) && sideOf(r) === side);
  if (row === undefined) throw new RangeError(`no element of the ring has side ${side}`);
  return row;
};

const flags = Array.from({ length: plan.head.classes }, (_, k) => plan.head.first + k * plan.head.pixels);
const best = flags.find((row) => sideOf(row) === 1) as number;
const second = flags.find((row) => sideOf(row) === 0) as number;
const words = honest.instances[0] as readonly bigint[];
const classOf = (row: number) => BigInt(Math.floor((row - plan.head.first) / plan.head.pixels));
const otherImage = words.map((word, i) => (i === plan.latentWords ? word + (classOf(second) - classOf(best)) * 16n ** 61n : word));

describe('constraints of the number format', () => {
  it('a side of 2 fails whatever the output is', () => {
    for (const output of [0, 1, FIXED_LIMIT])
      expect(idsOf(forged([[ring(1), (c) => void Object.assign(c, { side: 2, output })]]))).toContain(output === 0 ? 'clamp/above' : 'clamp/below');
  });

  it('clamp/below: a negative value has an output', () => {
    const ids = idsOf(
      forged([
        [
          ring(-1),
          (c) => {
            c.output = 1;
            c.excess += 1;
          },
        ],
      ]),
    );
    expect(ids).toEqual(['clamp/below']);
  });

  it('clamp/above: a value beyond the limit has a smaller output', () => {
    const ids = idsOf(
      forged([
        [
          ring(1),
          (c) => {
            c.output -= 1;
            c.excess += 1;
          },
        ],
      ]),
    );
    expect(ids).toEqual(['clamp/above']);
  });

  it('clamp/inside: a value beyond the limit is its own output', () => {
    const ids = idsOf(
      forged([
        [
          ring(1),
          (c) => {
            c.output += c.excess;
            c.side = 0;
            c.excess = 0;
          },
        ],
      ]),
    );
    expect(ids).toEqual(['clamp/inside']);
  });

  it('head/flag: a class below the maximum is painted', () => {
    const move = [
      [best, (c: Numbers) => void Object.assign(c, { side: 0 })],
      [second, (c: Numbers) => void Object.assign(c, { side: 1 })],
    ] as const;
    expect(idsOf(forged(move, otherImage))).toEqual(['head/flag']);
  });

  it('the identity: a pixel without a flag, another image, a remainder off by one', () => {
    expect(idsOf(forged([[best, (c) => void Object.assign(c, { side: 0 })]]))).toEqual(['sum/edge']);
    expect(idsOf(forged([], otherImage))).toEqual(['sum/edge']);
    expect(idsOf(forged([[ring(0), (c) => void Object.assign(c, { remainder: c.remainder ^ 1 })]]))).toEqual(['sum/edge']);
  });

  it('the table: a remainder of 2^16 beside an output one unit too small', () => {
    const row = ring(1);
    const witness = forged([
      [
        row,
        (c) => {
          c.excess -= 1;
          c.remainder += 2 ** FRACTION_BITS;
        },
      ],
    ]);
    expect(idsOf(witness)).toEqual(['sum/edge']);
  });
});

describe('constraints of the linear identity', () => {
  const columnOf = (columns: Columns, name: string) => columns.advice[circuit.ir.advice.findIndex((c) => c.name === name)] as bigint[];
  const residualOf = (columns: Columns) => columnOf(columns, 'sum')[usable - 1] as bigint;
  const shiftSum = (columns: Columns, row: number, amount: bigint) => {
    const sum = columnOf(columns, 'sum');
    for (let i = row + 1; i < usable; i++) sum[i] = field.sub(sum[i] as bigint, amount);
  };
  /** Changes one coefficient so that a wrong image passes; `factor` is what the row's increment gains for each unit. */
  const solve = (columns: Columns, name: string, row: number, factor: bigint): bigint => {
    const residual = residualOf(columns);
    const delta = field.neg(field.mul(residual, field.inv(factor)));
    const column = columnOf(columns, name);
    column[row] = field.add(column[row] as bigint, delta);
    shiftSum(columns, row, residual);
    return delta;
  };
  const wrongImage = forged([], otherImage);
  const element = plan.latent.first;
  const z = BigInt(LATENT[0] as number) * 2n ** BigInt(FRACTION_BITS);
  const omegaRow = circuit.ir.copies.find(
    ([, , j, row]) => circuit.ir.advice[circuit.ir.equality[j]?.[1] as number]?.name === 'omegaIn' && row === element,
  )?.[1] as number;
  const byte = plan.sums.find(({ row }) => row === element) as { sum: bigint };
  const helpers = circuit.ir.advice.map(({ name }) => name).filter((name) => name.startsWith('helper'));
  const epsilonIndex = circuit.ir.challenges.indexOf('epsilon');

  const attacks: readonly (readonly [id: string, tamper: (columns: Columns, challenges: readonly bigint[]) => void])[] = [
    [
      'weights/sum',
      (columns) => {
        const delta = solve(columns, 'omegaIn', element, z);
        const omega = columnOf(columns, 'omega');
        omega[omegaRow] = field.add(omega[omegaRow] as bigint, delta);
      },
    ],
    ['copy/omegaIn', (columns) => void solve(columns, 'omegaIn', element, z)],
    ['copy/pi', (columns) => void solve(columns, 'pi', element, field.mul(z, columnOf(columns, 'omegaIn')[element] as bigint))],
    ['copy/kappa', (columns) => void solve(columns, 'kappa', element, field.fr(byte.sum * BigInt(LATENT[0] as number)))],
    ['copy/peak', (columns) => void solve(columns, 'peak', best, field.neg(columnOf(columns, 'rho')[best] as bigint))],
    ...helpers.map(
      (name) =>
        [
          `lookup/${name}`,
          (columns: Columns, challenges: readonly bigint[]) => void solve(columns, name, 5, challenges[epsilonIndex] as bigint),
        ] as const,
    ),
    ['sum/step', (columns) => shiftSum(columns, 100, residualOf(columns))],
    ['sum/edge', (columns) => shiftSum(columns, -1, residualOf(columns))],
  ];

  it.each(attacks)('%s alone rejects a wrong image', (id, tamper) => {
    expect(idsOf(wrongImage, tamper)).toEqual([id]);
  });

  /** All powers but the first vanish; then only the first public word is bound, and the sum is that of the lookups. */
  const stopPowers = (columns: Columns, challenges: readonly bigint[], first: bigint) => {
    for (const name of ['kappa', 'pi', 'omega', 'omegaIn']) columnOf(columns, name).fill(0n);
    const rho = columnOf(columns, 'rho').fill(0n);
    rho[0] = first;
    for (const [i, rowI, j, rowJ] of circuit.ir.copies) {
      const [source, target] = [i, j].map((e) => circuit.ir.advice[circuit.ir.equality[e]?.[1] as number]?.name as string) as [string, string];
      if (source === 'rho' && rowI === 0) columnOf(columns, target)[rowJ] = first;
    }
    const helperColumns = helpers.map((name) => columnOf(columns, name));
    const sum = columnOf(columns, 'sum');
    sum[0] = 0n;
    for (let row = 0; row < usable - 1; row++) {
      const fractions = helperColumns.reduce((total, column) => field.add(total, column[row] as bigint), 0n);
      const latent = plan.sums.find((s) => s.row === row && s.kappaRow === 0);
      const bytes = latent ? field.fr(latent.sum * BigInt(LATENT[row - plan.latent.first] as number)) : 0n;
      const bound = row === 0 ? (wrongImage.instances[0]?.[0] as bigint) : 0n;
      const linear = field.mul(first, field.add(bytes, bound));
      sum[row + 1] = field.add(field.add(sum[row] as bigint, field.mul(challenges[epsilonIndex] as bigint, fractions)), linear);
    }
  };

  it('power/first alone rejects a wrong image when all powers are zero', () => {
    expect(idsOf(wrongImage, (columns, challenges) => stopPowers(columns, challenges, 0n))).toEqual(['power/first']);
  });

  it('power/step alone rejects a wrong image when the powers stop after the first', () => {
    expect(idsOf(wrongImage, (columns, challenges) => stopPowers(columns, challenges, 1n))).toEqual(['power/step']);
  });

  it('are all named here, with those of the number format', () => {
    const format = ['clamp/below', 'clamp/above', 'clamp/inside', 'head/flag', 'power/first', 'power/step'];
    const copies = circuit.ir.copies.map(([, , j]) => `copy/${circuit.ir.advice[circuit.ir.equality[j]?.[1] as number]?.name}`);
    const ids = new Set([...circuit.ir.gates.map(({ id }) => id), ...copies]);
    expect([...new Set([...attacks.map(([id]) => id), ...format])].sort()).toEqual([...ids].sort());
  });
});
