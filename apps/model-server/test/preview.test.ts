/** The preview interface: the same bytes as the reference for every model, counts that survive, files, and plain errors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bytesToHex, type Hex, hexToBytes } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { readPhoto } from '@pentimento/pictures';
import { openStyle } from '@pentimento/style';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLine } from '../src/preview/line.ts';
import { openUses } from '../src/preview/uses.ts';
import { latentOf, modelNames, modelOf, painted } from './cases.ts';
import { type Answer, type Embedded, MODELS, post, request, startEmbedded } from './endpoint.ts';

const SAMPLE = join(PROJECT, 'examples', 'sample.png');

interface Preview {
  readonly latent: Hex;
  readonly pose: number;
  readonly dial: string;
  readonly picture: Hex;
  readonly uses: number;
  readonly timings: Readonly<Record<'decodeMs' | 'searchMs' | 'paintMs', number>>;
}

interface Variations {
  readonly variations: readonly { latent: Hex; pose: number; picture: Hex }[];
}

let server: Embedded;
let sample: Buffer;
beforeAll(async () => {
  [server, sample] = await Promise.all([startEmbedded(), readFile(SAMPLE)]);
});
afterAll(() => server.stop());

const upload = (name: string, body: Uint8Array, query = '', type = 'image/png') =>
  request(`${server.url}/v1/models/${name}/preview${query}`, { method: 'POST', body: Buffer.from(body), headers: { 'content-type': type } });

describe('a photo', () => {
  it.each(modelNames)('in the style of %s is what the styler and the reference make of it', async (name) => {
    const model = await modelOf(name);
    const styler = await openStyle(join(MODELS, name));
    const photo = await readPhoto(SAMPLE);
    for (const dial of styler.dials) {
      const preview = (await upload(name, sample, `?dial=${dial}&seed=3`)).json<Preview>();
      const expected = await styler.style(photo, { dial, seed: 3 });
      expect(preview).toMatchObject({ latent: bytesToHex(expected.latent), pose: expected.pose, dial });
      expect(preview.picture).toBe(bytesToHex(painted(model, expected.latent)));
      expect(Math.min(...Object.values(preview.timings))).toBeGreaterThanOrEqual(0);
    }
    await styler.release();
  });

  it('counts for its model, also when many come at once', async () => {
    const count = async () => {
      const models = (await request(`${server.url}/v1/models`)).json<{ name: string; previews: number }[]>();
      return models.find(({ name }) => name === 'nouns-s')?.previews as number;
    };
    const before = await count();
    const uses = await Promise.all([1, 2, 3, 4].map(async () => (await upload('nouns-s', sample)).json<Preview>().uses));
    expect(uses.sort()).toEqual([1, 2, 3, 4].map((n) => before + n));
    expect(await count()).toBe(before + 4);
    const metrics = (await request(server.metrics)).body.toString();
    expect(metrics).toContain(`pentimento_preview_duration_seconds_count{model="nouns-s"} ${before + 4}`);
  });

  it('is refused with a problem for a dial, a seed, a model or a path that is not there', async () => {
    problem(await upload('nouns-m', sample, '?dial=wild'), 422, 'style/unknown-dial');
    problem(await upload('nouns-m', sample, '?seed=-1'), 422, 'style/bad-seed');
    problem(await upload('nobody', sample), 404, 'model/not-found');
    problem(await request(`${server.url}/v1/nothing`), 404, 'request/not-found');
  });
});

describe('too much at once', () => {
  it('waits in line, and beyond the line is told to try again', async () => {
    const line = createLine({ running: 2, waiting: 1 });
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    let active = 0;
    let most = 0;
    const works = gates.map(({ promise }, i) =>
      line(async () => {
        active++;
        most = Math.max(most, active);
        await promise;
        active--;
        if (i === 0) throw new Error('work may fail');
        return i;
      }),
    );
    await expect(line(async () => 3)).rejects.toMatchObject({ code: 'preview/busy', retryable: true });
    for (const { resolve } of gates) resolve();
    expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(most).toBe(2);
    expect(await line(async () => 4)).toBe(4);
  });

  it('of one address is refused for a while', async () => {
    const strict = await startEmbedded({ PENTIMENTO_MODELS: join(MODELS, 'nouns-s'), PENTIMENTO_RATE: '1' });
    const init = { method: 'POST', body: new Uint8Array(sample), headers: { 'content-type': 'image/png' } };
    const send = () => request(`${strict.url}/v1/models/nouns-s/preview`, init);
    expect((await send()).status).toBe(200);
    const answer = await send();
    problem(answer, 429, 'rate/exceeded');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(10);
    expect((await request(`${strict.url}/v1/models`)).status).toBe(200);
    await strict.stop();
  });
});

describe('a latent', () => {
  it.each(modelNames)('of %s is decoded to the bytes of the reference', async (name) => {
    const model = await modelOf(name);
    const answer = await post(`${server.url}/v1/models/${name}/decode`, { latent: bytesToHex(latentOf(77)), pose: 40 });
    expect(answer.json()).toEqual({ picture: bytesToHex(painted(model, latentOf(77))) });
  });

  it('has variations that the seed alone decides, near it, with their pictures', async () => {
    const model = await modelOf('nouns-m');
    const ask = async (body: object) => {
      const full = { latent: bytesToHex(latentOf(4)), pose: 31, count: 16, strength: 0.5, seed: 9, ...body };
      return (await post(`${server.url}/v1/models/nouns-m/variations`, full)).json<Variations>().variations;
    };
    const variations = await ask({});
    expect(variations).toHaveLength(16);
    expect(await ask({})).toEqual(variations);
    expect(await ask({ seed: 10 })).not.toEqual(variations);
    expect(new Set(variations.map(({ latent }) => latent)).size).toBe(16);
    for (const { latent, pose, picture } of variations) {
      expect(pose).toBe(31);
      expect(picture).toBe(bytesToHex(painted(model, hexToBytes(latent))));
    }
    const distance = (own: readonly { latent: Hex }[]) =>
      own.flatMap(({ latent }) => [...hexToBytes(latent)].map((value, i) => Math.abs(value - (latentOf(4)[i] as number)))).reduce((a, b) => a + b, 0);
    expect(distance(await ask({ strength: 0 }))).toBe(0);
    expect(distance(variations)).toBeGreaterThan(0);
    expect(distance(await ask({ strength: 1 }))).toBeGreaterThan(distance(variations));
  });

  it('is refused when it is not one of the model', async () => {
    const decode = (body: object) => post(`${server.url}/v1/models/nouns-m/decode`, body);
    problem(await decode({ latent: '0x00', pose: 31 }), 422, 'model/latent-length');
    problem(await decode({ latent: `0x${'ff'.repeat(128)}`, pose: 31 }), 422, 'statement/latent-out-of-range');
    problem(await decode({ latent: 'abc', pose: 31 }), 422, 'bytes/not-hex');
    problem(await decode({ latent: bytesToHex(latentOf(0)), pose: 126 }), 400, 'request/invalid');
    problem(await decode({ latent: bytesToHex(latentOf(0)) }), 400, 'request/invalid');
    problem(
      await post(`${server.url}/v1/models/nouns-m/variations`, { latent: '0x', pose: 0, count: 17, strength: 0, seed: 0 }),
      400,
      'request/invalid',
    );
  });

  it('cannot be decoded while the decoder is unloaded', async () => {
    await post(`${server.url}/v2/repository/models/nouns-l64_decoder/unload`, {});
    problem(await post(`${server.url}/v1/models/nouns-l64/decode`, { latent: bytesToHex(latentOf(0)), pose: 31 }), 503, 'v2/not-found');
    await post(`${server.url}/v2/repository/models/nouns-l64_decoder/load`, {});
  });
});

describe('models', () => {
  it('are described as their manifests say', async () => {
    const models = (await request(`${server.url}/v1/models`)).json<Record<string, unknown>[]>();
    expect(models.map(({ name }) => name)).toEqual([...modelNames]);
    for (const described of models) {
      const { manifest } = await modelOf(described.name as string);
      const { commitment, image, palette } = manifest;
      expect(described).toMatchObject({ commitment, image, palette, latentLength: 128, kind: palette.length === 0 ? 'rgb' : 'palette' });
      expect(described.dials).toEqual(manifest.style?.dials);
      expect((await request(`${server.url}/v1/models/${commitment}`)).json()).toEqual(described);
    }
  });

  it('have files with their digest as tag', async () => {
    const { manifest } = await modelOf('nouns-m');
    const url = `${server.url}/v1/models/nouns-m/files/weights.safetensors`;
    const file = await request(url);
    expect(file.body).toEqual(await readFile(join(MODELS, 'nouns-m', 'weights.safetensors')));
    expect(file.headers.get('etag')).toBe(`"${manifest.weights.sha256}"`);
    expect((await request(url, { headers: { 'if-none-match': `"${manifest.weights.sha256}"` } })).status).toBe(304);
    expect((await request(`${url}?sha256=${manifest.weights.sha256}`)).headers.get('cache-control')).toContain('immutable');
    problem(await request(`${url}?sha256=00`), 404, 'request/not-found');
    for (const other of ['decoder.onnx', 'style.json', '..%2fnouns-s%2fmanifest.json'])
      problem(await request(`${server.url}/v1/models/nouns-m/files/${other}`), 404, 'request/not-found');
    for (const [name, type] of [
      ['manifest.json', 'application/json'],
      ['card.md', 'text/markdown'],
      ['sheet.png', 'image/png'],
    ] as const)
      expect((await request(`${server.url}/v1/models/nouns-m/files/${name}`)).headers.get('content-type')).toContain(type);
  });

  it('may be asked for from any page', async () => {
    const answer = await request(`${server.url}/v1/models`, { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://elsewhere.example');
    expect((await request(`${server.url}/healthz`)).status).toBe(200);
    expect((await request(`${server.url}/readyz`)).status).toBe(200);
  });
});

describe('the program', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'pentimento-restart-'));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  /** The server as its users start it. */
  async function run(env: Record<string, string> = {}) {
    const defaults = {
      PENTIMENTO_HOME: home,
      PENTIMENTO_MODEL_PORT: '0',
      PENTIMENTO_GRPC_PORT: '0',
      PENTIMENTO_MODELS: join(MODELS, 'nouns-s'),
      PENTIMENTO_LOG: 'error',
    };
    const child = spawn(process.execPath, [join(PROJECT, 'apps', 'model-server', 'src', 'main.ts')], {
      env: { ...process.env, ...defaults, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    const errors: Buffer[] = [];
    child.stderr.on('data', (data: Buffer) => errors.push(data));
    const first = await Promise.race([once(createInterface(child.stdout), 'line') as Promise<[string]>, ended]);
    const url = typeof first[0] === 'string' ? first[0].replace('listening ', '') : '';
    return { child, url, ended, stderr: () => Buffer.concat(errors).toString() };
  }

  const style = async (url: string, body: Uint8Array) => {
    const init = { method: 'POST', body: Buffer.from(body), headers: { 'content-type': 'image/png' } };
    return (await request(`${url}/v1/models/nouns-s/preview`, init)).json<Preview>().uses;
  };

  it('keeps its counts through kill -9, and answers what runs before it stops on SIGTERM', async () => {
    const first = await run();
    expect(await style(first.url, sample)).toBe(1);
    expect(await style(first.url, sample)).toBe(2);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await run();
    expect(await style(second.url, sample)).toBe(3);
    // What was accepted is answered before the end.
    const last = style(second.url, sample);
    await new Promise((resolve) => setTimeout(resolve, 40));
    second.child.kill('SIGTERM');
    expect(await last).toBe(4);
    expect((await second.ended)[0]).toBe(0);
  });

  it('ends with 2 for bad settings and 3 for a taken port or a count file that is none, in one sentence', async () => {
    const bad = await run({ PENTIMENTO_MODEL_PORT: 'eighty' });
    expect((await bad.ended)[0]).toBe(2);
    expect(JSON.parse(bad.stderr())).toMatchObject({
      code: 'config/invalid',
      msg: 'Expected PENTIMENTO_MODEL_PORT to be an integer in 0..65535, got eighty.',
    });
    const taken = await run({ PENTIMENTO_MODEL_PORT: new URL(server.url).port });
    expect((await taken.ended)[0]).toBe(3);
    expect(JSON.parse(taken.stderr())).toMatchObject({ code: 'server/port', msg: expect.stringContaining('EADDRINUSE') });
    const broken = await mkdtemp(join(tmpdir(), 'pentimento-counts-'));
    await openUses(join(broken, 'model-server', 'uses.json')).then((uses) => uses.add('0x1'));
    await writeFile(join(broken, 'model-server', 'uses.json'), '{"0x1":');
    const other = await run({ PENTIMENTO_HOME: broken });
    expect((await other.ended)[0]).toBe(3);
    expect(JSON.parse(other.stderr())).toMatchObject({ code: 'uses/unreadable' });
    await rm(broken, { recursive: true });
  });
});

function problem(answer: Answer, status: number, code: string): void {
  expect(answer.json()).toMatchObject({
    type: 'about:blank',
    status,
    code,
    title: expect.any(String),
    detail: expect.stringMatching(/^Expected .*\.$/s),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
}
