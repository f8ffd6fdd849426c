/** What the domain of size `n = 2^k` contributes at the challenge `x`: Lagrange polynomials and the evaluations of the instance columns. */
import { field } from '@pentimento/core';
import { omegaPower, type Plan } from './plan.ts';

/**
 * Adds `xn = x^n`, `zhInverse = 1/(x^n - 1)`, `l0`, `lLast`, `lActive` and the evaluations of the instance columns:
 * query `(c, r)` is `sum_i instance_c[i] * l_{i-r}(x)` with `l_i(x) = omega^i/n * (x^n - 1)/(x - omega^i)`. False when x is in the domain.
 */
export function addDomainValues(plan: Plan, values: Map<string, bigint>, instances: readonly (readonly bigint[])[]): boolean {
  const { k, omega, blindingFactors } = plan;
  const x = values.get('x') as bigint;
  const xn = field.pow(x, 1n << BigInt(k));
  const zh = field.sub(xn, 1n);
  if (zh === 0n) return false;
  const rows = lagrangeRows(plan);
  const powers = rows.map((row) => omegaPower(omega, k, row));
  const n = field.fr(1n << BigInt(k));
  const [zhInverse, nInverse, ...inverses] = field.batchInv([zh, n, ...powers.map((power) => field.sub(x, power))]) as [bigint, bigint, ...bigint[]];
  const scale = field.mul(zh, nInverse);
  const lagrange = new Map(rows.map((row, i) => [row, field.mul(scale, field.mul(powers[i] as bigint, inverses[i] as bigint))]));
  const l = (row: number) => lagrange.get(row) as bigint;
  const inactive = Array.from({ length: blindingFactors + 1 }, (_, i) => l(-1 - i)).reduce(field.add);
  values
    .set('xn', xn)
    .set('zhInverse', zhInverse)
    .set('l0', l(0))
    .set('lLast', l(-(blindingFactors + 1)))
    .set('lActive', field.sub(1n, inactive));
  for (const [column, rotation] of plan.instanceQueries) {
    const sum = (instances[column] as readonly bigint[]).reduce((s, value, i) => field.add(s, field.mul(value, l(i - rotation))), 0n);
    values.set(`i${column}@${rotation}`, sum);
  }
  return true;
}

/** Rows whose Lagrange polynomials are needed: the blinding rows, the last usable row, row 0, and the instances' rows. */
function lagrangeRows(plan: Plan): number[] {
  const rows = new Set(Array.from({ length: plan.blindingFactors + 2 }, (_, i) => -i));
  for (const [column, rotation] of plan.instanceQueries) {
    for (let i = 0; i < (plan.instanceRows[column] as number); i++) rows.add(i - rotation);
  }
  return [...rows];
}
