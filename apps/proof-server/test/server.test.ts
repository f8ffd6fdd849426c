/** The process itself: settings, the lock of its folder, health, limits, and the document of its interface. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/database.ts';
import { buildServer, type Context } from '../src/server.ts';
import { ask, makeHome, type Running, removeHome, spawnServer, startServer, submission, submit, untilEnd } from './harness.ts';

describe('settings', () => {
  it('have defaults', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8100, provers: 1, queueLimit: 100, databaseUrl: undefined, rpcUrl: undefined });
    expect(readConfig({ PENTIMENTO_PROVERS: '2', PENTIMENTO_MODELS: 'a, b' })).toMatchObject({ provers: 2, models: ['a', 'b'] });
  });

  it('that cannot be used are refused with a sentence without their passwords', () => {
    for (const [name, value] of [
      ['PENTIMENTO_PROOF_PORT', '65536'],
      ['PENTIMENTO_PROOF_PORT', '80a'],
      ['PENTIMENTO_PROVERS', '0'],
      ['PENTIMENTO_QUEUE', '-1'],
      ['PENTIMENTO_RATE', '1.5'],
      ['PENTIMENTO_LOG', 'loud'],
      ['PENTIMENTO_RPC', 'localhost'],
      ['DATABASE_URL', 'mysql://user:secret@host/base'],
    ] as const) {
      expect(() => readConfig({ [name]: value }), name).toThrow(new RegExp(`^Expected ${name} to be (?!.*secret)`));
    }
  });
});

/** `METHOD /path/{parameter}` of Fastify's tree, in which a line is indented below what its path continues: `│   └── /:id (GET, HEAD)`. */
function routesIn(tree: string): string[] {
  const parents: string[] = [];
  return [...tree.matchAll(/^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/gm)].flatMap(([, indent = '', path = '', methods]) => {
    parents.splice(indent.length / 4, Number.POSITIVE_INFINITY, path.replace(/:(\w+)/g, '{$1}'));
    return methods === undefined ? [] : methods.split(', ').map((method) => `${method} ${parents.join('')}`);
  });
}

it('describes every route that it has, and no other', async () => {
  const context = { config: readConfig({ PENTIMENTO_LOG: 'silent' }), metrics: new Registry() } as Context;
  const app = await buildServer(context);
  await app.ready();
  const hidden = ['GET /healthz', 'GET /readyz', 'GET /metrics'];
  const routes = routesIn(app.printRoutes({ commonPrefix: false }));
  const found = routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route) && !hidden.includes(route));
  const { paths = {} } = app.swagger() as { paths?: Readonly<Record<string, object>> };
  const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(found.length).toBeGreaterThan(15);
  expect(described.sort()).toEqual(found.sort());
  await app.close();
});

describe('the server', () => {
  let folder: string;
  let server: Running;
  beforeAll(async () => {
    folder = makeHome();
    server = await startServer(folder);
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    removeHome(folder);
  });

  /** Exit code and standard error of a server that does not start. */
  async function refusal(env: Readonly<Record<string, string>>, home = folder): Promise<[number, { code: string; msg: string }]> {
    const child = spawnServer(home, env);
    let log = '';
    child.stderr?.on('data', (data: Buffer) => {
      log += data;
    });
    const [code] = await once(child, 'close');
    return [code, JSON.parse(log.trim().split('\n').at(-1) ?? '')];
  }

  it('lets no second one open its database', async () => {
    const [code, { code: reason, msg }] = await refusal({});
    expect([code, reason]).toEqual([3, 'database/locked']);
    expect(msg).toMatch(/^Expected no other server/);
    process.env.PENTIMENTO_HOME = folder;
    await expect(openDatabase(undefined)).rejects.toMatchObject({ code: 'database/locked' });
    delete process.env.PENTIMENTO_HOME;
  });

  it('does not start with bad settings, a taken port, a database that is down or without models', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const other = makeHome();
    expect((await refusal({ PENTIMENTO_PROVERS: 'many' }, other))[0]).toBe(2);
    const [code, { code: reason, msg }] = await refusal({ PENTIMENTO_PROOF_PORT: String(port) }, other);
    expect([code, reason]).toEqual([3, 'server/port']);
    expect(msg).toContain('EADDRINUSE');
    taken.close();
    await once(taken, 'close');
    const [down, error] = await refusal({ DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` }, other);
    expect([down, error.code]).toEqual([3, 'database/unreachable']);
    expect((await refusal({ PENTIMENTO_MODELS: other }, other))[1].code).toBe('config/invalid');
    removeHome(other);
  });

  it('proves as many at a time as it has provers, each in a process of its own', async () => {
    const other = makeHome();
    const pair = await startServer(other, { PENTIMENTO_PROVERS: '2' });
    try {
      const ids = await Promise.all([1, 2, 3].map(async (seed) => (await submit(pair, submission(seed))).id));
      const ended = await Promise.all(ids.map((id) => untilEnd(pair, id)));
      expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      expect(pair.provers()).toHaveLength(2);
      const at = (moment: string) => ended.filter(({ startedAt, finishedAt }) => `${startedAt}` <= moment && moment < `${finishedAt}`).length;
      expect(Math.max(...ended.map(({ startedAt }) => at(`${startedAt}`)))).toBe(2);
    } finally {
      await pair.end('SIGTERM');
      removeHome(other);
    }
  });

  it('answers health, readiness and metrics, and lets pages of any origin read', async () => {
    expect((await ask(`${server.url}/healthz`)).body).toEqual({ status: 'ok' });
    expect((await ask(`${server.url}/readyz`)).body).toEqual({ status: 'ready' });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('pentimento_proofs_queued 0');
    const preflight = await fetch(`${server.url}/v1/proofs`, {
      method: 'OPTIONS',
      headers: { origin: 'http://page.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://page.example');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
  });

  it('says of ids that are none that there is no such proof', async () => {
    for (const id of ['xyz', '%00', '%27%3B%20drop%20table%20proofs--', '0'.repeat(36), '00000000-0000-0000-0000-000000000000']) {
      for (const path of ['', '/bundle', '/events']) {
        expect((await ask(`${server.url}/v1/proofs/${id}${path}`)).body, id).toMatchObject({ status: 404, code: 'proof/not-found' });
      }
    }
  });

  it('says of the chain that it follows none', async () => {
    for (const path of ['chain', 'collections', 'registry/models', 'events', `accounts/0x${'00'.repeat(20)}`]) {
      expect((await ask(`${server.url}/v1/${path}`)).body, path).toMatchObject({ status: 503, code: 'chain/not-indexed', retryable: false });
    }
  });

  it('serves the committed OpenAPI document', async () => {
    const committed = JSON.parse(readFileSync(fileURLToPath(new URL('../openapi.json', import.meta.url)), 'utf8'));
    expect((await ask(`${server.url}/v1/openapi.json`)).body).toEqual(committed);
  });
});
