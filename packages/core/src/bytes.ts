/** Bytes, hexadecimal text and field words. */
import { BaseError } from './error.ts';

export type Hex = `0x${string}`;

export function bytesToHex(bytes: Uint8Array): Hex {
  let text = '0x';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text as Hex;
}

/** Strict: `0x` and an even number of hexadecimal digits, else `bytes/not-hex`. */
export function hexToBytes(hex: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) {
    throw new BaseError({
      code: 'bytes/not-hex',
      message: `Expected 0x and an even number of hexadecimal digits, got ${JSON.stringify(hex.slice(0, 40))}.`,
    });
  }
  return Uint8Array.from({ length: hex.length / 2 - 1 }, (_, i) => Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16));
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Big-endian integer of any length. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
}

/** Big-endian bytes of a non-negative integer, left-padded to `length`; a RangeError when it does not fit. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16);
  if (value < 0n || hex.length > 2 * length) throw new RangeError(`expected an integer of at most ${length} bytes`);
  return hexToBytes(`0x${hex.padStart(2 * length, '0')}`);
}
