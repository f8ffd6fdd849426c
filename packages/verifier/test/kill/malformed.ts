/** Keys and circuits that `prepare` must refuse, each with its code, and the limits of every number in a key. */
import type { Ir } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { Q } from '../../src/curve/fp.ts';
import type { VkDescriptor } from '../../src/index.ts';
import { loadFixture } from '../fixtures.ts';

export interface Malformed {
  readonly name: string;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly code: string;
}

const { ir, vk } = loadFixture('toy3');
const everything = loadFixture('everything');
const zero = `0x${'0'.repeat(64)}`;
const hex = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;

const keys: readonly (readonly [what: string, change: object, code: string])[] = [
  ['another format', { format: 'x' }, 'verifier/vk-malformed'],
  ['another version', { version: 2 }, 'verifier/vk-malformed'],
  ['an unknown key', { extra: 1 }, 'verifier/vk-malformed'],
  ['k as text', { k: '8' }, 'verifier/vk-malformed'],
  ['half a row', { k: 8.5 }, 'verifier/vk-malformed'],
  ['a short field element', { omega: '0x01' }, 'verifier/vk-malformed'],
  ['a field element as a number', { transcriptRepr: 1 }, 'verifier/vk-malformed'],
  ['a transcript digest of exactly r', { transcriptRepr: hex(field.R) }, 'verifier/vk-malformed'],
  ['an omega of lower order', { omega: hex(1n) }, 'verifier/vk-domain'],
  ['an omega of zero', { omega: zero }, 'verifier/vk-domain'],
  ['commitments that are no list', { fixedCommitments: {} }, 'verifier/vk-malformed'],
  ['a commitment off the curve', { fixedCommitments: vk.fixedCommitments.with(0, [vk.omega, vk.omega]) }, 'verifier/vk-point'],
  ['a commitment with x zero', { fixedCommitments: vk.fixedCommitments.with(0, [zero, hex(5n)]) }, 'verifier/vk-point'],
  ['a commitment with y zero', { fixedCommitments: vk.fixedCommitments.with(0, [hex(5n), zero]) }, 'verifier/vk-point'],
  ['a commitment of one coordinate', { fixedCommitments: vk.fixedCommitments.with(0, [zero] as never) }, 'verifier/vk-malformed'],
  ['a commitment of three coordinates', { fixedCommitments: vk.fixedCommitments.with(0, [...vk.g1, zero] as never) }, 'verifier/vk-malformed'],
  ['a coordinate of q', { fixedCommitments: vk.fixedCommitments.with(0, [hex(Q), vk.g1[1]]) }, 'verifier/vk-malformed'],
  ['an identity sigma commitment', { sigmaCommitments: vk.sigmaCommitments.with(0, [zero, zero]) }, 'verifier/vk-point'],
  ['a sigma commitment off the curve', { sigmaCommitments: vk.sigmaCommitments.with(0, [hex(1n), hex(1n)]) }, 'verifier/vk-point'],
  ['a queried identity commitment', { fixedCommitments: vk.fixedCommitments.with(0, [zero, zero]) }, 'verifier/zero-fixed-column'],
  ['another generator', { g1: vk.fixedCommitments[0] }, 'verifier/vk-point'],
  ['the generator negated', { g1: [hex(1n), hex(Q - 2n)] }, 'verifier/vk-point'],
  ['an identity generator', { g1: [zero, zero] }, 'verifier/vk-point'],
  ['a G2 point off the curve', { sG2: [vk.g2[1], vk.g2[0]] }, 'verifier/vk-point'],
  ['a G2 point of one coordinate', { g2: [vk.g2[0]] }, 'verifier/vk-malformed'],
  ['a G2 point of three coordinates', { g2: [...vk.g2, vk.g2[0]] }, 'verifier/vk-malformed'],
  ['a G2 coordinate of one part', { g2: [[zero], vk.g2[1]] }, 'verifier/vk-malformed'],
  ['a G2 coordinate of three parts', { g2: [[...vk.g2[0], zero], vk.g2[1]] }, 'verifier/vk-malformed'],
  ['a G2 coordinate of q', { g2: [[hex(Q), zero], vk.g2[1]] }, 'verifier/vk-malformed'],
  ['a G2 point outside the subgroup', { sG2: outsideSubgroup() }, 'verifier/vk-point'],
  ['an SRS without a name', { srs: { insecure: true } }, 'verifier/vk-malformed'],
  ['an SRS whose name is no text', { srs: { name: 1, insecure: true } }, 'verifier/vk-malformed'],
  ['an SRS whose flag is no truth value', { srs: { name: 'x', insecure: 1 } }, 'verifier/vk-malformed'],
  ['an SRS that is a list', { srs: [] }, 'verifier/vk-malformed'],
  ['an SRS that is nothing', { srs: null }, 'verifier/vk-malformed'],
  ['a query that is no pair', { fixedQueries: [[0]] }, 'verifier/vk-malformed'],
  ['a query of three numbers', { fixedQueries: [[0, 0, 0]] }, 'verifier/vk-malformed'],
  ['a permutation column that is no pair', { permutation: [['advice']] }, 'verifier/vk-malformed'],
  ['a permutation column of three parts', { permutation: [['advice', 0, 0]] }, 'verifier/vk-malformed'],
  ['a permutation column of an unknown kind', { permutation: [['other', 0]] }, 'verifier/vk-malformed'],
  ['another k', { k: 9, omega: hex(rootOfUnity(9)) }, 'verifier/mismatch'],
  ['another degree', { degree: 4 }, 'verifier/mismatch'],
  ['a repeated query', { adviceQueries: [...vk.adviceQueries, vk.adviceQueries[0]] }, 'verifier/mismatch'],
  ['a missing query', { fixedQueries: vk.fixedQueries.slice(1) }, 'verifier/mismatch'],
  ['a missing advice query', { adviceQueries: vk.adviceQueries.slice(1) }, 'verifier/mismatch'],
  ['another instance query', { instanceQueries: [[0, 1]] }, 'verifier/mismatch'],
  ['another permutation', { permutation: vk.permutation.toReversed() }, 'verifier/mismatch'],
  ['other instance lengths', { numInstances: [3] }, 'verifier/mismatch'],
  ['fewer blinding factors', { blindingFactors: 4 }, 'verifier/mismatch'],
  ['a missing fixed commitment', { fixedCommitments: vk.fixedCommitments.slice(0, -1) }, 'verifier/mismatch'],
  ['a missing sigma commitment', { sigmaCommitments: vk.sigmaCommitments.slice(1) }, 'verifier/mismatch'],
];

const circuits: readonly (readonly [what: string, change: Partial<Record<keyof Ir, unknown>>, code?: string])[] = [
  ['another format', { format: 'x' }],
  ['another version', { version: 2 }],
  ['a negation that refers forwards', { nodes: [...ir.nodes, ['neg', 9999]] }],
  ['a negation of itself', { nodes: [...ir.nodes, ['neg', ir.nodes.length]] }],
  ['a sum that refers forwards first', { nodes: [...ir.nodes, ['add', 9999, 0]] }],
  ['a product that refers forwards second', { nodes: [...ir.nodes, ['mul', 0, 9999]] }],
  ['a reference that is no number', { nodes: [...ir.nodes, ['neg', 0.5]] }],
  ['a negative reference', { nodes: [...ir.nodes, ['neg', -1]] }],
  ['a constant with a leading zero', { nodes: [...ir.nodes, ['const', '01']] }],
  ['a constant of r', { nodes: [...ir.nodes, ['const', field.R.toString()]] }],
  ['a constant that is no number', { nodes: [...ir.nodes, ['const', 'x']] }],
  ['an unknown challenge', { nodes: [...ir.nodes, ['challenge', ir.challenges.length]] }],
  ['an unknown advice column', { nodes: [...ir.nodes, ['advice', ir.advice.length, 0]] }],
  ['an unknown fixed column', { nodes: [...ir.nodes, ['fixed', ir.fixed.length, 0]] }],
  ['an unknown instance column', { nodes: [...ir.nodes, ['instance', ir.instances.length, 0]] }],
  ['half a rotation', { nodes: [...ir.nodes, ['advice', 0, 0.5]] }],
  ['a node of an unknown kind', { nodes: [...ir.nodes, ['other', 0, 0]] }],
  ['a gate without a polynomial', { gates: [{ id: 'a', poly: ir.nodes.length }] }],
  ['phases out of order', { advice: ir.advice.toReversed() }],
  ['phases out of order at the end', { advice: ir.advice.map((column, i) => ({ ...column, phase: i === ir.advice.length - 2 ? 1 : 0 })) }],
  ['a third phase', { advice: ir.advice.with(-1, { name: 'x', phase: 2 as never }) }],
  ['a negative phase', { advice: ir.advice.with(0, { name: 'x', phase: -1 as never }) }],
  ['a line break in a gate id', { gates: [{ id: 'a\nb', poly: 0 }] }],
  ['an equality column of an unknown kind', { equality: [['other', 0]] }],
  ['an equality column that does not exist', { equality: [['advice', ir.advice.length]] }],
  ['a repeated equality column', { equality: [...ir.equality, ...ir.equality] }],
];

/** A key whose circuit fits it, but whose numbers cannot be sound. */
function unsound(): Malformed[] {
  const deep = loadFixture('k14-d5');
  const shallow = { ir: { ...everything.ir, gates: everything.ir.gates.slice(0, 1), degree: 3 }, vk: everything.vk };
  const rows = 2 ** ir.k - vk.blindingFactors;
  const tall = (count: number) => ({ ir: { ...ir, instances: [{ name: 'i', rows: count }] }, vk: { ...vk, numInstances: [count] } });
  return [
    { name: 'a degree below that of the gates', ir: { ...deep.ir, degree: 4 }, vk: { ...deep.vk, degree: 4 }, code: 'verifier/degree-too-small' },
    { name: 'gates taken out', ...shallow, code: 'verifier/mismatch' },
    { name: 'more instances than usable rows', ...tall(rows), code: 'verifier/too-many-instances' },
  ];
}

export const MALFORMED: readonly Malformed[] = [
  ...keys.map(([what, change, code]) => ({ name: `key with ${what}`, ir, vk: { ...vk, ...change } as VkDescriptor, code })),
  ...circuits.map(([what, change, code]) => ({
    name: `circuit with ${what}`,
    ir: { ...ir, ...change } as Ir,
    vk,
    code: code ?? 'verifier/ir-malformed',
  })),
  ...unsound(),
];

export interface Limit {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** The key with this value. */
  readonly with: (value: number) => object;
}

/** Least and most of every number in a key; `parseVk` accepts both and refuses their neighbours. */
export const LIMITS: readonly Limit[] = [
  { name: 'k', least: 1, most: 28, with: (k) => ({ ...vk, k, omega: hex(rootOfUnity(Math.min(28, Math.max(1, k)))) }) },
  { name: 'degree', least: 2, most: 255, with: (degree) => ({ ...vk, degree }) },
  { name: 'blindingFactors', least: 1, most: 2 ** 20, with: (blindingFactors) => ({ ...vk, blindingFactors }) },
  { name: 'instance rows', least: 0, most: 2 ** 28, with: (rows) => ({ ...vk, numInstances: [rows] }) },
  { name: 'column of a query', least: 0, most: 2 ** 20, with: (column) => ({ ...vk, fixedQueries: [[column, 0]] }) },
  { name: 'rotation of a query', least: -(2 ** 20), most: 2 ** 20, with: (rotation) => ({ ...vk, adviceQueries: [[0, rotation]] }) },
  { name: 'permutation column', least: 0, most: 2 ** 20, with: (column) => ({ ...vk, permutation: [['advice', column]] }) },
];

/** Of order 2^k: 7 generates the multiplicative group. */
function rootOfUnity(k: number): bigint {
  return field.pow(7n, (field.R - 1n) >> BigInt(k));
}

/** A point of the twist that is no multiple of the generator: x = 1, y one of its roots. */
function outsideSubgroup(): readonly (readonly string[])[] {
  const y = [
    3610091866386166428467545612961983990332663701371483510632385378352395651980n,
    15975588672102553735566230729081043132501226101599136527557730645158523614371n,
  ];
  return [[hex(1n), hex(0n)], y.map(hex)];
}
