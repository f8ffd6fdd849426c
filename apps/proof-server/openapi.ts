/** `node apps/proof-server/openapi.ts` writes `openapi.json` from the routes of a running server; `--check` compares. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { PROJECT } from '@pentimento/core/node';
import { readConfig } from './src/config.ts';
import { start } from './src/start.ts';

const PATH = fileURLToPath(new URL('./openapi.json', import.meta.url));

async function served(): Promise<unknown> {
  const home = mkdtempSync(join(tmpdir(), 'pentimento-openapi-'));
  process.env.PENTIMENTO_HOME = home;
  const server = await start(readConfig({ PENTIMENTO_PROOF_PORT: '0', PENTIMENTO_LOG: 'warn' }));
  try {
    return await (await fetch(`${server.url}/v1/openapi.json`)).json();
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

const document = await served();
if (process.argv.includes('--check')) {
  process.exitCode = isDeepStrictEqual(document, JSON.parse(readFileSync(PATH, 'utf8'))) ? 0 : 1;
  if (process.exitCode) process.stderr.write('apps/proof-server/openapi.json differs from the routes; run `node apps/proof-server/openapi.ts`.\n');
} else {
  writeFileSync(PATH, JSON.stringify(document));
  execFileSync(join(PROJECT, 'node_modules', '.bin', 'biome'), ['format', '--write', PATH], { stdio: 'ignore' });
}
