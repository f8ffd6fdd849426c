/** What every server answers to requests that are none: one sentence with a stable code, and the next request is served. */
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseError } from '@pentimento/core';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../src/http/client.ts';
import { answerProblems, createApp, createTurns, listen, openStream, operations } from '../src/http.ts';

let app: FastifyInstance;
let url: string;
let ended = 0;
let late = 0;

beforeAll(async () => {
  const logLevel = 'silent';
  app = await createApp({ logLevel, methods: ['GET'], exposedHeaders: [], requestsPerMinute: 100_000, limited: 'requests', cutStreams: true });
  answerProblems(app);
  operations(app, { metrics: new Registry(), logLevel, ready: () => ({}) });
  app.get('/named/:name', ({ params }) => params);
  app.post('/body', ({ body }) => ({ body }));
  app.get('/defect', () => {
    throw new Error('a secret of ours');
  });
  app.get('/unknown-code', () => {
    throw new BaseError({ code: 'no/row', message: 'Expected a row, got none.' });
  });
  app.get('/later', () => {
    throw new BaseError({ code: 'queue/full', message: 'Expected room, got none.', retryable: true, details: { retryAfterSeconds: 6.2 } });
  });
  app.get('/events', async (_request, reply) => {
    const stream = openStream(reply, { retryMs: 10 });
    stream.gone.addEventListener('abort', () => ended++);
  });
  app.get('/late-events', async (_request, reply) => {
    if (!reply.raw.destroyed) await once(reply.raw, 'close');
    const stream = openStream(reply, { retryMs: 10 });
    stream.gone.addEventListener('abort', () => late++);
  });
  app.get('/flood', async (_request, reply) => {
    const stream = openStream(reply, { retryMs: 10 });
    const text = 'x'.repeat(100_000);
    while (!stream.gone.aborted) {
      stream.send('flood', text);
      await sleep(1);
    }
  });
  url = await listen(app, '127.0.0.1', 0);
});
afterAll(() => app.close());

/** Status, code and sentence of a problem; throws for an answer that is none. */
async function problemAt(path: string, init: RequestInit = {}): Promise<readonly [number, string, string]> {
  const response = await fetch(`${url}${path}`, init);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const { status, code, detail } = (await response.json()) as { status: number; code: string; detail: string };
  expect(status).toBe(response.status);
  expect(detail).toMatch(/^Expected [^\n]*\.$/);
  return [status, code, detail];
}

/** What is answered to these bytes on a bare connection. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data;
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

const alive = async () => expect((await fetch(`${url}/healthz`)).status).toBe(200);

describe('a request that is none', () => {
  it.each([
    ['an address that cannot be decoded', '/named/%zz', 400, 'request/malformed'],
    ['a name that is too long', `/named/${'a'.repeat(300)}`, 400, 'request/malformed'],
    ['an address that is not there', '/nothing', 404, 'request/not-found'],
    ['a way out of the folder', '/named/..%2f..%2fetc%2fpasswd/x', 404, 'request/not-found'],
  ])('%s', async (_, path, status, code) => {
    expect((await problemAt(path)).slice(0, 2)).toEqual([status, code]);
  });

  it.each([
    ['no JSON', 'application/json', '{', 400, 'request/malformed'],
    ['a prototype', 'application/json', '{"__proto__":{"a":1}}', 400, 'request/malformed'],
    ['another type', 'application/xml', '<a/>', 415, 'request/media-type'],
    ['too much', 'application/json', `"${'a'.repeat(70_000)}"`, 413, 'request/too-large'],
  ])('a body with %s', async (_, type, body, status, code) => {
    expect((await problemAt('/body', { method: 'POST', headers: { 'content-type': type }, body })).slice(0, 2)).toEqual([status, code]);
  });

  it.each([
    ['other bytes', 'GARBAGE\r\n\r\n', 400, 'request/malformed'],
    ['two lengths', 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'request/malformed'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'request/headers-too-large'],
  ])('%s on a bare connection', async (_, bytes, status, code) => {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, detail: expect.stringMatching(/^Expected .*\.$/) });
    await alive();
  });
});

describe('an error of ours', () => {
  it('tells nothing of itself', async () => {
    expect(await problemAt('/defect')).toEqual([500, 'internal/error', expect.not.stringContaining('secret')]);
  });

  it('without a row in the table is a defect', async () => {
    expect((await problemAt('/unknown-code')).slice(0, 2)).toEqual([500, 'no/row']);
  });

  it('says when to come back', async () => {
    const response = await fetch(`${url}/later`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
  });
});

/** Opens a stream and waits for its head; the connection stays. The whole network 127.0.0.0/8 is this machine on Linux. */
async function listenTo(path: string, from = '127.0.0.1'): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  const request = get(`${url}${path}`, { agent: false, localAddress: from });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { request, response };
}

describe('a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1:2:3:4', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('at %s is counted as %s', (ip, counted) => {
    expect(clientOf({ ip })).toBe(counted);
  });
});

describe('many at once', () => {
  const statusesOf = async (streams: readonly Promise<{ response: IncomingMessage }>[]) =>
    (await Promise.all(streams)).map(({ response }) => response.statusCode);
  const hundred = (from: string) => Array.from({ length: 100 }, () => listenTo('/events', from));

  it('opens 100 streams of one client and 500 of all, no more, serves others meanwhile, and opens new ones when some have ended', async () => {
    const first = hundred('127.0.0.1');
    expect(await statusesOf(first)).toEqual(Array(100).fill(200));
    expect((await problemAt('/events')).slice(0, 2)).toEqual([503, 'rate/streams']);
    const others = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'].flatMap(hundred);
    expect(await statusesOf(others)).toEqual(Array(400).fill(200));
    expect(await statusesOf([listenTo('/events', '127.0.0.6')])).toEqual([503]);
    await alive();
    for (const { request } of await Promise.all([...first, ...others])) request.destroy();
    while (ended < 500) await sleep(10);
    const again = await listenTo('/events');
    expect(again.response.statusCode).toBe(200);
    again.request.destroy();
  });

  it('keeps no place for a client that has gone before its stream was opened', async () => {
    for (let i = 0; i < 100; i++) {
      const request = get(`${url}/late-events`, { agent: false }).on('error', () => undefined);
      await once(request, 'finish');
      setTimeout(() => request.destroy(), 20);
    }
    await expect.poll(() => late, { timeout: 5000 }).toBe(100);
    const stream = await listenTo('/events');
    expect(stream.response.statusCode).toBe(200);
    stream.request.destroy();
  });

  it('cuts off a client that does not read', async () => {
    const { request, response } = await listenTo('/flood');
    response.pause().on('error', () => undefined);
    const closed = once(request, 'close');
    await sleep(1000);
    // What is in the buffers of both sides comes first, and then the connection is gone.
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  it('answers while 300 connections say nothing', async () => {
    const idle = Array.from({ length: 300 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    await alive();
    for (const socket of idle) socket.destroy();
  });
});

describe('turns', () => {
  it('let one piece of work follow the other, answer each with its own, and outlast one that fails', async () => {
    const inTurn = createTurns();
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await sleep(5);
      log.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
      return name;
    };
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn(work(name))));
    expect(ends).toMatchObject([{ value: 'a' }, { reason: { message: 'b fails' } }, { value: 'c' }]);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});
