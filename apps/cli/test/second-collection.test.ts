/**
 * Other collections beside the first: the painterly model, and a model under a name of its own, are deployed, proven and minted with the
 * command line alone; their owner changes the sale; the indexer shows all of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { home, PROJECT } from '@pentimento/core/node';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pentimento } from './run.ts';

const KEY = `0x${'7'.repeat(64)}`;
const OWNER = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';

let folder: string;
let anvil: Anvil;
let server: ChildProcess;
let api: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-second-'));
  for (const shared of ['keys', 'srs']) {
    await mkdir(home(shared), { recursive: true });
    await symlink(home(shared), join(folder, shared));
  }
  await cp(join(PROJECT, 'models', 'nouns-s'), join(folder, 'renamed'), { recursive: true });
  const manifest = join(folder, 'renamed', 'manifest.json');
  await writeFile(manifest, JSON.stringify({ ...JSON.parse(await readFile(manifest, 'utf8')), name: 'my-own' }));
  anvil = await startAnvil();
  const settings = { PENTIMENTO_HOME: folder, PENTIMENTO_PROOF_PORT: '0', PENTIMENTO_RPC: anvil.url, PENTIMENTO_LOG: 'error', DATABASE_URL: '' };
  const program = join(PROJECT, 'apps', 'proof-server', 'src', 'main.ts');
  server = spawn(process.execPath, [program], { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
  api = await new Promise<string>((resolve) => {
    server.stdout?.on('data', (data: Buffer) => resolve(/listening (\S+)/.exec(data.toString())?.[1] ?? ''));
  });
}, 120_000);

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  await anvil.stop();
  await rm(folder, { recursive: true });
});

/** A command that must succeed, with its JSON. */
async function cli(...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await pentimento([...args, '--json'], { PENTIMENTO_HOME: folder });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${status} ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

async function refused(args: readonly string[], code: string, sentence: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { status, err } = await pentimento([...args, '--json'], { PENTIMENTO_HOME: folder, ...env });
  expect([status === 0, err]).toEqual([false, expect.stringContaining(code)]);
  expect(err).toContain(sentence);
}

async function eventually<T>(path: string, condition: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(`${api}${path}`);
    const value = (await response.json()) as T;
    if (response.ok && condition(value)) return value;
  }
  throw new Error(`${path} does not show what was expected`);
}

interface Shown {
  readonly name: string;
  readonly minted: number;
  readonly mintCost: string;
  readonly modelCommitment: string;
}

describe.each([
  { model: 'strokes-rgb', name: 'Brush', images: 'hash', bytes: 3 * 1024 },
  { model: 'renamed', name: 'Nouns of my own', images: 'onchain', bytes: 1024 },
])('$name', ({ model, name, images, bytes }) => {
  it('is deployed, minted and shown', async () => {
    const source = model === 'renamed' ? join(folder, model) : model;
    const [latent, bundle] = [join(folder, `${model}.json`), join(folder, `${model}.bundle.json`)];
    const chain = ['--rpc', anvil.url];
    const of = ['--model', source];
    const terms = ['--name', name, '--symbol', 'OTHER', '--images', images, '--price', '0.02', '--licence-fee', '0.001'];
    const deployed = await cli('deploy', ...of, ...chain, ...terms);
    await cli('style', join(PROJECT, 'examples', 'sample.png'), ...of, '--out', join(folder, `${model}.png`), '--latent', latent);
    await cli('claim', latent, ...of, ...chain);
    await cli('prove', latent, ...of, ...chain, '--out', bundle);
    const minted = await cli('mint', bundle, ...chain);
    expect(minted.paid).toBe(String(parseEther('0.021')));

    const collection = String(deployed.collection).toLowerCase();
    const shown = await eventually<Shown>(`/v1/collections/${collection}`, (found) => found.minted === 1);
    expect(shown).toMatchObject({ name, mintCost: String(parseEther('0.021')), modelCommitment: deployed.modelCommitment });
    const token = await eventually<{ picture: string; owner: string }>(`/v1/collections/${collection}/tokens/${minted.tokenId}`, () => true);
    expect([token.picture.length, token.owner]).toEqual([2 + 2 * bytes, OWNER]);
    const models = await eventually<{ modelId: string; name: string; uses: number; feesPaid: string }[]>('/v1/registry/models', () => true);
    expect(models.find(({ modelId }) => modelId === deployed.modelId)).toMatchObject({
      ...{ uses: 1, feesPaid: String(parseEther('0.001')) },
      name: model === 'renamed' ? 'nouns-s' : 'strokes-rgb',
    });
    const account = await eventually<{ owed: string }>(`/v1/accounts/${OWNER}`, () => true);
    expect(BigInt(account.owed) >= parseEther('0.001')).toBe(true);
  }, 180_000);
});

describe("the owner's rights", () => {
  const COMMAND = () => ['collection', '--rpc', anvil.url, '--model', 'my-own'];

  it('change the sale, and what is not named stays', async () => {
    const list = join(folder, 'allowlist.txt');
    await writeFile(list, `${OWNER} # the owner\n`);
    await cli(...COMMAND(), '--end', '2100-01-01T00:00:00Z', '--wallet-limit', '3');
    const royal = ['--royalty-bps', '250', '--royalty-to', `0x${'9'.repeat(40)}`, '--contract-uri', 'ipfs://document'];
    const shown = await cli(...COMMAND(), '--price', '0.5', '--allowlist', list, ...royal, '--pause');
    expect(shown).toMatchObject({
      sale: { price: String(parseEther('0.5')), start: 0, end: Date.parse('2100-01-01T00:00:00Z') / 1000, walletLimit: 3 },
      ...{ paused: true, contractUri: 'ipfs://document', royalty: { receiver: `0x${'9'.repeat(40)}`, bps: 250 } },
    });
    type Terms = { price: string; paused: boolean; allowlist: boolean; royaltyBps: number };
    const path = `/v1/collections/${String(shown.collection).toLowerCase()}`;
    const seen = await eventually<Terms>(
      path,
      ({ price, allowlist, royaltyBps }) => price !== '20000000000000000' && allowlist && royaltyBps === 250,
    );
    expect(seen).toMatchObject({ price: String(parseEther('0.5')), allowlist: true, walletLimit: 3 });
    const opened = await cli(...COMMAND(), '--everybody', '--resume', '--withdraw', '--price', '0');
    expect(opened).toMatchObject({ paused: false, proceeds: '0', allowlistRoot: `0x${'00'.repeat(32)}`, mintCost: String(parseEther('0.001')) });
    const given = await cli(...COMMAND(), '--transfer-to', `0x${'8'.repeat(40)}`);
    expect(given).toMatchObject({ pendingOwner: `0x${'8'.repeat(40)}` });
  }, 120_000);

  it('are refused to others and with terms that make no sense, in a sentence', async () => {
    await refused([...COMMAND(), '--pause'], 'chain/refused', 'Expected the owner of the collection', { PENTIMENTO_PRIVATE_KEY: KEY });
    await refused([...COMMAND(), '--accept'], 'chain/refused', 'Expected the owner of the collection');
    await refused([...COMMAND(), '--start', '20', '--end', '10'], 'chain/refused', 'Expected the sale to end after its start at 20');
    await refused([...COMMAND(), '--image-base', 'ipfs://x/'], 'chain/refused', 'keeps its images on chain');
    await refused([...COMMAND(), '--pause', '--resume'], 'cli/usage', 'Expected --pause or --resume, got both.');
    await refused([...COMMAND(), '--allowlist', join(folder, 'none.txt')], 'cli/usage', 'Expected to read an allowlist');
    await refused([...COMMAND(), '--royalty-to', `0x${'9'.repeat(40)}`], 'cli/usage', 'Expected --royalty-bps with --royalty-to, got none.');
    await refused([...COMMAND(), '--transfer-to', `0x${'0'.repeat(40)}`], 'cli/usage', 'got the zero address');
    await refused([...COMMAND(), '--royalty-bps', '1001'], '', 'Expected an integer in 0..1000');
    await refused([...COMMAND(), '--price', 'much'], '', 'Expected an amount of ether');
    await refused([...COMMAND(), '--end', 'soon'], '', 'Expected Unix seconds or a time');
    await refused(
      ['collection', '--rpc', anvil.url, '--collection', `0x${'1'.repeat(40)}`],
      'chain/failed',
      'Expected the node to show the collection',
    );
  }, 180_000);
});
