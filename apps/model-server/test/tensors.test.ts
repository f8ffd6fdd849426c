/** Values of requests: numbers become bytes, and whatever else a client nests into them becomes one short sentence. */

import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { specificationsOf } from '@pentimento/serving';
import { describe, expect, it } from 'vitest';
import { parseBody } from '../src/v2/binary.ts';
import { bytesOf } from '../src/v2/tensors.ts';

const nested = (depth: number, inner: string): string => '['.repeat(depth) + inner + ']'.repeat(depth);
const { manifest } = await loadModel(join(PROJECT, 'models', 'nouns-m'));
const [, decoder] = specificationsOf(manifest);
const refused = { code: 'v2/invalid', message: expect.stringMatching(/^Expected .{1,200}\.$/) };

describe('data of a request', () => {
  it('is taken flat and nested', () => {
    expect(bytesOf('latent', 'UINT8', [1, 2, 3])).toEqual(Uint8Array.of(1, 2, 3));
    expect(bytesOf('latent', 'UINT8', [[1, [2]], 3])).toEqual(Uint8Array.of(1, 2, 3));
    expect(bytesOf('latent', 'UINT8', JSON.parse(nested(16, '7')))).toEqual(Uint8Array.of(7));
  });

  it.each([
    ['17 deep', nested(17, '7')],
    ['deeper than the stack', nested(1_000_000, '7')],
    ['a long text', `"${'a'.repeat(1_000_000)}"`],
    ['an object', '[{"a":1}]'],
    ['nothing', 'null'],
  ])('is refused as the mistake of the caller: %s', (_, data) => {
    expect(() => bytesOf('latent', 'UINT8', JSON.parse(data))).toThrow(expect.objectContaining(refused));
  });

  it.each([
    ['inputs', (deep: string) => `{"inputs":[${deep}]}`],
    ['a name', (deep: string) => `{"inputs":[{"name":${deep}}]}`],
    ['a shape', (deep: string) => `{"inputs":[{"name":"latent","datatype":"UINT8","shape":${deep}}]}`],
    ['parameters', (deep: string) => `{"inputs":[],"parameters":${deep}}`],
    ['a flag', (deep: string) => `{"inputs":[],"parameters":{"binary_data_output":${deep}}}`],
  ])('is not read into without end: %s', (_, body) => {
    expect(() => parseBody(decoder, Buffer.from(body(nested(1_000_000, ''))), undefined)).toThrow(expect.objectContaining(refused));
  });
});
