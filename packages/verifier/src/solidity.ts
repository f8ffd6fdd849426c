/**
 * Generates the Solidity verifier of a constraint-system shape and the data contract of a verifying key.
 *
 * The verifier takes the key's address from its caller, which must pin that address and its code hash: the verifier checks only that the
 * data has the right size and begins with the digest of its own shape. It returns false for whatever is malformed, and reverts only when
 * a precompile fails, which after the explicit range and curve checks can only mean that it ran out of gas.
 */
import type { Ir, VkDescriptor } from '@pentimento/circuit';
import { BaseError, bigIntToBytes, bytesToHex, field, type Hex } from '@pentimento/core';
import { Q } from './curve/fp.ts';
import { createPlan, type Plan } from './plan.ts';
import { shapeDigest } from './shape.ts';
import { createLayout, type Layout } from './solidity/layout.ts';
import { hex } from './solidity/memory.ts';
import { checkStage, curveStage, domainStage, pairingStage, scalarStage, transcriptStage } from './solidity/stages.ts';
import { type PrintedTerms, printIdentities } from './solidity/terms.ts';
import { creationCode, vkRuntime } from './solidity/vk-contract.ts';
import { parseVk } from './vk.ts';

/** Name of the generated contract. */
export const VERIFIER_CONTRACT = 'Halo2Verifier';

export interface GeneratedVerifier {
  /** Solidity source of `Halo2Verifier`, the same bytes for the same shape and gate ids. */
  readonly verifier: string;
  /** Estimate of the runtime's bytes under the project's compiler settings. */
  readonly runtimeSizeHint: number;
  /** First word of every data contract that this verifier reads. */
  readonly shapeDigest: Hex;
  /** Bytes of a proof. */
  readonly proofBytes: number;
  /** Bytes of memory that the verifier uses. */
  readonly memoryBytes: number;
}

/** BaseErrors as in `prepare`. */
export function generateVerifier(ir: Ir, vk: VkDescriptor): GeneratedVerifier {
  const plan = createPlan(ir, parseVk(vk));
  const layout = createLayout(plan);
  const terms = printIdentities(plan.identities, (name) => addressOf(layout, name), layout.memory);
  const digest = shapeDigest(plan);
  const verifier = source(plan, layout, terms, digest);
  return {
    verifier,
    runtimeSizeHint: sizeHint(verifier),
    shapeDigest: bytesToHex(bigIntToBytes(digest, 32)),
    proofBytes: 32 * plan.words,
    memoryBytes: layout.memory.size,
  };
}

/** Creation code of the data contract; its runtime code is a zero byte and the key's words. */
export function encodeVkContract(ir: Ir, vk: VkDescriptor): Uint8Array {
  return creationCode(encodeVkRuntime(ir, vk));
}

/** Runtime code of the data contract: what `extcodehash` is computed from. */
export function encodeVkRuntime(ir: Ir, vk: VkDescriptor): Uint8Array {
  const runtime = vkRuntime(createPlan(ir, parseVk(vk)), vk);
  if (runtime.length > 24_576) {
    throw new BaseError({ code: 'verifier/vk-too-large', message: `Expected a key of at most 24576 bytes of code, got ${runtime.length}.` });
  }
  return runtime;
}

function addressOf(layout: Layout, name: string): number {
  const address = layout.value.get(name);
  if (address === undefined) throw new RangeError(`the memory plan has no value ${name}`);
  return address;
}

function source(plan: Plan, layout: Layout, terms: PrintedTerms, digest: bigint): string {
  const registers = Array.from({ length: terms.registers }, (_, i) => `let t${i}`);
  const y = layout.value.get('y') as number;
  const quotient = [
    `let y := mload(${hex(y)})`,
    'let acc',
    ...registers,
    ...terms.lines,
    `mstore(${hex(addressOf(layout, 'H@0'))}, mulmod(acc, mload(${hex(layout.batchZh)}), r))`,
  ];
  const r = `let r := ${hex(field.R)}`;
  return `// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a circuit and its verifying key; do not edit.
pragma solidity ^0.8.24;

/// @title Verifier of SHPLONK proofs for one constraint-system shape (k = ${plan.k}, ${plan.quotientPieces} quotient pieces)
contract ${VERIFIER_CONTRACT} {
    /// @notice First word of every verifying-key contract of this shape.
    bytes32 public constant SHAPE = ${bytesToHex(bigIntToBytes(digest, 32))};

    /// @param vk Data contract of the verifying key; the caller must pin it and its code hash.
    /// @param proof ${plan.words} words.
    /// @param instances ${layout.instanceWords} field elements.
    /// @return True for a valid proof, false for anything else; reverts only for lack of gas.
    function verifyProof(address vk, bytes calldata proof, uint256[] calldata instances) external view returns (bool) {
        assembly {
            function fail() {
                mstore(0, 0)
                return(0, 0x20)
            }
${helpers(layout)}
${yulFunction('transcript(proofAt, instancesAt)', [r, ...transcriptStage(layout)])}
${yulFunction('checks()', [r, ...checkStage(layout)])}
${yulFunction('domain()', [r, ...domainStage(plan, layout)])}
${yulFunction('quotient()', [r, ...quotient])}
${yulFunction('scalars()', [r, ...scalarStage(plan, layout)])}
${yulFunction('curve()', [r, ...curveStage(plan, layout)])}
${yulFunction('pairing()', pairingStage(layout))}
            if iszero(eq(proof.length, ${hex(32 * plan.words)})) { fail() }
            if iszero(eq(instances.length, ${hex(layout.instanceWords)})) { fail() }
            if iszero(eq(extcodesize(vk), ${hex(1 + 32 * layout.vkWords)})) { fail() }
            extcodecopy(vk, ${hex(layout.vk)}, 1, ${hex(32 * layout.vkWords)})
            if iszero(eq(mload(${hex(layout.vk)}), ${hex(digest)})) { fail() }
            transcript(proof.offset, instances.offset)
            checks()
            domain()
            quotient()
            scalars()
            curve()
            pairing()
            return(0, 0x20)
        }
    }
}
`;
}

function helpers(layout: Layout): string {
  const [sum, operand, second] = [hex(layout.sum), hex(layout.sum + 64), hex(layout.sum + 128)];
  return [
    yulFunction('rehash(h) -> next', ['mstore(0, h)', 'mstore8(0x20, 1)', 'next := keccak256(0, 0x21)']),
    yulFunction('scalarsBelow(from, to, r) -> ok', [
      'ok := 1',
      'for { let i := from } lt(i, to) { i := add(i, 0x20) } { ok := and(ok, lt(mload(i), r)) }',
    ]),
    yulFunction('pointsOnCurve(from, to) -> ok', [
      `let q := ${hex(Q)}`,
      'ok := 1',
      'for { let i := from } lt(i, to) { i := add(i, 0x40) } {',
      '    let x := mload(i)',
      '    let y := mload(add(i, 0x20))',
      '    let onCurve := eq(mulmod(y, y, q), addmod(mulmod(x, mulmod(x, x, q), q), 3, q))',
      '    ok := and(ok, and(and(lt(x, q), lt(y, q)), onCurve))',
      '}',
    ]),
    ...(layout.batchWords > (layout.batchInstances - layout.lagrange) / 32 ? [fractionHelper(layout)] : []),
    '// operand := scalar * operand + point',
    yulFunction('mulAdd(scalar, point)', [
      `mstore(${second}, scalar)`,
      `if iszero(staticcall(gas(), 7, ${operand}, 0x60, ${operand}, 0x40)) { revert(0, 0) }`,
      `mcopy(${second}, point, 0x40)`,
      `if iszero(staticcall(gas(), 6, ${operand}, 0x80, ${operand}, 0x40)) { revert(0, 0) }`,
    ]),
    '// sum := sum + scalar * operand',
    yulFunction('mulToSum(scalar)', [
      `mstore(${second}, scalar)`,
      `if iszero(staticcall(gas(), 7, ${operand}, 0x60, ${operand}, 0x40)) { revert(0, 0) }`,
      `if iszero(staticcall(gas(), 6, ${sum}, 0x80, ${sum}, 0x40)) { revert(0, 0) }`,
    ]),
  ]
    .map((text) => (text.startsWith('//') ? `            ${text}` : text))
    .join('\n');
}

/** `num/den = sum value_i * w_i / (x - w_i)` with `w_i` the successive powers of omega from `w` on. */
function fractionHelper(layout: Layout): string {
  return yulFunction('fraction(from, to, w, x, r) -> num, den', [
    'den := 1',
    'for { let i := from } lt(i, to) { i := add(i, 0x20) } {',
    '    let d := addmod(x, sub(r, w), r)',
    '    num := addmod(mulmod(num, d, r), mulmod(mulmod(mload(i), w, r), den, r), r)',
    '    den := mulmod(den, d, r)',
    `    w := mulmod(w, ${hex(layout.omega)}, r)`,
    '}',
  ]);
}

function yulFunction(signature: string, lines: readonly string[]): string {
  return [`            function ${signature} {`, ...lines.map((line) => `                ${line}`), '            }'].join('\n');
}

/** Bytes, fitted to compiled verifiers within 10 %: counts of field operations, memory accesses, curve operations and wide constants. */
function sizeHint(text: string): number {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return (
    1100 + 6 * count(/(add|mul)mod\(/g) + 4 * count(/mload\(/g) + 4 * count(/mstore\(/g) + 9 * count(/mulAdd\(/g) + 33 * count(/0x[0-9a-f]{40,}/g)
  );
}
