/** Hostile and unusual uploads: each gets its problem, and the server goes on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { PROJECT } from '@pentimento/core/node';
import { PHOTO_BYTES, readPhoto } from '@pentimento/pictures';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDecoder } from '../src/uploads/decoder.ts';
import { type Answer, type Embedded, MODELS, request, startEmbedded } from './endpoint.ts';

const SAMPLE = join(PROJECT, 'examples', 'sample.png');

let server: Embedded;
let sample: Buffer;
beforeAll(async () => {
  [server, sample] = await Promise.all([startEmbedded({ PENTIMENTO_MODELS: join(MODELS, 'nouns-s') }), readFile(SAMPLE)]);
});
afterAll(() => server.stop());

const upload = (body: Uint8Array, type = 'image/png') =>
  request(`${server.url}/v1/models/nouns-s/preview`, { method: 'POST', body: Buffer.from(body), headers: { 'content-type': type } });

const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#336699' } });

/** A PNG whose header promises `side` by `side` pixels, with all their zeros in few bytes. */
function bomb(side: number): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0], 8);
  const pixels = deflateSync(Buffer.alloc(side * (Math.ceil(side / 8) + 1)));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const animation = () => {
  const frames = Buffer.alloc(32 * 64 * 3, 90).fill(200, 32 * 32 * 3);
  return sharp(frames, { raw: { width: 32, height: 64, channels: 3, pageHeight: 32 } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
};

/** A still PNG with the chunk that makes it animated. */
async function animatedPng(): Promise<Buffer> {
  const still = await flat(32, 32).png().toBuffer();
  const control = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from('acTL'), Buffer.alloc(8), Buffer.alloc(4)]);
  return Buffer.concat([still.subarray(0, 33), control, still.subarray(33)]);
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="file:///etc/passwd"/></svg>';

describe('a hostile upload', () => {
  const cases: readonly (readonly [string, () => Promise<Answer>, number, string])[] = [
    ['of 0 bytes', () => upload(Buffer.alloc(0)), 422, 'image/not-an-image'],
    ['that is text', () => upload(Buffer.from('not a picture')), 422, 'image/not-an-image'],
    ['that is SVG', () => upload(Buffer.from(SVG)), 415, 'image/format'],
    ['that is SVG with an XML header', () => upload(Buffer.from(`<?xml version="1.0"?>${SVG}`)), 415, 'image/format'],
    ['that is GIF', async () => upload(await flat(32, 32).gif().toBuffer()), 415, 'image/format'],
    ['that is TIFF', async () => upload(await flat(32, 32).tiff().toBuffer()), 415, 'image/format'],
    ['that is AVIF', async () => upload(await flat(32, 32).avif().toBuffer()), 415, 'image/format'],
    ['that is an animated WebP', async () => upload(await animation()), 422, 'image/animated'],
    ['that is an animated PNG', async () => upload(await animatedPng()), 415, 'image/format'],
    ['that is cut off', async () => upload(sample.subarray(0, 40_000)), 422, 'image/damaged'],
    ['that is only a signature', () => upload(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), 422, 'image/damaged'],
    ['that is a JPEG of noise', () => upload(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5000, 0x5a)])), 422, 'image/damaged'],
    ['of one pixel', async () => upload(await flat(1, 1).png().toBuffer()), 422, 'image/too-small'],
    ['of one row', async () => upload(await flat(30_000, 1).png().toBuffer()), 422, 'image/too-small'],
    ['of too many columns', async () => upload(await flat(30_000, 16).png().toBuffer()), 413, 'image/too-large'],
    ['that begins like another one', () => upload(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), sample])), 422, 'image/damaged'],
    ['of 400 million pixels', () => upload(bomb(20_000)), 413, 'image/too-large'],
    ['of 64 million pixels', () => upload(bomb(8_000)), 413, 'image/too-large'],
    ['of 50 MB', () => upload(Buffer.alloc(50_000_000)), 413, 'request/too-large'],
    ['of another declared type', () => upload(sample, 'image/gif'), 415, 'request/media-type'],
    ['of JSON', () => upload(Buffer.from('{}'), 'application/json'), 415, 'request/media-type'],
  ];

  it.each(cases)('%s is refused', async (_name, send, status, code) => {
    const answer = await send().catch(async (error: Error) => {
      // The server answers a too large body before it is sent; some clients only see the closed connection.
      if (code !== 'request/too-large') throw error;
      return undefined;
    });
    if (answer) {
      expect(answer.json()).toMatchObject({ status, code });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await request(`${server.url}/healthz`)).status).toBe(200);
  });

  it('does not keep the next one from being styled', async () => {
    expect((await upload(sample)).status).toBe(200);
    const metrics = (await request(server.metrics)).body.toString();
    expect(metrics).toContain('pentimento_uploads_refused_total{code="image/animated"} 1');
    expect(server.running.decoders().length).toBeLessThanOrEqual(3);
  });
});

describe('an unusual upload', () => {
  const latentOf = async (body: Uint8Array, type: string) => {
    const answer = await upload(body, type);
    expect(answer.status).toBe(200);
    return answer.json<{ latent: string; pose: number }>();
  };

  it('with a program behind the picture is the picture', async () => {
    const polyglot = Buffer.concat([sample, Buffer.from('PK\x03\x04<script>alert(1)</script><?php system("id"); ?>'.repeat(100))]);
    expect((await latentOf(polyglot, 'image/png')).latent).toBe((await latentOf(sample, 'image/png')).latent);
  });

  it('is turned upright, and its metadata changes nothing', async () => {
    const upright = await sharp(sample).resize(96, 64, { fit: 'fill' }).png().toBuffer();
    const turned = await sharp(upright).rotate(90).png().toBuffer();
    // Orientation 8: shown after a quarter turn back.
    const tagged = await sharp(turned).withMetadata({ orientation: 8 }).png().toBuffer();
    const named = await sharp(upright)
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .png()
      .toBuffer();
    const expected = await latentOf(upright, 'image/png');
    expect(await latentOf(tagged, 'image/png')).toMatchObject({ latent: expected.latent, pose: expected.pose });
    expect(await latentOf(named, 'image/png')).toMatchObject({ latent: expected.latent, pose: expected.pose });
    expect(await latentOf(turned, 'image/png')).not.toMatchObject({ latent: expected.latent, pose: expected.pose });
  });

  it.each(['jpeg', 'webp'] as const)('of %s is styled, whatever type it claims', async (format) => {
    const body = await sharp(sample).toFormat(format, { quality: 100 }).toBuffer();
    await latentOf(body, `image/${format}`);
    await latentOf(body, 'image/png');
  });

  it.each([
    ['greyscale', () => sharp(sample).greyscale().toColourspace('b-w').png().toBuffer()],
    ['16 bits', () => sharp(sample).toColourspace('rgb16').png().toBuffer()],
    ['transparent', () => sharp(sample).ensureAlpha(0.5).png().toBuffer()],
    ['CMYK', () => sharp(sample).toColourspace('cmyk').jpeg().toBuffer()],
    ['very wide', () => sharp(sample).resize(4000, 20, { fit: 'fill' }).png().toBuffer()],
  ])('that is %s is styled', async (_name, make) => void (await latentOf(await make(), 'image/png')));
});

describe('the decoder', () => {
  const limits = { ready: 1, timeoutMs: 20_000, memoryBytes: 512 * 2 ** 20 };

  it('reads what the command line reads', async () => {
    const decoder = startDecoder(limits);
    expect(await decoder.decode(sample)).toEqual(await readPhoto(SAMPLE));
    expect((await decoder.decode(sample)).length).toBe(PHOTO_BYTES);
    decoder.close();
  });

  it('gives every upload a child of its own', async () => {
    const decoder = startDecoder(limits);
    const [before] = decoder.children();
    await decoder.decode(sample);
    await expect.poll(() => decoder.children().includes(before as number)).toBe(false);
    decoder.close();
    await expect.poll(() => decoder.children()).toEqual([]);
  });

  it('survives kill -9 of its child in the middle, and says that it can be tried again', async () => {
    const decoder = startDecoder(limits);
    const work = decoder.decode(sample);
    for (const pid of decoder.children()) process.kill(pid, 'SIGKILL');
    await expect(work).rejects.toMatchObject({ code: 'preview/decoder-lost', retryable: true });
    expect(await decoder.decode(sample)).toEqual(await readPhoto(SAMPLE));
    decoder.close();
  });

  it('replaces a child that died while it waited', async () => {
    const decoder = startDecoder(limits);
    const [pid] = decoder.children();
    process.kill(pid as number, 'SIGKILL');
    await expect.poll(() => decoder.children().includes(pid as number)).toBe(false);
    expect((await decoder.decode(sample)).length).toBe(PHOTO_BYTES);
    decoder.close();
  });

  it('ends a child that needs too much time or memory', async () => {
    const slow = startDecoder({ ...limits, timeoutMs: 1 });
    await expect(slow.decode(sample)).rejects.toMatchObject({ code: 'image/too-slow' });
    slow.close();
    const poor = startDecoder({ ...limits, memoryBytes: 2 ** 20 });
    await expect(poor.decode(sample)).rejects.toMatchObject({ code: 'image/too-big' });
    poor.close();
  });

  it.runIf(process.platform === 'linux')('has no environment', async () => {
    const decoder = startDecoder(limits);
    const [pid] = decoder.children();
    await expect.poll(() => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toContain('child.ts');
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).toBe('');
    decoder.close();
  });
});
