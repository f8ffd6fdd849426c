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
    pattern: /^curve\/g1\.ts: return x >= 0n .* \| \d+: (>= -> >|< -> <=|0n -> 1n)$/,
    why: 'no point of the curve has a coordinate 0: 3 is no square and -3 no cube',
  },
  { pattern: /^curve\/fp\.ts: let product = 1n; \| \d+: 1n -> 2n$/, why: 'where the products begin cancels when they are inverted' },
  { pattern: /^curve\/g1\.ts: .* bottom: 1n \}; \| \d+: 1n -> 2n$/, why: 'its inverse is used by nobody, only zero would have none' },
  { pattern: /^curve\/g1\.ts: let \[x, y, z\] = .* \| \d+: 1n -> 2n$/, why: 'the identity is every (0 : y : 0)' },
  { pattern: /^curve\/g1\.ts: const WIDTH = 4; \| \d+: 4 -> 5$/, why: 'the digits of any width give the same sum' },
  { pattern: /^curve\/g1\.ts: for \(let i = 1; .* \| \d+: (< -> <=|2 -> 3)$/, why: 'a multiple that no digit names' },
  {
    pattern: /^curve\/g1\.ts: positions\[position\]\.push\(digit < 0 .* \| \d+: (< -> <=|0 -> 1)$/,
    why: 'digits are odd, so none is between -1 and 1',
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
  { pattern: /^queries\.ts: (if \(seen\.has|seen\.add)/, why: 'remembering a visited node only saves work' },
  { pattern: /^queries\.ts: const of = .* \| \d+: 0 -> 1$/, why: 'a node refers only to nodes before it, checkIr has seen to that' },
  { pattern: /^queries\.ts: return Math\.max\(.* \| 45: 0 -> 1$/, why: 'no degree below 2 is allowed anyway' },
  {
    pattern: /^transcript\.ts: private length = 0; \| \d+: 0 -> 1$/,
    why: 'more than the digest is absorbed before the first challenge: every circuit has advice',
  },
  {
    pattern: /^verify\.ts: if \((sum|opening) === undefined\) return/,
    why: 'no proof is known for which mu is an opened point; openingScalars, which finds it, is tested by itself',
  },
  { pattern: /^verify\.ts: if \(found === undefined\) throw/, why: 'arithmetic with the undefined value throws as well' },
  { pattern: /^plan\.ts: const order = .* \| \d+: 1n -> 2n$/, why: 'exponents may as well be reduced by twice the order' },
  { pattern: /^domain\.ts: const rows = new Set.*\| \d+: 2 -> 3$/, why: 'a Lagrange value that nobody reads' },
  { pattern: /^domain\.ts: for \(let i = 0; .* \| \d+: < -> <=$/, why: 'a Lagrange value that nobody reads' },
];
