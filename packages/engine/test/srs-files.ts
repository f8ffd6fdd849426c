/** Writes SRS files of a known secret, in halo2's raw layout and as `.ptau`, point by point: a second implementation for the reader's tests. */
import { bn254 } from '@noble/curves/bn254.js';

const { Fp, Fr } = bn254.fields;
const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
type Point1 = InstanceType<typeof G1>;
type Point2 = InstanceType<typeof G2>;

export interface Setup {
  readonly k: number;
  /** `s^i * G1` for `i < 2^(k+1) - 1`. */
  readonly powers: readonly Point1[];
  /** `s^i * G2` for `i < 2^k`. */
  readonly powersG2: readonly Point2[];
  /** `L_i(s) * G1`. */
  readonly lagrange: readonly Point1[];
}

export function setupOf(secret: bigint, k: number): Setup {
  const n = 2 ** k;
  const powers = Array.from({ length: 2 * n - 1 }, (_, i) => G1.BASE.multiply(Fr.pow(secret, BigInt(i))));
  const powersG2 = Array.from({ length: n }, (_, i) => G2.BASE.multiply(Fr.pow(secret, BigInt(i))));
  const omega = Fr.pow(7n, (Fr.ORDER - 1n) / BigInt(n));
  const scale = Fr.div(Fr.sub(Fr.pow(secret, BigInt(n)), 1n), BigInt(n));
  const lagrange = Array.from({ length: n }, (_, i) => {
    const root = Fr.pow(omega, BigInt(i));
    return G1.BASE.multiply(Fr.mul(scale, Fr.div(root, Fr.sub(secret, root))));
  });
  return { k, powers, powersG2, lagrange };
}

export function rawFile({ k, powers, powersG2, lagrange }: Setup): Buffer {
  const [g2, sG2] = powersG2 as [Point2, Point2];
  return Buffer.concat([u32(k), ...powers.slice(0, 2 ** k).map(g1Bytes), ...lagrange.map(g1Bytes), g2Bytes(g2), g2Bytes(sG2)]);
}

/** The three sections that are read, and one more that a reader must step over. */
export function ptauFile({ k, powers, powersG2 }: Setup): Buffer {
  const header = Buffer.concat([u32(32), littleEndian(Fp.ORDER), u32(k), u32(k)]);
  const sections: readonly (readonly [number, Buffer])[] = [
    [1, header],
    [7, Buffer.from('contributions')],
    [2, Buffer.concat(powers.map(g1Bytes))],
    [3, Buffer.concat(powersG2.map(g2Bytes))],
  ];
  const parts = sections.map(([type, data]) => Buffer.concat([u32(type), u64(data.length), data]));
  return Buffer.concat([Buffer.from('ptau'), u32(1), u32(sections.length), ...parts]);
}

export function g1Bytes(point: Point1): Buffer {
  const { x, y } = point.toAffine();
  return Buffer.concat([montgomery(x), montgomery(y)]);
}

function g2Bytes(point: Point2): Buffer {
  const { x, y } = point.toAffine();
  return Buffer.concat([x.c0, x.c1, y.c0, y.c1].map(montgomery));
}

function montgomery(value: bigint): Buffer {
  return littleEndian(Fp.mul(value, (1n << 256n) % Fp.ORDER));
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function u64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}
