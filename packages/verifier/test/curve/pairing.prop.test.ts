/** G2 and the pairing: against noble-curves, against the precompiles of an EVM (EIP-196, EIP-197), and against their own laws. */
import { bytesToHex, concatBytes, type Hex, hexToBytes } from '@pentimento/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Q } from '../../src/curve/fp.ts';
import { type G1Point, IDENTITY, multiScalarMul, negate } from '../../src/curve/g1.ts';
import { decodeG2, negateG2 } from '../../src/curve/g2.ts';
import { pairingIsOne, pairingProduct } from '../../src/curve/pairing.ts';
import { type Anvil, startAnvil } from '../../src/testing.ts';
import {
  COFACTOR,
  Fp2Oracle,
  Fp12Oracle,
  Fr,
  fromG1,
  G1,
  G2,
  hexOfG2,
  hexOfTwist,
  multiple,
  type OracleG1,
  type OracleG2,
  pairingBatch,
  toTower,
  twistPoint,
} from './oracle.ts';

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil?.stop());

const R = Fr.ORDER;
const X = 4965661367192848881n;
const scalar = fc.oneof(fc.constantFrom(1n, 2n, R - 1n, R - 2n), fc.bigInt({ min: 1n, max: R - 1n }));
const g1 = (s: bigint) => G1.BASE.multiply(Fr.create(s));
const g2 = (s: bigint) => G2.BASE.multiply(Fr.create(s));
const lines = (point: OracleG2) => decodeG2(hexOfG2(point), 'a point');

/** Whether a point of these coordinates is no point of the key; any other error is a failure of the test. */
function refused(...hex: Parameters<typeof hexOfTwist>): boolean {
  try {
    decodeG2(hexOfTwist(...hex), 'a point');
  } catch (error) {
    expect(error).toMatchObject({ code: 'verifier/vk-point' });
    return true;
  }
  return false;
}

/** What a precompile returns, or undefined when it fails. */
async function precompile(address: number, input: Uint8Array): Promise<Hex | undefined> {
  const params = [{ to: `0x${address.toString(16).padStart(40, '0')}`, data: bytesToHex(input), gas: '0xffffff' }, 'latest'];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params });
  const response = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result?: Hex }).result;
}

const words = (...values: readonly bigint[]) => concatBytes(...values.map((value) => hexToBytes(`0x${value.toString(16).padStart(64, '0')}`)));
const pairWords = (a: OracleG1, g: OracleG2) => {
  const [p, q] = [fromG1(a), g.toAffine()];
  return words(p.x, p.y, q.x.c1, q.x.c0, q.y.c1, q.y.c0);
};

test('the product is the loop of noble to the power that defines the final exponentiation', { timeout: 60_000 }, () => {
  const power = ((Q ** 12n - 1n) / R) * (2n * X * (6n * X * X + 3n * X + 1n));
  fc.assert(
    fc.property(scalar, scalar, scalar, scalar, (a, b, c, d) => {
      const product = pairingProduct([
        [fromG1(g1(a)), lines(g2(b))],
        [fromG1(g1(c)), lines(g2(d))],
      ]);
      const pairs = [
        { g1: g1(a), g2: g2(b) },
        { g1: g1(c), g2: g2(d) },
      ];
      expect(toTower(product)).toEqual(Fp12Oracle.pow(pairingBatch(pairs, false), power));
    }),
    { numRuns: 8 },
  );
});

test('bilinear: a product of pairings is one exactly when the exponents cancel', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scalar, scalar, scalar, fc.boolean(), (a, b, c, honest) => {
      // a*b + c*d = 0, or one more.
      const d = Fr.add(Fr.neg(Fr.div(Fr.mul(a, b), c)), honest ? 0n : 1n);
      if (d === 0n) return;
      const [p, q] = [fromG1(g1(a)), fromG1(g1(c))];
      expect(pairingIsOne(p, lines(g2(b)), q, lines(g2(d)))).toBe(honest);
      expect(pairingIsOne(p, lines(g2(b)), negate(q), negateG2(lines(g2(d))))).toBe(honest);
      expect(pairingIsOne(q, lines(g2(d)), p, lines(g2(b)))).toBe(honest);
    }),
    { numRuns: 15 },
  );
});

test('never one for the identity of G1', () => {
  const [p, g, h] = [fromG1(G1.BASE), lines(G2.BASE), negateG2(lines(G2.BASE))];
  expect(pairingIsOne(p, g, p, h)).toBe(true);
  expect([pairingIsOne(IDENTITY, g, p, h), pairingIsOne(p, g, IDENTITY, h), pairingIsOne(IDENTITY, g, IDENTITY, h)]).toEqual([false, false, false]);
});

test("an EVM's precompiles agree on sums, multiples and pairings", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scalar, scalar, scalar, scalar, fc.boolean(), async (a, b, c, other, cancels) => {
      const d = cancels ? Fr.neg(Fr.div(Fr.mul(a, b), c)) : other;
      const sum = (point: G1Point) => bytesToHex(words(point.x, point.y));
      const [p, q] = [fromG1(g1(a)), fromG1(g1(c))];
      expect(await precompile(6, words(p.x, p.y, q.x, q.y))).toBe(sum(multiScalarMul([p, q], [1n, 1n])));
      expect(await precompile(7, words(p.x, p.y, b))).toBe(sum(multiScalarMul([p], [b])));
      const verdict = pairingIsOne(p, lines(g2(b)), q, lines(g2(d)));
      expect(await precompile(8, concatBytes(pairWords(g1(a), g2(b)), pairWords(g1(c), g2(d))))).toBe(bytesToHex(words(verdict ? 1n : 0n)));
      if (cancels) expect(verdict).toBe(true);
    }),
    { numRuns: 8 },
  );
});

test('a point of G2 is on the twist and in the subgroup; the precompile agrees', { timeout: 60_000 }, async () => {
  const decoded = async (point: OracleG2) => {
    const { x, y } = point.toAffine();
    const found = !refused(x, y);
    // Paired with the identity of G1, which the precompile allows: it succeeds exactly when the point of G2 is right.
    expect((await precompile(8, concatBytes(words(0n, 0n), pairWords(G1.BASE, point).subarray(64)))) !== undefined).toBe(found);
    return found;
  };
  for (const s of [1n, 2n, 3n, R - 1n, X, 6n * X + 2n, 12345678901234567890n]) expect(await decoded(g2(s))).toBe(true);
  for (let i = 1n; i <= 6n; i++) {
    const anywhere = twistPoint(i * 1000n);
    expect(await decoded(anywhere)).toBe(false);
    expect(await decoded(anywhere.add(G2.BASE))).toBe(false);
    expect(await decoded(multiple(anywhere, R))).toBe(false);
    expect(await decoded(multiple(anywhere, COFACTOR))).toBe(true);
  }
});

test('points of small order, alone and added to a right one, are refused', () => {
  for (const order of [10069n, 5864401n, 1875725156269n, 10069n * 5864401n]) {
    expect(COFACTOR % order).toBe(0n);
    const small = multiple(twistPoint(77n), (COFACTOR / order) * R);
    expect(small.equals(G2.ZERO)).toBe(false);
    expect(multiple(small, order).equals(G2.ZERO)).toBe(true);
    for (const point of [small, small.negate(), small.add(G2.BASE), multiple(small, 2n)]) {
      const { x, y } = point.toAffine();
      expect(refused(x, y)).toBe(true);
    }
  }
});

test('coordinates off the twist are refused', () => {
  const { x, y } = G2.BASE.toAffine();
  const zero = { c0: 0n, c1: 0n };
  expect(refused(zero, zero)).toBe(true);
  expect(refused(y, x)).toBe(true);
  // Satisfies every equation but the curve's: the point (x, y) of y^2 = x^3 + B scaled to y^2 = x^3 + 64 B.
  expect(refused(Fp2Oracle.mul(x, { c0: 4n, c1: 0n }), Fp2Oracle.mul(y, { c0: 8n, c1: 0n }))).toBe(true);
  expect(refused(x, { ...y, c0: (y.c0 + 1n) % Q })).toBe(true);
  expect(refused(x, { ...y, c1: (y.c1 + 1n) % Q })).toBe(true);
  expect(refused({ ...x, c0: (x.c0 + 1n) % Q }, y)).toBe(true);
  expect(refused({ ...x, c1: (x.c1 + 1n) % Q }, y)).toBe(true);
  expect(refused(x, { c0: y.c0, c1: Q - y.c1 })).toBe(true);
});

test("the subgroup's test holds for no other points: the norm of its equation and the twist's order have only R in common", () => {
  // On the twist psi^2 - t*psi + Q = 0 with the trace t = 6x^2 + 1; an endomorphism [a + b*psi] as [a, b].
  const t = 6n * X * X + 1n;
  expect(Q + 1n - t).toBe(R);
  const timesPsi = ([a, b]: readonly [bigint, bigint]) => [-b * Q, a + b * t] as const;
  const psi = [0n, 1n] as const;
  const [psi2, psi3] = [timesPsi(psi), timesPsi(timesPsi(psi))];
  const norm = (sign: 1n | -1n) => {
    const [a, b] = [6n * X + 2n + psi[0] - psi2[0] + sign * psi3[0], psi[1] - psi2[1] + sign * psi3[1]];
    return a * a + a * b * t + b * b * Q;
  };
  const gcd = (m: bigint, n: bigint): bigint => (n === 0n ? m : gcd(n, m % n));
  expect([gcd(norm(1n), COFACTOR * R), gcd(norm(-1n), COFACTOR * R)]).toEqual([R, 1n]);
  expect(multiple(twistPoint(5n), COFACTOR * R).equals(G2.ZERO)).toBe(true);
});

test('the power in the final exponentiation is prime to the order, and its digits are those of the source', () => {
  const digits = [12n * X ** 3n + 12n * X ** 2n + 6n * X + 1n, 12n * X ** 3n + 6n * X ** 2n + 4n * X, 12n * X ** 3n + 6n * X ** 2n + 6n * X];
  const last = 12n * X ** 3n + 6n * X ** 2n + 4n * X - 1n;
  const power = 2n * X * (6n * X * X + 3n * X + 1n);
  expect([...digits, last].reduce((sum, digit, i) => sum + digit * Q ** BigInt(i), 0n)).toBe((power * (Q ** 4n - Q ** 2n + 1n)) / R);
  expect(power % R).not.toBe(0n);
});
