import type { Ir } from '@pentimento/circuit';
import { expect, test } from 'vitest';
import { prepare } from '../src/index.ts';
import { loadFixture } from './fixtures.ts';

const { ir, vk } = loadFixture('toy3');
const zero = `0x${'0'.repeat(64)}`;
const wide = `0x${'f'.repeat(64)}`;

const withCode = (code: string) => expect.objectContaining({ code });

const keys: [string, object, string][] = [
  ['another format', { format: 'x' }, 'verifier/vk-malformed'],
  ['another version', { version: 2 }, 'verifier/vk-malformed'],
  ['an unknown key', { extra: 1 }, 'verifier/vk-malformed'],
  ['k as text', { k: '8' }, 'verifier/vk-malformed'],
  ['a short field element', { omega: '0x01' }, 'verifier/vk-malformed'],
  ['a field element above r', { transcriptRepr: wide }, 'verifier/vk-malformed'],
  ['an omega of lower order', { omega: `0x${'0'.repeat(63)}1` }, 'verifier/vk-domain'],
  ['a commitment off the curve', { fixedCommitments: vk.fixedCommitments.with(0, [vk.omega, vk.omega]) }, 'verifier/vk-point'],
  ['an identity sigma commitment', { sigmaCommitments: vk.sigmaCommitments.with(0, [zero, zero] as never) }, 'verifier/vk-point'],
  ['a queried identity commitment', { fixedCommitments: vk.fixedCommitments.with(0, [zero, zero] as never) }, 'verifier/zero-fixed-column'],
  ['another generator', { g1: vk.fixedCommitments[0] }, 'verifier/vk-point'],
  ['a G2 point off the curve', { sG2: [vk.g2[1], vk.g2[0]] }, 'verifier/vk-point'],
  ['an SRS without a name', { srs: { insecure: true } }, 'verifier/vk-malformed'],
  ['another k', { k: 9, omega: loadFixture('k14-d5').vk.omega }, 'verifier/vk-domain'],
  ['a repeated query', { adviceQueries: [...vk.adviceQueries, vk.adviceQueries[0]] }, 'verifier/mismatch'],
  ['a missing query', { fixedQueries: vk.fixedQueries.slice(1) }, 'verifier/mismatch'],
  ['another permutation', { permutation: vk.permutation.toReversed() }, 'verifier/mismatch'],
  ['other instance lengths', { numInstances: [3] }, 'verifier/mismatch'],
  ['fewer blinding factors', { blindingFactors: 4 }, 'verifier/mismatch'],
  ['a missing commitment', { sigmaCommitments: vk.sigmaCommitments.slice(1) }, 'verifier/mismatch'],
];

for (const [what, change, code] of keys) {
  test(`a key with ${what} is ${code}`, () => expect(() => prepare(ir, { ...vk, ...change } as never)).toThrow(withCode(code)));
}

const circuits: [string, Partial<Ir>, string][] = [
  [
    'a node that refers forwards',
    {
      nodes: [
        ['neg', 1],
        ['const', '1'],
      ],
    },
    'verifier/ir-malformed',
  ],
  ['a constant that is not canonical', { nodes: [...ir.nodes, ['const', '01']] }, 'verifier/ir-malformed'],
  ['an unknown column', { nodes: [...ir.nodes, ['advice', 99, 0]] }, 'verifier/ir-malformed'],
  ['phases out of order', { advice: ir.advice.toReversed() }, 'verifier/ir-malformed'],
  ['a line break in a gate id', { gates: [{ id: 'a\nb', poly: 0 }] }, 'verifier/ir-malformed'],
  ['a repeated equality column', { equality: [...ir.equality, ...ir.equality] }, 'verifier/ir-malformed'],
];

for (const [what, change, code] of circuits) {
  test(`a circuit with ${what} is ${code}`, () => expect(() => prepare({ ...ir, ...change }, vk)).toThrow(withCode(code)));
}

test('a degree below that of the gates is refused', () => {
  const { ir: deep, vk: key } = loadFixture('k14-d5');
  expect(() => prepare({ ...deep, degree: 4 }, { ...key, degree: 4 })).toThrow(withCode('verifier/degree-too-small'));
});
