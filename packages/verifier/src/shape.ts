/** The digest that names a constraint-system shape: everything that the generated verifier's code depends on, and nothing else. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToBigInt } from '@pentimento/core';
import type { Plan } from './plan.ts';

/** keccak256 of a versioned JSON text of the plan. Names of gates and columns take no part; constants of the gates do. */
export function shapeDigest(plan: Plan): bigint {
  const shape = [
    'pentimento-shape-v1',
    plan.k,
    plan.omega,
    plan.blindingFactors,
    plan.quotientPieces,
    plan.instanceRows,
    plan.instanceQueries,
    plan.permutation.chunk,
    plan.permutation.products,
    plan.steps,
    plan.identities.terms,
    plan.identities.list.map((identity) => identity.term),
    plan.sets.map((set) => [set.rotations, set.slots]),
    plan.openedFixed,
  ];
  const text = JSON.stringify(shape, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return bytesToBigInt(keccak_256(new TextEncoder().encode(text)));
}
