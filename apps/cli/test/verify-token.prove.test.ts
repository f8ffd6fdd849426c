/** Verification for anyone: a token of a real local chain, and every way in which a chain could lie about it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Deployment, deploy, mint } from '@pentimento/chain';
import { type Bundle, type Hex, IDENTITY_POSE } from '@pentimento/core';
import { modelFolder } from '@pentimento/core/node';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { openKit, proveLatent } from '@pentimento/prover';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBundle } from '../src/bundle.ts';
import { createOutput } from '../src/output.ts';
import { verifyOffline, verifyToken } from '../src/verification.ts';
import { pentimento } from './run.ts';

const output = { ...createOutput(true), progress: () => undefined };
const MODEL = 'nouns-s';
let folder: string;
let anvil: Anvil;
let deployment: Deployment;
let model: Model;
let tokenId: bigint;
let bundle: Bundle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-verify-'));
  anvil = await startAnvil();
  const connection = await connect(anvil.url);
  model = await loadModel(modelFolder(MODEL));
  const kit = await openKit(model, 'fast', output.progress);
  kit.prover.close();
  deployment = await deploy(connection, { model, objective: 'fast', ir: kit.circuit.ir, vk: kit.vk, name: 'Verified', symbol: 'V' });
  const latent = Uint8Array.from({ length: model.manifest.latent.length }, (_, i) => (37 * i) % 128);
  const context = { chainId: BigInt(connection.chainId), collection: BigInt(deployment.collection), creator: BigInt(connection.account.address) };
  ({ bundle } = await proveLatent(model, 'fast', { latent, pose: IDENTITY_POSE, ...context }, output.progress));
  ({ tokenId } = await mint(connection, bundle));
}, 300_000);

afterAll(async () => {
  await anvil?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Names of the checks that fail. */
async function failing(collection: Hex = deployment.collection, id = tokenId): Promise<string[]> {
  const { verified, checks } = await verifyToken(model, anvil.url, collection, id, output);
  const failed = checks.filter(({ holds }) => !holds).map(({ name }) => name);
  expect(verified).toBe(failed.length === 0);
  return failed;
}

async function rpc(method: string, params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result: unknown }).result;
}

/** Runs while the code at an address is another. */
async function withCode<T>(address: string, change: (code: string) => string, run: () => Promise<T>): Promise<T> {
  const code = (await rpc('eth_getCode', [address, 'latest'])) as string;
  await rpc('anvil_setCode', [address, change(code)]);
  try {
    return await run();
  } finally {
    await rpc('anvil_setCode', [address, code]);
  }
}

it('finds the minted token to be what it claims, and says in words what was proven and what was not', async () => {
  const token = `${deployment.collection}/${tokenId}`;
  const { status, out } = await pentimento(['verify', '--chain', anvil.url, '--token', token, '--model', MODEL]);
  expect([status, out]).toEqual([0, expect.stringMatching(/what it claims[\s\S]*INSECURE[\s\S]*painted again[\s\S]*Not proven[\s\S]*photograph/)]);
});

it('makes every check of a token', async () => {
  const { checks } = await verifyToken(model, anvil.url, deployment.collection, tokenId, output);
  expect(checks.map(({ name }) => name)).toEqual(['model', 'key', 'verifier', 'setup', 'record', 'creator', 'image', 'proof']);
});

it('verifies the bundle without the chain, and not another image', async () => {
  expect((await verifyOffline(model, bundle, output)).verified).toBe(true);
  const index = bundle.index as Hex;
  const other = { ...bundle, index: `0x${index.slice(2, -1)}${index.endsWith('1') ? '2' : '1'}` as Hex };
  const { checks } = await verifyOffline(model, other, output);
  expect(checks.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(['image', 'proof']);
});

it('sees a verifier that says yes to everything', async () => {
  expect(await withCode(deployment.verifier, () => '0x600160005260206000f3', failing)).toEqual(['verifier']);
});

it('sees a key of another circuit', async () => {
  const flipped = (code: string) => `${code.slice(0, 400)}${code[400] === '0' ? '1' : '0'}${code.slice(401)}`;
  expect(await withCode(deployment.vk, flipped, failing)).toEqual(['key']);
});

it('says of a token that does not exist, or an address without a collection, what was expected', async () => {
  await expect(failing(deployment.collection, 1n)).rejects.toMatchObject({ code: 'chain/refused' });
  await expect(failing(deployment.verifier, 1n)).rejects.toMatchObject({ code: expect.stringMatching(/^chain\/(refused|failed)$/) });
});

it.each([[['--token', '0x/1']], [['--chain', 'http://127.0.0.1:1']], [['--chain', 'http://127.0.0.1:1', '--token', 'x']]])(
  'takes either a bundle, or a chain and a token: %s',
  async (args) => {
    const { status, err } = await pentimento(['verify', ...args, '--model', MODEL]);
    expect([status, err]).toEqual([2, expect.stringContaining('cli/usage')]);
  },
);

it('refuses a bundle of another version in one sentence', async () => {
  const path = join(folder, 'old.json');
  await writeFile(path, JSON.stringify({ ...bundle, version: 0 }));
  await expect(readBundle(path)).rejects.toMatchObject({ code: 'bundle/version' });
});
