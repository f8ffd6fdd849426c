/** Deterministic randomness: everything that a fuzz run does follows from its seed. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bigIntToBytes, bytesToBigInt, field } from '@pentimento/core';

export class Random {
  #state: bigint;

  constructor(seed: number | bigint) {
    this.#state = BigInt(seed);
  }

  /** 256 random bits: keccak256 of a counter that starts at the seed's hash. */
  word(): bigint {
    this.#state = bytesToBigInt(keccak_256(bigIntToBytes(this.#state, 32)));
    return this.#state;
  }

  /** In `[0, r)`. */
  scalar(): bigint {
    return this.word() % field.R;
  }

  /** Integer in `low .. high`. */
  integer(low: number, high: number): number {
    return low + Number(this.word() % BigInt(high - low + 1));
  }

  chance(percent: number): boolean {
    return this.integer(0, 99) < percent;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** `count` distinct items in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    return Array.from({ length: Math.min(count, items.length) }, () => rest.splice(this.integer(0, rest.length - 1), 1)[0] as T);
  }
}
