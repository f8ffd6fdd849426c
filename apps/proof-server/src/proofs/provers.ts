/** The proving children, each lent to one proof at a time: what is not lent is free, so nothing that goes wrong can take a place for ever. */
import { BaseError } from '@pentimento/core';
import type { KitName } from './messages.ts';
import { Prover } from './prover.ts';

export class Provers {
  readonly #all: readonly Prover[];
  readonly #lent = new Set<Prover>();

  /** `count` children that share the machine's cores. */
  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => new Prover(count));
  }

  get count(): number {
    return this.#all.length;
  }

  /** Starts the children, so that the first proofs do not wait for them. */
  warm(): void {
    for (const prover of this.#all) prover.warm();
  }

  /** Runs `work` with a prover of its own, one that has these keys open if it is free. Throws `queue/handed-back` when none is free. */
  async lend<T>(name: KitName, work: (prover: Prover) => Promise<T>): Promise<T> {
    const free = this.#all.filter((prover) => !this.#lent.has(prover));
    const prover = free.find((each) => each.holds(name)) ?? free[0];
    if (!prover) {
      const message = 'Expected a free prover, but all of them work; the proof goes back to the queue.';
      throw new BaseError({ code: 'queue/handed-back', message, retryable: true });
    }
    this.#lent.add(prover);
    try {
      return await work(prover);
    } finally {
      this.#lent.delete(prover);
    }
  }

  /** Kills the children. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((prover) => prover.close()));
  }
}
