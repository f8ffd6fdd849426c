/** Answers of services are checked, refusals become sentences, and the configuration is whole or refused. */
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyOf, settingsOf } from '../serve.ts';
import { about, count, hex, list, modelName, nullable, object, oneOf, text } from '../src/services/check.ts';
import { parseConfig } from '../src/services/config.ts';
import { getJson, type Service } from '../src/services/http.ts';
import { latestOnly } from '../src/worker/decoder.ts';

describe('check', () => {
  const decode = object({ name: text, sizes: list(count), kind: oneOf('a', 'b'), bytes: nullable(hex) });

  it('returns what the shape names', () => {
    expect(decode({ name: 'x', sizes: [1, 2], kind: 'b', bytes: null, more: 1 }, 'it')).toEqual({ name: 'x', sizes: [1, 2], kind: 'b', bytes: null });
  });

  it.each([
    [{ name: 1, sizes: [], kind: 'a' }, 'Expected text at it.name, got 1.'],
    [{ name: '', sizes: [1, -1], kind: 'a' }, 'Expected a count at it.sizes[1], got -1.'],
    [{ name: '', sizes: [], kind: 'c' }, 'Expected one of a, b at it.kind, got "c".'],
    [{ name: '', sizes: [], kind: 'a', bytes: '0x1' }, 'Expected hexadecimal bytes at it.bytes, got "0x1".'],
    [[], 'Expected an object at it, got [].'],
  ])('refuses %j', (value, message) => {
    expect(() => decode(value, 'it')).toThrow(expect.objectContaining({ code: 'service/unexpected-answer', message }));
  });

  it.each(['', 'Nouns', '-m', 'a'.repeat(65), 'x; rm', '$(x)', '../x', 'x\ny'])('takes %j for no name of a model', (name) => {
    expect(() => modelName(name, 'it')).toThrow('Expected lower-case letters, digits and hyphens at it');
  });

  it('takes an answer about what was asked for, and about nothing else', () => {
    const asked = about(object({ collection: text, tokenId: text }), { collection: '0xAb', tokenId: '7' });
    expect(asked({ collection: '0xab', tokenId: '7' }, 'it')).toEqual({ collection: '0xab', tokenId: '7' });
    expect(() => asked({ collection: '0xab', tokenId: '8' }, 'it')).toThrow('Expected 7 at it.tokenId, got "8".');
    expect(() => asked({ collection: '0xac', tokenId: '7' }, 'it')).toThrow('Expected 0xAb at it.collection, got "0xac".');
  });

  it('takes the names that manifests may give', () => {
    for (const name of ['nouns-s', '3', 'a'.repeat(64)]) expect(modelName(name, 'it')).toBe(name);
  });
});

describe('http', () => {
  let server: Server;
  let service: Service;
  beforeAll(async () => {
    server = createHttpServer((request, response) => {
      if (request.url === '/problem') {
        response.writeHead(409, { 'content-type': 'application/problem+json' });
        response.end(
          JSON.stringify({ type: 'about:blank', title: 'Conflict', status: 409, detail: 'Expected a, got b.', code: 'proof/taken', retryable: true }),
        );
      } else if (request.url === '/broken') response.writeHead(500).end('<html>');
      else response.end('{"n":1}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    service = { name: 'the test server', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  });
  afterAll(() => void server.close());

  it('reads an answer', async () => {
    expect(await getJson(service, '/', object({ n: count }))).toEqual({ n: 1 });
  });

  it('gives the problem’s own sentence and code', async () => {
    await expect(getJson(service, '/problem', text)).rejects.toMatchObject({ code: 'proof/taken', message: 'Expected a, got b.', retryable: true });
  });

  it('has a sentence for a refusal without one', async () => {
    await expect(getJson(service, '/broken', text)).rejects.toMatchObject({
      code: 'service/status-500',
      message: 'Expected the test server to accept the request, but it answered 500.',
      retryable: true,
    });
  });

  it('has a sentence for a service that is down', async () => {
    const down = { name: 'the test server', url: 'http://127.0.0.1:1' };
    await expect(getJson(down, '/', text)).rejects.toMatchObject({ code: 'service/unreachable', retryable: true });
  });
});

const VALUE = {
  chain: { id: 31337, name: 'Local', rpcUrl: 'http://127.0.0.1:8545/' },
  modelServer: 'http://127.0.0.1:8000',
  proofServer: 'https://proofs.example/',
  developmentWallet: true,
};

describe('config', () => {
  it('trims addresses', () => {
    expect(parseConfig(VALUE, 'config').proofServer.url).toBe('https://proofs.example');
  });

  it('offers the test wallet on development chains alone', () => {
    expect(parseConfig(VALUE, 'config').developmentWallet).toBe(true);
    expect(parseConfig({ ...VALUE, chain: { ...VALUE.chain, id: 1337 } }, 'config').developmentWallet).toBe(true);
    for (const id of [1, 10, 8453]) expect(parseConfig({ ...VALUE, chain: { ...VALUE.chain, id } }, 'config').developmentWallet).toBe(false);
  });

  it.each([
    [{ ...VALUE, modelServer: 'javascript:alert(1)' }],
    [{ ...VALUE, chain: { ...VALUE.chain, id: -1 } }],
    [{ ...VALUE, chain: { ...VALUE.chain, rpcUrl: 'ftp://x' } }],
    [{}],
    ['x'],
  ])('refuses %j', (value) => {
    expect(() => parseConfig(value, 'config')).toThrow(expect.objectContaining({ code: 'service/unexpected-answer' }));
  });
});

describe('serve', () => {
  it('takes settings from the environment and refuses bad ones', () => {
    expect(settingsOf({ PENTIMENTO_WEB_PORT: '0', PENTIMENTO_CHAIN_ID: '1' })).toMatchObject({
      port: 0,
      config: { chain: { id: 1, name: 'Chain 1' }, developmentWallet: false },
    });
    expect(() => settingsOf({ PENTIMENTO_WEB_PORT: 'x' })).toThrow(expect.objectContaining({ code: 'web/port' }));
    expect(() => settingsOf({ PENTIMENTO_RPC: 'nowhere' })).toThrow(/the environment.chain.rpcUrl/);
    expect(() => settingsOf({ PENTIMENTO_CHAIN_ID: 'x' })).toThrow(/the environment.chain.id/);
  });

  it('lets the page connect to its services and to nothing else', () => {
    const policy = policyOf(parseConfig(VALUE, 'config'));
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' data: blob: http://127.0.0.1:8545 http://127.0.0.1:8000 https://proofs.example;");
  });
});

describe('latestOnly', () => {
  it('runs the first and the last of the calls that come at once', async () => {
    const seen: number[] = [];
    const run = latestOnly(async (n: number) => {
      seen.push(n);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return n;
    });
    const first = run(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await Promise.all([first, run(2), run(3), run(4)])).toEqual([1, undefined, undefined, 4]);
    expect(seen).toEqual([1, 4]);
  });

  it('goes on after a failure', async () => {
    const run = latestOnly(async (n: number) => {
      if (n === 1) throw new Error('no');
      return n;
    });
    await expect(run(1)).rejects.toThrow('no');
    expect(await run(2)).toBe(2);
  });
});
