import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../src/bytes.ts';
import type { BaseError } from '../src/error.ts';
import { R } from '../src/field.ts';
import {
  aigcDataOf,
  applyPose,
  applyRgbPose,
  decodePose,
  displayValue,
  encodePose,
  encodePrompt,
  IDENTITY_POSE,
  instanceCount,
  instancesOf,
  MAX_POSE,
  packIndex,
  packWords,
  type Statement,
  unpackIndex,
} from '../src/statement.ts';

const poses = Array.from({ length: MAX_POSE + 1 }, (_, pose) => pose);
const withCode = (code: string) => expect.objectContaining({ code }) as BaseError;

describe('packWords', () => {
  it('reads 31 bytes as a big-endian integer and pads the last chunk at its end', () => {
    const bytes = new Uint8Array(33);
    bytes[30] = 7;
    bytes[31] = 1;
    bytes[32] = 2;
    expect(packWords(bytes)).toEqual([7n, (1n << 240n) + (2n << 232n)]);
    expect(packWords(new Uint8Array(0))).toEqual([]);
  });

  it('stays below the order of the field', () => {
    expect(packWords(new Uint8Array(31).fill(255)).every((word) => word < R)).toBe(true);
  });

  it('distinguishes any two byte strings of the same length', () => {
    const pair = fc.nat({ max: 80 }).chain((n) => fc.tuple(...[1, 2].map(() => fc.uint8Array({ minLength: n, maxLength: n }))));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(packWords(a as Uint8Array).join() === packWords(b as Uint8Array).join()).toBe(
          bytesToHex(a as Uint8Array) === bytesToHex(b as Uint8Array),
        );
      }),
    );
  });
});

describe('packIndex', () => {
  it('puts the earlier pixel in the high nibble', () => {
    expect([...packIndex(Uint8Array.of(1, 2, 15, 0))]).toEqual([0x12, 0xf0]);
  });

  it('is undone by unpackIndex', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 15, maxLength: 64 }), (pixels) => {
        const even = pixels.subarray(0, pixels.length & ~1);
        expect(unpackIndex(packIndex(even))).toEqual(Uint8Array.from(even));
      }),
    );
  });

  it('rejects a colour above 15', () => {
    expect(() => packIndex(Uint8Array.of(0, 16))).toThrow(withCode('statement/index-out-of-range'));
  });
});

describe('encodePrompt', () => {
  it('appends the pose to the latent', () => {
    expect([...encodePrompt(Uint8Array.of(0, 127), 125)]).toEqual([0, 127, 125]);
  });

  it.each([-1, 126, 1.5, Number.NaN])('rejects the pose %d', (pose) => {
    expect(() => encodePrompt(Uint8Array.of(0), pose)).toThrow(withCode('statement/pose-out-of-range'));
  });

  it('rejects a latent element of 128', () => {
    expect(() => encodePrompt(Uint8Array.of(0, 128), 0)).toThrow(withCode('statement/latent-out-of-range'));
  });
});

describe('instancesOf', () => {
  const statement: Statement = {
    latent: Uint8Array.from({ length: 128 }, (_, i) => i % 128),
    index: Uint8Array.from({ length: 1024 }, (_, i) => i % 16),
    pose: 93,
    chainId: 31337n,
    collection: 0x1111n,
    creator: 0x2222n,
  };

  it('has 5 + 17 + 4 words for preset M, in the order of the format', () => {
    const words = instancesOf(statement);
    expect(words).toHaveLength(26);
    expect(instanceCount(128, 1024)).toBe(26);
    expect(words.slice(0, 5)).toEqual(packWords(statement.latent));
    expect(words.slice(5, 22)).toEqual(packWords(packIndex(statement.index)));
    expect(words.slice(22)).toEqual([93n, 31337n, 0x1111n, 0x2222n]);
  });

  it('changes in exactly one word with any one element', () => {
    const before = instancesOf(statement);
    const change = (changed: Partial<Statement>) => instancesOf({ ...statement, ...changed }).filter((word, i) => word !== before[i]).length;
    const bump = (values: Uint8Array, at: number, max: number) => values.map((v, i) => (i === at ? (v + 1) % (max + 1) : v));
    for (let i = 0; i < 128; i++) expect(change({ latent: bump(statement.latent, i, 127) })).toBe(1);
    for (let i = 0; i < 1024; i++) expect(change({ index: bump(statement.index, i, 15) })).toBe(1);
    expect([change({ pose: 94 }), change({ chainId: 1n }), change({ collection: 1n }), change({ creator: 1n })]).toEqual([1, 1, 1, 1]);
  });
});

describe('an RGB image', () => {
  const image = Uint8Array.from({ length: 3072 }, (_, i) => (i * 5) % 128);
  const statement = { latent: new Uint8Array(128), image, pose: 31, chainId: 1n, collection: 2n, creator: 3n };

  it('is packed plainly: 5 + 100 + 4 words at 32x32', () => {
    const words = instancesOf(statement);
    expect(words).toHaveLength(109);
    expect(aigcDataOf(statement)).toEqual(image);
    expect(words.slice(5, 105)).toEqual(packWords(image));
  });

  it('has values up to 127', () => {
    expect(() => instancesOf({ ...statement, image: Uint8Array.of(0, 128) })).toThrow(withCode('statement/image-out-of-range'));
  });

  it('is displayed over the whole range of a byte', () => {
    expect([0, 1, 63, 64, 127].map(displayValue)).toEqual([0, 2, 126, 129, 255]);
  });

  it('is posed plane by plane', () => {
    const planes = [0, 1, 2].map((c) => image.subarray(1024 * c, 1024 * (c + 1)));
    expect([...applyRgbPose(image, 32, 93)]).toEqual(planes.flatMap((plane) => [...applyPose(plane, 32, 93)]));
  });
});

describe('pose', () => {
  it('has 126 values, each the encoding of its own parts', () => {
    expect(poses.map((pose) => encodePose(decodePose(pose)))).toEqual(poses);
    expect(new Set(poses.map((pose) => JSON.stringify(decodePose(pose)))).size).toBe(126);
    for (const { dx, dy } of poses.map(decodePose)) expect(Math.abs(dx) <= 4 && Math.abs(dy) <= 3).toBe(true);
    expect(decodePose(IDENTITY_POSE)).toEqual({ mirror: 0, dx: 0, dy: 0 });
  });

  it.each([
    ['identity', { mirror: 0, dx: 0, dy: 0 }, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['mirror', { mirror: 1, dx: 0, dy: 0 }, [3, 2, 1, 6, 5, 4, 9, 8, 7]],
    ['right: the corner fills', { mirror: 0, dx: 1, dy: 0 }, [1, 1, 2, 1, 4, 5, 1, 7, 8]],
    ['left: the corner fills', { mirror: 0, dx: -1, dy: 0 }, [2, 3, 1, 5, 6, 1, 8, 9, 1]],
    ['down: the corner fills', { mirror: 0, dx: 0, dy: 1 }, [1, 1, 1, 1, 2, 3, 4, 5, 6]],
    ['up: the last row repeats', { mirror: 0, dx: 0, dy: -1 }, [4, 5, 6, 7, 8, 9, 7, 8, 9]],
    ['mirror and left: the mirrored corner fills', { mirror: 1, dx: -1, dy: 0 }, [2, 1, 3, 5, 4, 3, 8, 7, 3]],
    ['up and left', { mirror: 0, dx: -1, dy: -2 }, [8, 9, 1, 8, 9, 1, 8, 9, 1]],
  ] as const)('%s', (_, pose, expected) => {
    expect([...applyPose(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, encodePose(pose))]).toEqual(expected);
  });

  it('shifts by two pixels in an image of 64', () => {
    const plane = Uint8Array.from({ length: 64 * 64 }, (_, i) => i % 16);
    const posed = applyPose(plane, 64, encodePose({ mirror: 0, dx: 1, dy: -1 }));
    for (const [y, x] of [
      [0, 2],
      [10, 20],
      [61, 63],
    ] as const)
      expect(posed[64 * y + x]).toBe(plane[64 * (y + 2) + x - 2]);
    expect(posed[64 * 63 + 5]).toBe(plane[64 * 63 + 3]);
    expect([posed[0], posed[1]]).toEqual([plane[0], plane[0]]);
  });

  it('works on oblong maps', () => {
    expect([...applyPose(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, encodePose({ mirror: 0, dx: 1, dy: -1 }))]).toEqual([1, 3, 1, 5, 1, 5]);
  });

  it('equals the rule of the format for every pose', () => {
    const index = Uint8Array.from({ length: 64 }, (_, i) => (i * 7) % 16);
    for (const pose of poses) {
      const [mirror, dy, dx] = [Math.floor(pose / 63), (Math.floor(pose / 9) % 7) - 3, (pose % 9) - 4];
      const rows = Array.from({ length: 8 }, (_, y) => [...index.subarray(8 * y, 8 * y + 8)]);
      const m = rows.map((row) => (mirror ? row.toReversed() : row));
      const expected = rows.flatMap((row, y) =>
        row.map((_, x) => {
          const outside = y - dy < 0 || x - dx < 0 || x - dx > 7;
          return outside ? m[0]?.[0] : m[Math.min(y - dy, 7)]?.[x - dx];
        }),
      );
      expect([...applyPose(index, 8, pose)], `pose ${pose}`).toEqual(expected);
    }
  });
});
