/** Servers, and whoever deploys a collection, may say anything: it is refused in a sentence, or it fits into a line of the page. */
import { encodePose } from '@pentimento/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isWhole, type Picture, type PictureForm } from '../src/picture/pixels.ts';
import { tokenIdOf } from '../src/picture/token-id.ts';
import { collectionName, colour, decimal, identifier, label, share, time } from '../src/services/check.ts';
import { getJson, type Service } from '../src/services/http.ts';
import { decodeCollection, decodeToken, readCollection, readToken } from '../src/services/indexer.ts';
import { type ModelInfo, requestPreview, requestVariations } from '../src/services/model-server.ts';
import { fetchBundle, readProof } from '../src/services/proof-server.ts';
import { dateTime } from '../src/ui/format.ts';
import { findCircuit } from '../src/worker/verifier.ts';

const ADDRESS = `0x${'c0'.repeat(20)}` as const;
const LATENT = `0x${'01'.repeat(128)}` as const;
const TOKEN_ID = '107727531809667574376955225943119359935631746364033623173629329399054560245985';
const SERVICE: Service = { name: 'the test server', url: 'http://nowhere.test' };
const unexpected = expect.objectContaining({ code: 'service/unexpected-answer' });

/** The next answers of whatever server is asked. */
function answer(body: string, status = 200): void {
  vi.stubGlobal('fetch', async () => new Response(body, { status }));
}
afterEach(() => void vi.unstubAllGlobals());

describe('a text', () => {
  it.each([
    ['plain', 'Nouns & <b>friends</b> 👩‍🚀', 'Nouns & <b>friends</b> 👩‍🚀'],
    ['over several lines', ' a\u0000\n\tb\u2028c ', 'a b c'],
    ['that turns the writing', 'free\u202eEHT 1\u2066', 'free EHT 1'],
    ['with half a character', 'a\ud800b', 'a b'],
    ['too long', 'x'.repeat(1e6), `${'x'.repeat(79)}…`],
    ['too long, of large characters', '🎨'.repeat(81), `${'🎨'.repeat(79)}…`],
    ['as long as may be', '🎨'.repeat(80), '🎨'.repeat(80)],
  ])('fits into a line: %s', (_, told, shown) => {
    expect(label(80)(told, 'it')).toBe(shown);
  });

  it.each(['', ' ', '\u202e', '\u200b\u200d', '\u3164'])('is no name of a collection: %j', (name) => {
    expect(collectionName(name, 'it')).toBe('Unnamed collection');
  });
});

describe('a value', () => {
  it.each<[string, (value: unknown, path: string) => unknown, readonly unknown[], readonly unknown[]]>([
    ['a time', time, ['2026-11-23T10:00:00.000Z'], ['soon', '', '2026-99-99', '1', 5, null, '+999999-01-01']],
    ['a share', share, [0, 0.5, 1], [-0.1, 1.1, Number.NaN, '1', Number.POSITIVE_INFINITY]],
    ['digits', decimal, ['0', '9'.repeat(78)], ['', '9'.repeat(79), '-1', '1e3', '0x1', 1]],
    ['an identifier', identifier, ['2b1d-4C3a_9'], ['', 'a/b', '..', '\ud800', 'x'.repeat(65), 7]],
    ['a colour', colour, ['#00ffAA'], ['#fff', 'red', 'url(x)', '#00ffaa;', '#00ffaa00']],
  ])('is %s or nothing', (_, decode, good, bad) => {
    for (const value of good) expect(decode(value, 'it')).toBe(value);
    for (const value of bad) expect(() => decode(value, 'it')).toThrow(unexpected);
  });

  it('of seconds that no calendar has is said in words', () => {
    expect(dateTime(2 ** 53)).toBe('a time beyond the calendar');
    expect(dateTime(Number.NaN)).toBe('a time beyond the calendar');
    expect(dateTime(1000 * (2 ** 40 - 1))).toMatch(/\d/);
  });
});

describe('a server that answers nonsense', () => {
  it.each(['<html>', '', '{"a":'])('is told from one that cannot be reached: %j', async (body) => {
    answer(body);
    await expect(getJson(SERVICE, '/', time)).rejects.toMatchObject({
      ...{ code: 'service/unexpected-answer', message: 'Expected JSON from the test server, got something else.' },
    });
  });

  it.each(['null', '7', '"no"', '[]', '<html>'])('refuses without a sentence: %s', async (body) => {
    answer(body, 500);
    await expect(getJson(SERVICE, '/', time)).rejects.toMatchObject({ code: 'service/status-500' });
  });

  it('refuses in a sentence of reasonable length', async () => {
    answer(JSON.stringify({ detail: 'no '.repeat(1e5) }), 400);
    await expect(getJson(SERVICE, '/', time)).rejects.toThrow(/^(no )+.{1,3}…$/);
    await expect(getJson(SERVICE, '/', time)).rejects.toMatchObject({ message: expect.not.stringMatching(/^.{501}/) });
  });

  it.each(['null', '7', '{}', 'nothing'])('sends no bundle: %s', async (body) => {
    answer(body);
    await expect(fetchBundle(SERVICE, 'a')).rejects.toMatchObject({ code: expect.stringMatching(/^bundle\//) });
  });
});

const COLLECTION = {
  ...{ address: ADDRESS, name: 'Nouns', symbol: 'N', owner: ADDRESS, modelId: '0x00', modelCommitment: '0x00', imageMode: 'onchain', maxSupply: 10 },
  ...{ minted: 0, totalSupply: 0, price: '0', licenceFee: '0', mintCost: '0', start: 0, end: 0, walletLimit: 0, paused: false, allowlist: false },
  ...{ royaltyBps: null, claimDelay: 1, createdAt: '2026-11-23T10:00:00Z' },
};

describe('a collection', () => {
  it('is shown by a name that fits', () => {
    const { name, symbol } = decodeCollection({ ...COLLECTION, name: 'W'.repeat(20_000), symbol: 'S'.repeat(999) }, 'it');
    expect([name.length, symbol.length]).toEqual([80, 16]);
  });

  it.each([{ end: -1 }, { end: 1e300 }, { start: '0' }, { createdAt: 'once' }, { price: '1'.repeat(1000) }, { minted: 0.5 }, { name: undefined }])(
    'is refused with %j',
    (change) => {
      expect(() => decodeCollection({ ...COLLECTION, ...change }, 'it')).toThrow(unexpected);
    },
  );

  it('is the one that was asked for', async () => {
    answer(JSON.stringify(COLLECTION));
    expect((await readCollection(SERVICE, ADDRESS)).name).toBe('Nouns');
    await expect(readCollection(SERVICE, `0x${'c1'.repeat(20)}`)).rejects.toEqual(unexpected);
  });
});

const TOKEN = {
  ...{ tokenId: TOKEN_ID, owner: ADDRESS, creator: ADDRESS, latent: LATENT, pose: 31, picture: '0x00', imageHash: '0x00', block: 1 },
  ...{ mintedAt: '2026-11-23T10:00:00Z', transaction: '0x00', paid: '0', number: 1, collection: ADDRESS, history: [], proof: '0x00' },
};

describe('a token', () => {
  it('has the id of its latent and its pose', () => {
    expect(tokenIdOf({ latent: LATENT, pose: 31 })).toBe(TOKEN_ID);
    expect(decodeToken(TOKEN, 'it')).toEqual(TOKEN);
  });

  it.each([{ pose: 32 }, { latent: `0x${'02'.repeat(128)}` }, { tokenId: '7' }, { tokenId: `0${TOKEN_ID}` }, { mintedAt: 'x' }])(
    'is not one that is told with %j',
    (change) => {
      expect(() => decodeToken({ ...TOKEN, ...change }, 'it')).toThrow(unexpected);
    },
  );

  it.each<[string, object]>([
    ['statement/pose-out-of-range', { pose: 126 }],
    ['statement/latent-out-of-range', { latent: `0x${'80'.repeat(128)}` }],
  ])('cannot be told with %s', (code, change) => {
    expect(() => decodeToken({ ...TOKEN, ...change }, 'it')).toThrow(expect.objectContaining({ code }));
  });

  it('is the one that was asked for', async () => {
    answer(JSON.stringify(TOKEN));
    expect((await readToken(SERVICE, ADDRESS, TOKEN_ID)).number).toBe(1);
    await expect(readToken(SERVICE, ADDRESS, '7')).rejects.toMatchObject({ code: 'service/unexpected-answer' });
  });
});

describe('a picture', () => {
  const palette: PictureForm = { kind: 'palette', width: 2, height: 2, palette: ['#000000', '#ffffff'] };
  const rgb: PictureForm = { kind: 'rgb', width: 1, height: 1, palette: [] };
  const pose = encodePose({ mirror: 0, dx: 0, dy: 0 });
  const whole = (form: PictureForm, bytes: number[], at = pose) => isWhole({ form, bytes: Uint8Array.from(bytes), pose: at } satisfies Picture);

  it('is whole with a colour for each pixel, and with nothing else', () => {
    expect([whole(palette, [0, 1, 1, 0]), whole(rgb, [0, 127, 64])]).toEqual([true, true]);
    expect([whole(palette, [0, 1, 1]), whole(palette, [0, 1, 1, 2]), whole(palette, [0, 1, 1, 0], 126)]).toEqual([false, false, false]);
    expect([whole(rgb, [0, 127]), whole(rgb, [0, 127, 128]), whole({ ...rgb, width: 0 }, [])]).toEqual([false, false, false]);
    expect(whole({ ...palette, width: 2 ** 40, height: 2 ** 40 }, [0])).toBe(false);
  });
});

describe('a painting of the model server', () => {
  const MODEL: ModelInfo = {
    ...{
      name: 'm',
      commitment: '0x00',
      kind: 'palette',
      latentLength: 2,
      image: { height: 2, width: 2, scale: 1 },
      palette: ['#000000'],
      previews: 0,
    },
    ...{ dials: [], defaultDial: null },
  };
  const FOUND = { latent: '0x0101', pose: 31, picture: '0x00000000', dial: null, timings: { decodeMs: 1, searchMs: 1, paintMs: 1 } };
  const preview = () => requestPreview(SERVICE, { model: MODEL, photo: new Blob(), dial: null, seed: 1 });
  const variations = () => requestVariations(SERVICE, { model: MODEL, latent: Uint8Array.of(1, 1), pose: 31, count: 1, strength: 1, seed: 1 });

  it('is taken when it is one of the model', async () => {
    answer(JSON.stringify(FOUND));
    expect(await preview()).toEqual(FOUND);
  });

  it.each([{ picture: '0x000000' }, { picture: '0x00000001' }, { picture: '0x' }, { latent: '0x01' }, { latent: '0x010101' }, { pose: 126 }])(
    'is refused with %j',
    async (change) => {
      answer(JSON.stringify({ ...FOUND, ...change }));
      await expect(preview()).rejects.toMatchObject({ code: 'service/unexpected-answer' });
      answer(JSON.stringify({ variations: [{ ...FOUND, ...change }] }));
      await expect(variations()).rejects.toMatchObject({ code: 'service/unexpected-answer' });
    },
  );
});

describe('a proof server that holds the question open', () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['by no answer', () => new Promise(() => undefined), 0],
    ['by a circuit without end', async () => new Response('{"objective":"fast"}'), 1],
  ])('is left, and nothing goes on computing for it: %s', async (_, fetch, started) => {
    vi.useFakeTimers();
    vi.stubGlobal('fetch', fetch);
    const workers = { started: 0, stopped: 0 };
    class Endless extends EventTarget {
      constructor() {
        super();
        workers.started++;
      }
      postMessage(): void {}
      terminate(): void {
        workers.stopped++;
      }
    }
    vi.stubGlobal('Worker', Endless);
    const form: PictureForm = { kind: 'rgb', width: 1, height: 1, palette: [] };
    const found = findCircuit(SERVICE, { commitment: '0x00', latentLength: 1, form, verifierCodeHash: '0x00', vkCodeHash: '0x00' });
    const told = expect(found).rejects.toMatchObject({ code: 'worker/failed', message: expect.stringContaining('within 120 s') });
    await vi.advanceTimersByTimeAsync(120_000);
    await told;
    expect(workers).toEqual({ started, stopped: started });
  });
});

describe('a proof', () => {
  const PROOF = {
    ...{ id: 'a', status: 'running', model: { name: 'm', commitment: '0x00' }, objective: 'fast', latent: LATENT, pose: 31, chainId: '1' },
    ...{
      collection: ADDRESS,
      creator: ADDRESS,
      position: null,
      phase: 'x'.repeat(999),
      progress: 0.5,
      etaMs: null,
      createdAt: '2026-11-23T10:00:00Z',
    },
    ...{ startedAt: null, finishedAt: null, error: null, bundle: null },
  };

  it('is the one that was asked for', async () => {
    answer(JSON.stringify(PROOF));
    expect((await readProof(SERVICE, 'a')).phase).toHaveLength(40);
    await expect(readProof(SERVICE, 'b')).rejects.toMatchObject({ code: 'service/unexpected-answer' });
  });

  it.each([{ id: '\ud800' }, { progress: 2 }, { startedAt: 'now' }, { position: -1 }])('is not told with %j', async (change) => {
    answer(JSON.stringify({ ...PROOF, ...change }));
    await expect(readProof(SERVICE, 'a')).rejects.toMatchObject({ code: 'service/unexpected-answer' });
  });
});
