/** Mutants that no input can tell from the verifier, and why. Each pattern must match a mutant that survives. */
export interface Equivalent {
  readonly pattern: RegExp;
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  { pattern: /revert\(0, 0\) \} \| \d+: 0 -> 0x1$/, why: 'the data of a revert is read by nobody' },
  {
    pattern: /^(mulAdd|mulToSum|domain): if iszero\(staticcall\(gas\(\), [567], .* \| removed$/,
    why: 'fails only for lack of gas, and what is left of it, one part in 64, does not suffice for the next operation',
  },
  {
    pattern: /^checks: let ok := scalarsBelow\(0x\w+, .* \| \d+: 0x\w+ -> 0x\w+$/,
    why: 'also checks the word before, the digest of the key, which is below r',
  },
  {
    pattern: /^curve\.ts: return x >= 0n .* \| \d+: (>= -> >|< -> <=|0n -> 1n)$/,
    why: 'no point of the curve has a coordinate 0: 3 is no square and -3 no cube',
  },
  {
    pattern: /^identities\.ts: (if \((known|found) !== undefined\) return|this\.positions\.set|known\.set)/,
    why: 'remembering a term only saves work',
  },
  {
    pattern: /^identities\.ts: else if \(term\[0\] === 'neg'\) .* \| (never taken|14: 0 -> 1)$/,
    why: 'the next line negates as well: it calls the operation by its name',
  },
  { pattern: /^identities\.ts: if \(node === undefined\)/, why: 'checkIr has refused such a circuit' },
  { pattern: /^domain\.ts: const rows = new Set.*\| \d+: 2 -> 3$/, why: 'a Lagrange value that nobody reads' },
  { pattern: /^domain\.ts: for \(let i = 0; .* \| \d+: < -> <=$/, why: 'a Lagrange value that nobody reads' },
];
