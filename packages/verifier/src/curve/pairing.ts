/**
 * The optimal ate pairing of BN254 (Vercauteren 2010), as far as the check of EIP-197 needs it: the loops of two pairs are run together
 * and closed by one final exponentiation.
 */
import { inverse, Q } from './fp.ts';
import { scale } from './fp2.ts';
import { conjugate, type Fp12, frobenius, inverse as inverseFp12, isOne, mul, mulLine, ONE, square } from './fp12.ts';
import { type G1Point, isIdentity } from './g1.ts';
import { type G2Point, type Line, LOOP } from './g2.ts';

/** Both points are no identities. */
export type Pair = readonly [G1Point, G2Point];

/** `e(a, g) * e(b, h) = 1`; false when `a` or `b` is the identity. */
export function pairingIsOne(a: G1Point, g: G2Point, b: G1Point, h: G2Point): boolean {
  if (isIdentity(a) || isIdentity(b)) return false;
  return isOne(
    pairingProduct([
      [a, g],
      [b, h],
    ]),
  );
}

/** The product of the pairings, each to the power `2x(6x^2 + 3x + 1)`, which is prime to the group's order. */
export function pairingProduct(pairs: readonly Pair[]): Fp12 {
  return finalExponentiation(millerLoop(pairs));
}

function millerLoop(pairs: readonly Pair[]): Fp12 {
  const points = pairs.map(([{ x, y }, lines]) => ({ slope: (-x * inverse(y)) % Q, offset: inverse(y), lines: lines.values() }));
  let f = ONE;
  const multiplyLines = () => {
    for (const { slope, offset, lines } of points) {
      const line = lines.next().value as Line;
      f = mulLine(f, scale(line.slope, slope), scale(line.offset, offset));
    }
  };
  for (const bit of LOOP) {
    f = square(f);
    multiplyLines();
    if (bit === '1') multiplyLines();
  }
  multiplyLines();
  multiplyLines();
  return f;
}

/**
 * `f^((Q^12 - 1)/R * 2x(6x^2 + 3x + 1))`. First `(Q^6 - 1)(Q^2 + 1)`, after which conjugation inverts; then, of Fuentes-Castaneda, Knapp and
 * Rodriguez-Henriquez 2011, `(12x^3 + 12x^2 + 6x + 1) + (12x^3 + 6x^2 + 4x) Q + (12x^3 + 6x^2 + 6x) Q^2 + (12x^3 + 6x^2 + 4x - 1) Q^3`.
 */
function finalExponentiation(f: Fp12): Fp12 {
  const unitary = mul(conjugate(f), inverseFp12(f));
  const g = mul(frobenius(frobenius(unitary)), unitary);
  const x2 = square(powX(g));
  const x6 = mul(square(x2), x2);
  const xx6 = powX(x6);
  const third = mul(mul(square(powX(xx6)), xx6), x6);
  const second = mul(third, conjugate(x2));
  const [first, fourth] = [mul(mul(third, xx6), g), mul(second, conjugate(g))];
  return [fourth, third, second, first].reduce((sum, power) => mul(frobenius(sum), power));
}

/** `f^x` for the curve's parameter `x`. */
function powX(f: Fp12): Fp12 {
  let power = f;
  for (const bit of X) {
    power = square(power);
    if (bit === '1') power = mul(power, f);
  }
  return power;
}

/** Below its highest bit. */
const X: string = 4965661367192848881n.toString(2).slice(1);
