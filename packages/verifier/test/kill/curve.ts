/** Checks of the curve's arithmetic on inputs that no proof of the other checks brings about: identities, equal points, points of small order. */
import {
  COFACTOR,
  Fp,
  Fp2Oracle,
  Fp12Oracle,
  Fr,
  fromG1,
  G1,
  G2,
  hexOfG2,
  hexOfTwist,
  multiple,
  type OracleG2,
  pairingBatch,
  toG1,
  toTower,
  twistPoint,
} from '../curve/oracle.ts';
import type { Modules, NamedCheck } from './typescript.ts';

const Q = Fp.ORDER;
const R = Fr.ORDER;
const SPECIAL = [0n, 1n, 2n, 3n, R - 1n, R - 2n].map((s) => fromG1(G1.BASE.multiplyUnsafe(s)));

export function curveChecks(): NamedCheck[] {
  return [...baseFieldChecks(), ...g1Checks(), ...g2Checks(), ...pairingChecks()];
}

function baseFieldChecks(): NamedCheck[] {
  const values = [1n, 2n, Q - 1n, Q + 5n, -7n, 10n ** 60n];
  const same = (found: readonly bigint[], expected: readonly bigint[]) => found.every((value, i) => Fp.create(value) === expected[i]);
  const inverted = values.map((value) => Fp.inv(Fp.create(value)));
  return [
    { name: 'curve: inverses', holds: ({ fp }) => same(values.map(fp.inverse), inverted) && same(fp.inverses(values), inverted) },
    { name: 'curve: zero has no inverse', holds: ({ fp }) => [0n, Q].every((zero) => fails(() => fp.inverse(zero), RangeError)) },
    { name: 'curve: canonical representatives', holds: ({ fp }) => [0n, 5n, Q, -1n, -Q].every((value) => fp.canonical(value) === Fp.create(value)) },
    { name: 'curve: one is one', holds: ({ fp12 }) => fp12.isOne(fp12.ONE.map(({ c0, c1 }) => ({ c0: c0 + Q, c1: c1 - Q }))) },
    {
      name: 'curve: no other element is one',
      holds: ({ fp12 }) =>
        fp12.ONE.every(({ c0, c1 }, i) => !fp12.isOne(fp12.ONE.with(i, { c0: c0 + 1n, c1 })) && !fp12.isOne(fp12.ONE.with(i, { c0, c1: c1 + 1n }))),
    },
  ];
}

function g1Checks(): NamedCheck[] {
  const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
  const sums = pairs.map(([a, b]) => fromG1(toG1(a).add(toG1(b))));
  const scalars = [0n, 1n, R - 1n, 2n ** 200n, 5n, R - 1n];
  const sum = fromG1(SPECIAL.map((point, i) => toG1(point).multiplyUnsafe(scalars[i] as bigint)).reduce((a, b) => a.add(b)));
  const [zero, one] = SPECIAL as [(typeof SPECIAL)[0], (typeof SPECIAL)[0]];
  return [
    { name: 'curve: sums of special points', holds: ({ g1 }) => text(g1.addEach(pairs)) === text(sums) },
    { name: 'curve: no sums', holds: ({ g1 }) => text([g1.addEach([]), g1.multiScalarMul([], [])]) === text([[], zero]) },
    { name: 'curve: sum of multiples', holds: ({ g1 }) => text(g1.multiScalarMul(SPECIAL, scalars)) === text(sum) },
    { name: 'curve: multiple that is the identity', holds: ({ g1 }) => text(g1.multiScalarMul([one], [R])) === text(zero) },
    { name: 'curve: sum that becomes a doubling', holds: ({ g1 }) => text(g1.multiScalarMul([one], [2n])) === text(SPECIAL[2]) },
    {
      name: 'curve: multiples by digits',
      holds: ({ g1 }) => DIGITS.every((s) => text(g1.multiScalarMul([one], [s])) === text(fromG1(G1.BASE.multiply(Fr.create(s))))),
    },
    {
      name: 'curve: points are not negative',
      holds: ({ g1 }) => text(SPECIAL.map(g1.negate)) === text(SPECIAL.map((p) => fromG1(toG1(p).negate()))),
    },
  ];
}
const DIGITS = [...Array.from({ length: 40 }, (_, i) => BigInt(i + 1)), 2n ** 255n, 2n ** 256n - 1n];

function g2Checks(): NamedCheck[] {
  const anywhere = twistPoint(1000n);
  const small = [10069n, 5864401n].map((order) => multiple(twistPoint(77n), (COFACTOR / order) * R));
  const wrong = [anywhere, multiple(anywhere, R), anywhere.add(G2.BASE), ...small.flatMap((point) => [point, point.add(G2.BASE)])];
  const { x, y } = G2.BASE.toAffine();
  const off = [
    [y, x],
    // Satisfies every equation but the curve's: the point (x, y) of y^2 = x^3 + B scaled to y^2 = x^3 + 64 B.
    [Fp2Oracle.mul(x, { c0: 4n, c1: 0n }), Fp2Oracle.mul(y, { c0: 8n, c1: 0n })],
    [x, { ...y, c0: y.c0 + 1n }],
    [{ ...x, c1: x.c1 + 1n }, y],
    [
      { c0: 0n, c1: 0n },
      { c0: 0n, c1: 0n },
    ],
  ] as const;
  const code = ({ g2 }: Modules, hex: ReturnType<typeof hexOfG2>) => codeOf(() => g2.decodeG2(hex, 'a point'));
  return [
    { name: 'curve: points of G2', holds: (m) => [1n, 2n, R - 1n].every((s) => code(m, hexOfG2(G2.BASE.multiply(s))) === undefined) },
    { name: 'curve: points outside the subgroup', holds: (m) => wrong.every((point) => code(m, hexOfG2(point)) === 'verifier/vk-point') },
    { name: 'curve: points off the twist', holds: (m) => off.every(([u, v]) => code(m, hexOfTwist(u, v)) === 'verifier/vk-point') },
  ];
}

function pairingChecks(): NamedCheck[] {
  const [a, b, g, h] = [G1.BASE.multiply(11n), G1.BASE.multiply(R - 13n), G2.BASE.multiply(17n), G2.BASE.multiply(19n)];
  const x = 4965661367192848881n;
  const pairs = [
    { g1: a, g2: g },
    { g1: b, g2: h },
  ];
  const product = Fp12Oracle.pow(pairingBatch(pairs, false), ((Q ** 12n - 1n) / R) * 2n * x * (6n * x * x + 3n * x + 1n));
  const lines = ({ g2 }: Modules, point: OracleG2) => g2.decodeG2(hexOfG2(point), 'a point');
  return [
    {
      name: 'curve: product of pairings',
      holds: (m) =>
        text(
          toTower(
            m.pairing.pairingProduct([
              [fromG1(a), lines(m, g)],
              [fromG1(b), lines(m, h)],
            ]),
          ),
        ) === text(product),
    },
    { name: 'curve: opposite pairs', holds: (m) => m.pairing.pairingIsOne(fromG1(a), lines(m, g), fromG1(a), m.g2.negateG2(lines(m, g))) },
    { name: 'curve: equal pairs', holds: (m) => !m.pairing.pairingIsOne(fromG1(a), lines(m, g), fromG1(a), lines(m, g)) },
  ];
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
}

function fails(run: () => unknown, kind: typeof RangeError): boolean {
  try {
    run();
  } catch (error) {
    return error instanceof kind;
  }
  return false;
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code';
  }
  return undefined;
}
