/** Bad input gets one clear sentence, a stable code and a non-zero exit, and leaves nothing behind. */

import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { modelFolder, PROJECT } from '@pentimento/core/node';
import { startAnvil } from '@pentimento/verifier/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pentimento } from './run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function refused(args: readonly string[], code: string, status: number): Promise<void> {
  const ended = await pentimento([...args, '--json']);
  expect(ended.err).toContain('"error"');
  const { error } = JSON.parse(ended.err.trim().split('\n').at(-1) as string) as { error: { code: string; message: string } };
  expect([error.code, ended.status]).toEqual([code, status]);
  expect(error.message).toMatch(/^[A-Z].*[.]/);
  expect(ended.out).toBe('');
}

async function photoRefused(name: string, content: Uint8Array, code: string): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, content);
  const out = join(folder, `${name}.out.png`);
  await refused(['style', file, '--out', out], code, 2);
  expect(existsSync(out)).toBe(false);
}

const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#336699' } });

/** A PNG that promises this many pixels and holds none; nothing has to be decoded to refuse it. */
function promisedPng(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

it('a file that is no picture', () => photoRefused('text.jpg', Buffer.from('not a picture'), 'image/not-an-image'));
it('a cut-off picture', async () =>
  photoRefused('cut.png', (await readFile(join(PROJECT, 'examples', 'sample.png'))).subarray(0, 40_000), 'image/damaged'));
it('a picture of one pixel', async () => photoRefused('one.png', await flat(1, 1).png().toBuffer(), 'image/too-small'));
it('a picture of 20,000 by 20,000 pixels', () => photoRefused('huge.png', promisedPng(20_000), 'image/too-large'));
it('an animation', async () => {
  const frames = Buffer.alloc(32 * 64 * 3, 90).fill(200, 32 * 32 * 3);
  const animated = await sharp(frames, { raw: { width: 32, height: 64, channels: 3, pageHeight: 32 } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
  await photoRefused('moving.webp', animated, 'image/animated');
});
it('a picture in another format', async () => photoRefused('still.gif', await flat(32, 32).gif().toBuffer(), 'image/format'));
it('a missing file', () => refused(['style', join(folder, 'nothing.png'), '--out', join(folder, 'x.png')], 'image/not-found', 2));

it('a model whose weights are not the ones that the manifest names', async () => {
  const model = join(folder, 'model');
  await cp(modelFolder('nouns-m'), model, { recursive: true });
  const weights = await readFile(join(model, 'weights.safetensors'));
  weights[weights.length - 1] = (weights.at(-1) as number) ^ 1;
  await writeFile(join(model, 'weights.safetensors'), weights);
  await refused(['cost', model], 'model/wrong-hash', 2);
});

it('a folder without a model', () => refused(['cost', folder], 'model/not-found', 2));
it('a chain that is down', () => refused(['deploy', '--rpc', 'http://127.0.0.1:9'], 'chain/unreachable', 3));

it('the development SRS on a chain that is not local', async () => {
  const anvil = await startAnvil({ chainId: 11155111 });
  try {
    const key = `0x${'1'.repeat(64)}`;
    const { status, err } = await pentimento(['deploy', '--rpc', anvil.url, '--json'], { PENTIMENTO_PRIVATE_KEY: key });
    expect([status, err]).toEqual([3, expect.stringContaining('chain/insecure-srs')]);
  } finally {
    await anvil.stop();
  }
}, 120_000);

it('a busy port', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  await refused(['start', '--once', '--port', String(port)], 'cli/port-busy', 3);
  await refused(['start', '--proof-port', String(port), '--port', '28700', '--model-port', '28701', '--web-port', '28704'], 'cli/port-busy', 3);
  await refused(['start', '--port', '28700', '--model-port', '28700'], 'cli/port-busy', 3);
  server.close();
}, 60_000);

it('a latent file with a number out of range', async () => {
  const file = join(folder, 'latent.json');
  await writeFile(file, JSON.stringify({ latent: new Array(128).fill(128) }));
  await refused(
    ['prove', file, '--chain-id', '1', '--collection', `0x${'1'.repeat(40)}`, '--creator', `0x${'2'.repeat(40)}`, '--out', join(folder, 'b.json')],
    'cli/usage',
    2,
  );
});

it('a latent file that is named by an option, and none at all', async () => {
  const context = ['--chain-id', '1', '--collection', `0x${'1'.repeat(40)}`, '--creator', `0x${'2'.repeat(40)}`, '--out', join(folder, 'b.json')];
  await refused(['prove', '--latent', join(folder, 'nowhere.json'), ...context], 'cli/usage', 2);
  await refused(['prove', ...context], 'cli/usage', 2);
});

it('no command for its help', async () => {
  const { out } = await pentimento(['--help']);
  const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name as string).filter((name) => name !== 'help');
  expect(names).toContain('deploy');
  for (const name of names) expect([name, (await pentimento([name, '--help'])).status]).toEqual([name, 0]);
}, 180_000);

it('an unknown command', async () => {
  const { status } = await pentimento(['paint']);
  expect(status).toBe(2);
});
