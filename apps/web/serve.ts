/**
 * Server of the built dApp: the files of `dist`, the page for every other address, `/config.json` from the environment, and headers that
 * let the page talk to the configured services alone. Ends on SIGTERM and SIGINT.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { BaseError } from '@pentimento/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Config, parseConfig } from './src/services/config.ts';

const DIST = fileURLToPath(new URL('dist', import.meta.url));

/** What `/config.json` says, checked. Throws `service/unexpected-answer`, naming the setting, or `web/port`. */
export function settingsOf(env: NodeJS.ProcessEnv): { readonly port: number; readonly config: Config; readonly json: string } {
  const port = Number(env.PENTIMENTO_WEB_PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new BaseError({ code: 'web/port', message: `Expected PENTIMENTO_WEB_PORT to be a port, got ${env.PENTIMENTO_WEB_PORT}.` });
  }
  const chainId = Number(env.PENTIMENTO_CHAIN_ID ?? 31337);
  const value = {
    chain: { id: chainId, name: env.PENTIMENTO_CHAIN_NAME ?? nameOf(chainId), rpcUrl: env.PENTIMENTO_RPC ?? 'http://127.0.0.1:8545' },
    modelServer: env.PENTIMENTO_MODEL_URL ?? 'http://127.0.0.1:8000',
    proofServer: env.PENTIMENTO_PROOF_URL ?? 'http://127.0.0.1:8100',
    developmentWallet: env.PENTIMENTO_DEVELOPMENT_WALLET !== 'off',
  };
  const config = parseConfig(value, 'the environment');
  return { port, config, json: JSON.stringify({ ...value, developmentWallet: config.developmentWallet }) };
}

function nameOf(chainId: number): string {
  return chainId === 31337 || chainId === 1337 ? 'Local test chain' : `Chain ${chainId}`;
}

/** Content-Security-Policy: own scripts and workers only; connections to the chain and the two services. */
export function policyOf({ chain, modelServer, proofServer }: Config): string {
  const origins = [...new Set([chain.rpcUrl, modelServer.url, proofServer.url].map((url) => new URL(url).origin))];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    `img-src 'self' data: blob: ${new URL(modelServer.url).origin}`,
    "media-src 'self' blob:",
    `connect-src 'self' data: blob: ${origins.join(' ')}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function createServer(config: Config, json: string, dist: string): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const headers = {
    'content-security-policy': policyOf(config),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  };
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(headers);
  });
  app.get('/config.json', (_request, reply) => reply.type('application/json').header('cache-control', 'no-store').send(json));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.register(fastifyStatic, { root: dist, cacheControl: false, setHeaders: cacheHeaders });
  app.setNotFoundHandler((request, reply) => {
    const page = (request.method === 'GET' || request.method === 'HEAD') && !request.url.startsWith('/assets/');
    return page ? reply.header('cache-control', 'no-cache').sendFile('index.html') : reply.code(404).send({ error: 'not found' });
  });
  return app;
}

/** Names under `assets/` hold a digest of the content, so they never change. */
function cacheHeaders(reply: { header(name: string, value: string): unknown }, path: string): void {
  reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
}

async function main(): Promise<void> {
  const { port, config, json } = settingsOf(process.env);
  if (!existsSync(`${DIST}/index.html`)) {
    throw new BaseError({ code: 'web/not-built', message: 'Expected a built dApp (npm run build -w apps/web), found none.' });
  }
  const app = createServer(config, json, DIST);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
  console.log(`listening ${await app.listen({ port, host: '127.0.0.1' })}`);
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exit(2);
  });
}
