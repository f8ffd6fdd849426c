import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigIntToBytes, bytesToBigInt, bytesToHex, concatBytes, hexToBytes } from '../src/bytes.ts';
import type { BaseError } from '../src/error.ts';

describe('hexadecimal text', () => {
  it('round-trips any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(hexToBytes(bytesToHex(bytes))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('accepts both cases', () => {
    expect([...hexToBytes('0xaBcD')]).toEqual([0xab, 0xcd]);
  });

  it.each(['', 'ab', '0x1', '0xg0', '0X00', ' 0x00', '0x00\n', '0x0 '])('rejects %j', (text) => {
    expect(() => hexToBytes(text)).toThrow(expect.objectContaining({ code: 'bytes/not-hex' }) as BaseError);
  });
});

describe('integers', () => {
  it('round-trip through big-endian bytes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 160n) - 1n }), (value) => {
        expect(bytesToBigInt(bigIntToBytes(value, 20))).toBe(value);
      }),
    );
  });

  it('are padded on the left', () => {
    expect([...bigIntToBytes(258n, 4)]).toEqual([0, 0, 1, 2]);
    expect(bytesToBigInt(new Uint8Array(0))).toBe(0n);
  });

  it.each([
    [-1n, 4],
    [256n, 1],
  ])('reject %d in %d bytes', (value, length) => {
    expect(() => bigIntToBytes(value, length)).toThrow(RangeError);
  });
});

it('concatBytes keeps the order', () => {
  expect([...concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))]).toEqual([1, 2, 3]);
});
