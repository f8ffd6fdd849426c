/** Columns as the addon takes them: one contiguous buffer each. */
import type { Column } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import type { NativeColumn } from './native.ts';

const WORD = 32;

/** Small integers as they are, field elements as packed little-endian words; `what` names the column in errors. */
function toNative(column: Column, what: string): NativeColumn {
  return column instanceof Int32Array ? { ints: column } : { packed: packWords(column, what) };
}

export function toNativeAll(columns: readonly Column[], what: string): NativeColumn[] {
  return columns.map((column, i) => toNative(column, `${what} ${i}`));
}

function packWords(values: readonly bigint[], what: string): Uint8Array {
  const bytes = new Uint8Array(values.length * WORD);
  const view = new DataView(bytes.buffer);
  values.forEach((value, row) => {
    if (value < 0n || value >= field.R) {
      throw new BaseError({
        code: 'engine/not-canonical',
        message: `Expected canonical field elements in ${what}, got ${value} in row ${row}.`,
      });
    }
    for (let limb = 0, rest = value; rest > 0n; limb++, rest >>= 64n) {
      view.setBigUint64(row * WORD + limb * 8, BigInt.asUintN(64, rest), true);
    }
  });
  return bytes;
}
