import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { BaseError, bytesToHex, concatBytes } from '@pentimento/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCommitment } from '../src/commitment.ts';
import { type Layer, type Manifest, parseManifest } from '../src/manifest.ts';
import { accumulatorBounds, parseModel, validateModel } from '../src/model.ts';
import { loadModel } from '../src/node.ts';
import { readSafetensors, type Tensor } from '../src/safetensors.ts';
import { frameSafetensors, LAYERS, sealModel, smallModel, writeSafetensors } from './model-fixtures.ts';

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    expect(error.message).toMatch(/^Expected [^\n]{10,400}\.$/);
    return error.code;
  }
  return 'accepted';
};

type Loose = Record<string, unknown>;
/** A manifest into which anything can be written. */
type Draft = Loose & { layers: (Loose & { channelBias: Loose })[]; image: Loose; weights: Loose; palette: unknown[]; commitment: string };
type Edit = (manifest: Draft) => unknown;

/** The small model's manifest as JSON, changed by `edit`. */
const edited = (edit: Edit): string => {
  const manifest = structuredClone(smallModel().manifest) as unknown as Draft;
  edit(manifest);
  return JSON.stringify(manifest);
};

/** A layer before the head. */
const insert = (manifest: Draft, added: Loose) => manifest.layers.splice(-1, 0, added as Draft['layers'][number]);

const layer = (manifest: Draft, id: string) => manifest.layers.find((candidate) => candidate.id === id) as Draft['layers'][number];

describe('parseManifest', () => {
  it('returns a sound manifest unchanged', () => {
    const { manifest } = smallModel();
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  });

  it.each<[string, string, Edit]>([
    ['another format', 'model/malformed', (m) => (m.format = 'onnx')],
    ['a later version', 'model/unsupported-version', (m) => (m.version = 2)],
    ['a later arithmetic', 'model/unsupported-version', (m) => (m.arithmetic = 2)],
    ['a version as text', 'model/unsupported-version', (m) => (m.version = '1')],
    ['an unknown field', 'model/malformed', (m) => (m.extra = 1)],
    ['an unknown layer field', 'model/malformed', (m) => (layer(m, 'conv1').stride = 2)],
    ['an unknown op', 'model/unknown-op', (m) => (layer(m, 'pool').op = 'softmax')],
    ['an op of the prototype', 'model/unknown-op', (m) => (layer(m, 'pool').op = 'toString')],
    ['an input that comes later', 'model/unknown-input', (m) => (layer(m, 'conv1').input = 'conv2')],
    ['an input that does not exist', 'model/unknown-input', (m) => (layer(m, 'conv1').input = 'constructor')],
    ['a branch from nowhere', 'model/unknown-input', (m) => (layer(m, 'conv2').channelBias.input = 'nowhere')],
    ['a branch from a tensor', 'model/shape-mismatch', (m) => (layer(m, 'conv2').channelBias.input = 'conv1')],
    ['a convolution of the wrong height', 'model/shape-mismatch', (m) => (layer(m, 'conv1').shape = [3, 5, 4])],
    ['a convolution of a vector', 'model/shape-mismatch', (m) => (layer(m, 'conv2').input = 'pool')],
    ['a pool of the wrong width', 'model/shape-mismatch', (m) => (layer(m, 'pool').shape = [4])],
    ['a fully connected layer without height', 'model/shape-mismatch', (m) => (layer(m, 'fc').shape = [8])],
    ['a head of the wrong size', 'model/shape-mismatch', (m) => (layer(m, 'head').shape = [4, 5])],
    ['an image of another size', 'model/shape-mismatch', (m) => (m.image.width = 5)],
    ['a size of zero', 'model/malformed', (m) => (layer(m, 'fc').shape = [0, 2, 2])],
    ['a gigantic layer', 'model/shape-mismatch', (m) => (layer(m, 'fc').shape = [65536, 65536, 1])],
    ['a repeated id', 'model/malformed', (m) => (layer(m, 'conv1').id = 'fc')],
    ['an id that is the latent', 'model/malformed', (m) => (layer(m, 'conv1').id = 'latent')],
    ['upsampling by three', 'model/malformed', (m) => (layer(m, 'conv1').upsample = 3)],
    ['a shift of zero', 'model/malformed', (m) => (layer(m, 'fc').shift = 0)],
    ['a shift of 31', 'model/malformed', (m) => (layer(m, 'fc').shift = 31)],
    ['a shifted head', 'model/malformed', (m) => (layer(m, 'head').shift = 1)],
    ['no layers', 'model/malformed', (m) => (m.layers = [])],
    ['no head', 'model/malformed', (m) => m.layers.pop()],
    ['two heads', 'model/malformed', (m) => m.layers.push({ ...layer(m, 'head'), id: 'head2' })],
    ['a short palette', 'model/malformed', (m) => m.palette.pop()],
    ['a colour by name', 'model/malformed', (m) => (m.palette[3] = 'red')],
    ['a weights file elsewhere', 'model/malformed', (m) => (m.weights.file = '../weights.safetensors')],
    ['a short hash', 'model/malformed', (m) => (m.weights.sha256 = 'abcd')],
    ['an upper-case commitment', 'model/malformed', (m) => (m.commitment = m.commitment.toUpperCase())],
    ['a latent without length', 'model/malformed', (m) => (m.latent = {})],
    ['a name with a path', 'model/malformed', (m) => (m.name = '../x')],
  ])('rejects %s with %s', (_, code, edit) => {
    expect(codeOf(() => parseManifest(edited(edit)))).toBe(code);
  });

  it.each<[string, string, Edit]>([
    ['a kernel of 6', 'model/malformed', (m) => (layer(m, 'conv2').kernel = 6)],
    ['a kernel of 0', 'model/malformed', (m) => (layer(m, 'conv2').kernel = 0)],
    [
      'a kernel larger than its input',
      'model/shape-mismatch',
      (m) => Object.assign(layer(m, 'conv2'), { kernel: 5, padding: 'valid', shape: [2, 1, 1] }),
    ],
    ['a stride of 3', 'model/malformed', (m) => (layer(m, 'conv2').stride = 3)],
    ['a stride of 2 with the shape of 1', 'model/shape-mismatch', (m) => (layer(m, 'conv2').stride = 2)],
    ['a stride with an upsampling', 'model/malformed', (m) => (layer(m, 'conv1').stride = 2)],
    ['another padding', 'model/malformed', (m) => (layer(m, 'conv2').padding = 'reflect')],
    ['another activation', 'model/malformed', (m) => (layer(m, 'conv2').activation = 'gelu')],
    ['an activation of a pool', 'model/malformed', (m) => (layer(m, 'pool').activation = 'clamp')],
    ['too few shifts', 'model/shape-mismatch', (m) => (layer(m, 'conv2').shift = [6])],
    ['a shift of 0 among others', 'model/malformed', (m) => (layer(m, 'conv2').shift = [6, 0])],
    ['shifts of a head', 'model/malformed', (m) => (layer(m, 'head').shift = [0])],
    ['a palette without a palette head', 'model/shape-mismatch', (m) => (layer(m, 'head').op = 'rgb')],
    ['a sum of one layer with itself', 'model/malformed', (m) => insert(m, { id: 'x', op: 'add', input: 'conv1', other: 'conv1', shape: [3, 4, 4] })],
    ['a sum of two shapes', 'model/shape-mismatch', (m) => insert(m, { id: 'x', op: 'add', input: 'conv2', other: 'conv1', shape: [2, 4, 4] })],
    ['a maximum of odd sizes', 'model/shape-mismatch', (m) => insert(m, { id: 'x', op: 'maxPool', input: 'conv2', shape: [2, 1, 2] })],
    ['a style elsewhere', 'model/malformed', (m) => (m.style = { file: '../style.json', dials: ['a'] })],
    ['a dial twice', 'model/malformed', (m) => (m.style = { file: 'style.json', dials: ['a', 'a'] })],
    ['a style without dials', 'model/malformed', (m) => (m.style = { file: 'style.json' })],
  ])('rejects %s with %s', (_, code, edit) => {
    expect(codeOf(() => parseManifest(edited(edit)))).toBe(code);
  });

  it('accepts a style package', () => {
    const text = edited((m) => (m.style = { file: 'style.json', dials: ['on-brand', 'faithful'] }));
    expect(parseManifest(text).style?.dials).toEqual(['on-brand', 'faithful']);
  });

  it('rejects pooling over a number of positions that is no power of two', () => {
    const text = edited((m) => {
      layer(m, 'fc').shape = [2, 3, 2];
      layer(m, 'conv1').shape = [3, 6, 4];
    });
    expect(codeOf(() => parseManifest(text))).toBe('model/shape-mismatch');
  });

  it.each(['', '{', 'null', '[]', '1', '"x"', '{}', '{"__proto__":{"format":"pentimento-model"}}'])('rejects the text %j', (text) => {
    expect(codeOf(() => parseManifest(text))).toBe('model/malformed');
  });

  it('answers any JSON value in the place of any field with a model error', () => {
    const fields = Object.keys(smallModel().manifest);
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        expect(codeOf(() => parseManifest(edited((m) => (m[field] = value))))).toMatch(/^(model\/[a-z-]+|accepted)$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('parseModel', () => {
  const { manifest, weights } = smallModel();
  const file = writeSafetensors(weights);

  it('accepts a sound model and returns its weights', () => {
    expect(parseModel(manifest, file)).toEqual({ manifest, weights });
  });

  it('rejects a file with any one byte changed by its hash', () => {
    fc.assert(
      fc.property(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = file.slice();
        changed[position] = (changed[position] as number) ^ change;
        expect(codeOf(() => parseModel(manifest, changed))).toBe('model/wrong-hash');
      }),
    );
  });
});

describe('validateModel', () => {
  /** The small model's weights with one tensor replaced, under a manifest that commits to them. */
  const withTensor = (name: string, tensor: Tensor) => {
    const { manifest, weights } = smallModel();
    return { manifest, weights: new Map([...weights, [name, tensor]]) };
  };

  it.each<[string, string, () => { manifest: Manifest; weights: Map<string, Tensor> }]>([
    ['a weight of 128', 'model/weights-out-of-range', () => withTensor('head.weight', { shape: [16, 2], data: new Int32Array(32).fill(128) })],
    ['a weight of -129', 'model/weights-out-of-range', () => withTensor('head.weight', { shape: [16, 2], data: new Int32Array(32).fill(-129) })],
    ['weights as I32', 'model/wrong-dtype', () => withTensor('head.weight', { shape: [16, 2], data: new Int32Array(32) })],
    ['a bias as I8', 'model/wrong-dtype', () => withTensor('head.bias', { shape: [16], data: new Int8Array(16) })],
    ['a transposed matrix', 'model/shape-mismatch', () => withTensor('fc.weight', { shape: [5, 8], data: new Int8Array(40) })],
    ['a tensor that nobody names', 'model/unexpected-tensor', () => withTensor('spare', { shape: [1], data: new Int8Array(1) })],
    ['other weights', 'model/wrong-commitment', () => withTensor('head.bias', { shape: [16], data: new Int32Array(16) })],
    [
      'a bias that overflows the accumulator',
      'model/accumulator-overflow',
      () => sealModel({ layers: LAYERS, weights: withTensor('head.bias', { shape: [16], data: new Int32Array(16).fill(2 ** 31 - 1) }).weights }),
    ],
  ])('rejects %s with %s', (_, code, build) => {
    expect(codeOf(() => validateModel(build()))).toBe(code);
  });

  it('rejects a missing tensor', () => {
    const { manifest, weights } = smallModel();
    weights.delete('conv2.branch.weight');
    expect(codeOf(() => validateModel({ manifest, weights }))).toBe('model/missing-tensor');
  });

  it('rejects a tensor that two layers share', () => {
    const layers = LAYERS.map((candidate) => (candidate.id === 'head' ? { ...candidate, bias: 'conv2.bias' } : candidate)) as Layer[];
    expect(codeOf(() => validateModel(sealModel({ layers, weights: smallModel().weights })))).toBe('model/malformed');
  });
});

describe('accumulatorBounds', () => {
  it('adds bias, rounding, branch and 127 times the weights of each sign', () => {
    const { manifest, weights } = smallModel();
    weights.set('conv2.weight', { shape: [2, 3, 3, 3], data: Int8Array.from({ length: 54 }, (_, i) => (i === 0 ? 3 : i === 27 ? -4 : 0)) });
    weights.set('conv2.branch.weight', { shape: [2, 3], data: Int8Array.of(1, 0, 0, 0, 0, -1) });
    weights.set('conv2.bias', { shape: [2], data: Int32Array.of(10, -20) });
    expect(accumulatorBounds({ manifest, weights }).get('conv2')).toEqual({ min: -20 - 127 * 5, max: 10 + 32 + 127 * 4 });
  });
});

describe('modelCommitment', () => {
  it('hashes the bytes of the specification', () => {
    const layers: Layer[] = [
      { id: 'fc', op: 'fullyConnected', input: 'latent', shape: [1, 1, 2], weight: 'w', bias: 'b', shift: 8 },
      { id: 'pool', op: 'globalAveragePool', input: 'fc', shape: [1] },
    ];
    const weights = new Map<string, Tensor>([
      ['w', { shape: [2, 1], data: Int8Array.of(-1, 2) }],
      ['b', { shape: [2], data: Int32Array.of(-2, 258) }],
    ]);
    const ascii = (text: string) => new TextEncoder().encode(text);
    const expected = concatBytes(
      ascii('pentimento-model-v1'),
      ascii('fullyConnected'),
      Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 8),
      Uint8Array.of(255, 2, 255, 255, 255, 254, 0, 0, 1, 2),
      ascii('globalAveragePool'),
      Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0),
      Uint8Array.of(0x12, 0xab, 0xff),
    );
    expect(modelCommitment({ layers, palette: ['#12abff'] }, weights)).toBe(bytesToHex(keccak_256(expected)));
  });

  it('names what is unusual of a layer', () => {
    const layers: Layer[] = [
      { id: 'a', op: 'fullyConnected', input: 'latent', shape: [1, 2, 2], weight: 'w', bias: 'b', shift: [8], activation: 'tanh' },
      { id: 'm', op: 'maxPool', input: 'a', shape: [1, 1, 1] },
      { id: 'c', op: 'conv2d', input: 'a', shape: [1, 1, 1], kernel: 2, padding: 'valid', stride: 2, weight: 'v', bias: 'd', shift: 3 },
      { id: 's', op: 'add', input: 'm', other: 'c', shape: [1, 1, 1] },
    ];
    const weights = new Map<string, Tensor>([
      ['w', { shape: [4, 1], data: Int8Array.of(1, 2, 3, 4) }],
      ['b', { shape: [4], data: new Int32Array(4) }],
      ['v', { shape: [1, 1, 2, 2], data: Int8Array.of(5, 6, 7, 8) }],
      ['d', { shape: [1], data: Int32Array.of(9) }],
    ]);
    const ascii = (text: string) => new TextEncoder().encode(text);
    const words = (...values: number[]) => Uint8Array.from([0, ...values.flatMap((v) => [0, 0, 0, v])]);
    const expected = concatBytes(
      ascii('pentimento-model-v1fullyConnected;shift=8;activation=tanh'),
      words(1, 2, 2, 1, 0),
      Uint8Array.of(1, 2, 3, 4, ...new Array<number>(16).fill(0)),
      ascii('maxPool'),
      words(1, 1, 1, 1, 0),
      ascii('conv2d;input=1;kernel=2;stride=2;padding=valid'),
      words(1, 1, 1, 1, 3),
      Uint8Array.of(5, 6, 7, 8, 0, 0, 0, 9),
      ascii('add;input=2;other=3'),
      words(1, 1, 1, 1, 0),
    );
    expect(modelCommitment({ layers, palette: [] }, weights)).toBe(bytesToHex(keccak_256(expected)));
  });

  it('changes with every weight', () => {
    const { manifest, weights } = smallModel();
    for (const [name, { shape, data }] of weights) {
      for (let i = 0; i < data.length; i++) {
        const changed = data.slice();
        changed[i] = (changed[i] as number) ^ 1;
        expect(modelCommitment(manifest, new Map([...weights, [name, { shape, data: changed }]]))).not.toBe(manifest.commitment);
      }
    }
  });
});

describe('readSafetensors', () => {
  const entry = (fields: object) => JSON.stringify({ a: { dtype: 'I8', shape: [2], data_offsets: [0, 2], ...fields } });
  const body = Uint8Array.of(1, 255);

  it('reads what was written, at any alignment', () => {
    const { weights } = smallModel();
    const file = writeSafetensors(weights);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readSafetensors(shifted.subarray(3))).toEqual(weights);
  });

  it('keeps a tensor that is called __proto__ apart from the prototype', () => {
    const file = frameSafetensors('{"__proto__":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}', body);
    expect([...readSafetensors(file).keys()]).toEqual(['__proto__']);
  });

  it.each<[string, string, Uint8Array]>([
    ['an empty file', 'model/bad-safetensors', new Uint8Array(0)],
    ['a header length beyond the file', 'model/bad-safetensors', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123, 125)],
    ['a header length of 2^64 - 1', 'model/bad-safetensors', new Uint8Array(20).fill(255)],
    ['a header that is no JSON', 'model/bad-safetensors', frameSafetensors('{', body)],
    ['a header that is a list', 'model/bad-safetensors', frameSafetensors('[]', body)],
    ['an entry that is null', 'model/bad-safetensors', frameSafetensors('{"a":null}', body)],
    ['float elements', 'model/wrong-dtype', frameSafetensors(entry({ dtype: 'F32' }), body)],
    ['no element type', 'model/wrong-dtype', frameSafetensors(entry({ dtype: undefined }), body)],
    ['a negative size', 'model/bad-safetensors', frameSafetensors(entry({ shape: [-2] }), body)],
    ['a shape larger than its bytes', 'model/bad-safetensors', frameSafetensors(entry({ shape: [2 ** 40, 2 ** 40] }), body)],
    ['offsets beyond the file', 'model/bad-safetensors', frameSafetensors(entry({ shape: [9], data_offsets: [0, 9] }), body)],
    ['offsets in reverse', 'model/bad-safetensors', frameSafetensors(entry({ data_offsets: [2, 0] }), body)],
    ['three offsets', 'model/bad-safetensors', frameSafetensors(entry({ data_offsets: [0, 2, 2] }), body)],
    ['a gap', 'model/bad-safetensors', frameSafetensors(entry({ shape: [1], data_offsets: [1, 2] }), body)],
    ['bytes after the last tensor', 'model/bad-safetensors', frameSafetensors(entry({ shape: [1], data_offsets: [0, 1] }), body)],
  ])('rejects %s with %s', (_, code, file) => {
    expect(codeOf(() => readSafetensors(file))).toBe(code);
  });

  it('answers a file with one changed header byte with tensors or a model error', () => {
    const file = writeSafetensors(smallModel().weights);
    fc.assert(
      fc.property(fc.nat({ max: 600 }), fc.nat({ max: 255 }), (position, value) => {
        const changed = file.slice();
        changed[position] = value;
        expect(codeOf(() => readSafetensors(changed))).toMatch(/^(model\/(bad-safetensors|wrong-dtype)|accepted)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadModel', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pentimento-model-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('says which file is missing, then reads the model', async () => {
    const { manifest, weights } = smallModel();
    await expect(loadModel(dir)).rejects.toMatchObject({ code: 'model/not-found', message: expect.stringContaining('manifest.json') });
    await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
    await expect(loadModel(dir)).rejects.toMatchObject({ code: 'model/not-found', message: expect.stringContaining('weights.safetensors') });
    await writeFile(join(dir, 'weights.safetensors'), writeSafetensors(weights));
    const model = await loadModel(dir);
    expect(model.manifest).toEqual(manifest);
    expect([...model.weights.keys()]).toEqual([...weights.keys()]);
  });
});
