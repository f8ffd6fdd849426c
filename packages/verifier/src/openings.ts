/**
 * SHPLONK (Boneh, Drake, Fisch, Gabizon 2020, section 4) as halo2 normalises it, by the first set:
 * `L = sum_i nu^i * Z_{T-Si}(mu)/Z_{T-S0}(mu) * sum_j zeta^j * C_ij - r(mu)*G1 - Z_{S0}(mu)*W + mu*W2`, and the proof is accepted
 * when `e(L, G2) * e(W2, -sG2) = 1`. `T` is the set of all opened points `x * omega^rotation`.
 */
import { field } from '@pentimento/core';
import { type OpeningSet, omegaPower, type Plan } from './plan.ts';

export interface OpeningScalars {
  /** Scalar of each opened commitment, `H` included. */
  readonly slots: ReadonlyMap<string, bigint>;
  /** Of the generator: `-r(mu)`. */
  readonly generator: bigint;
  /** Of `W`: `-Z_{S0}(mu)`. */
  readonly quotient: bigint;
}

/** `value` gives challenges, and evaluations by `slot@rotation`; undefined when the challenge hits an opened point. */
export function openingScalars(plan: Plan, value: (name: string) => bigint): OpeningScalars | undefined {
  const [x, mu, zeta, nu] = [value('x'), value('mu'), value('zeta'), value('nu')];
  const distance = new Map(plan.rotations.map((r) => [r, field.sub(mu, field.mul(x, omegaPower(plan.omega, plan.k, r)))]));
  const vanishing = (rotations: readonly number[]) => rotations.reduce((p, r) => field.mul(p, distance.get(r) as bigint), 1n);
  const complement = (set: OpeningSet) => vanishing(plan.rotations.filter((r) => !set.rotations.includes(r)));
  const first = plan.sets[0] as OpeningSet;
  const divisor = complement(first);
  if (x === 0n || divisor === 0n) return undefined;
  const [xInverse, divisorInverse] = field.batchInv([x, divisor]) as [bigint, bigint];

  const slots = new Map<string, bigint>();
  let remainder = 0n;
  let power = 1n;
  for (const set of plan.sets) {
    const basis = set.rotations.map((r, i) => {
      const scale = field.mul(set.basisInverses[i] as bigint, field.pow(xInverse, BigInt(set.rotations.length - 1)));
      return field.mul(vanishing(set.rotations.filter((s) => s !== r)), scale);
    });
    let scalar = set === first ? power : field.mul(power, field.mul(complement(set), divisorInverse));
    for (const slot of set.slots) {
      slots.set(slot, scalar);
      const interpolated = set.rotations.reduce((sum, r, i) => field.add(sum, field.mul(value(`${slot}@${r}`), basis[i] as bigint)), 0n);
      remainder = field.add(remainder, field.mul(scalar, interpolated));
      scalar = field.mul(scalar, zeta);
    }
    power = field.mul(power, nu);
  }
  return { slots, generator: field.neg(remainder), quotient: field.neg(vanishing(first.rotations)) };
}
