/** Provers are lent and come back, whatever the work does with them. No child is started: it is work that starts one. */
import { BaseError } from '@pentimento/core';
import { expect, it } from 'vitest';
import type { Prover } from '../src/proofs/prover.ts';
import { Provers } from '../src/proofs/provers.ts';

const KIT = { folder: '', objective: 'fast' } as const;

/** Work that lasts until it is told to end. */
function borrow(provers: Provers) {
  const { promise: told, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let prover: Prover | undefined;
  const done = provers.lend(KIT, (lent) => {
    prover = lent;
    return told;
  });
  return { prover, done, end, fail };
}

it('are never lent twice at a time', async () => {
  const provers = new Provers(2);
  const [first, second] = [borrow(provers), borrow(provers)];
  expect(first.prover).toBeDefined();
  expect(second.prover).toBeDefined();
  expect(second.prover).not.toBe(first.prover);
  await expect(borrow(provers).done).rejects.toMatchObject({ code: 'queue/handed-back', retryable: true });
  first.end();
  await first.done;
  const third = borrow(provers);
  expect(third.prover).toBe(first.prover);
  await expect(borrow(provers).done).rejects.toBeInstanceOf(BaseError);
  for (const { end, done } of [second, third]) {
    end();
    await done;
  }
});

it('are free again after work that throws, at once or later', async () => {
  const provers = new Provers(1);
  const lender = () => {
    throw new Error('at once');
  };
  for (let i = 0; i < 3; i++) await expect(provers.lend(KIT, lender)).rejects.toThrow('at once');
  const later = borrow(provers);
  later.fail(new Error('later'));
  await expect(later.done).rejects.toThrow('later');
  expect(await provers.lend(KIT, async (prover) => prover)).toBe(later.prover);
});
