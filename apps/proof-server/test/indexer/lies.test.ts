/** A node that answers what it was not asked, or not at all: nothing of it gets into the tables, and what it is said to be is what it is. */
import { rm } from 'node:fs/promises';
import { toEventSelector } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../../../../contracts/test/anvil.ts';
import { deployPlatform, type Platform } from '../../../../contracts/test/fixture.ts';
import { step } from '../../src/indexer/follow.ts';
import { WINDOW } from '../../src/indexer/store.ts';
import {
  type Answer,
  type Call,
  contents,
  type Gate,
  honest,
  mintOne,
  openFolder,
  openGate,
  openStepping,
  type Stepping,
  startIndexed,
  until,
  upToDate,
} from './bench.ts';

const STRANGER = `0x${'57'.repeat(20)}` as const;
const MINTED = toEventSelector('Minted(uint256,address,bytes32,address,uint256)');

let anvil: Anvil;
let platform: Platform;
let gate: Gate;
let stepping: Stepping;

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  await mintOne(platform, 3);
  gate = await openGate(anvil.client.transport.url as string);
  stepping = await openStepping(gate.url, platform);
});

afterEach(() => {
  gate.say = honest;
});

afterAll(async () => {
  await gate.close();
  await anvil.stop();
  await stepping.close();
});

const indexOnce = () => step({ ...stepping, start: 0, limit: 500 });

/** Past the gate. */
const askNode = (method: string, params: readonly unknown[]): Promise<unknown> => anvil.client.request({ method, params } as never);

async function expectRefused(): Promise<void> {
  const before = await contents(stepping.database);
  await expect(indexOnce()).rejects.toMatchObject({ code: 'indexer/inconsistent', retryable: true });
  expect(await contents(stepping.database)).toEqual(before);
}

interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly blockNumber: string;
  readonly logIndex: string;
}

/** Where the registry's logs are asked for, the gate adds one: its first one, changed, in a place of its own. */
async function adding(change: (log: RawLog) => object): Promise<void> {
  const address = stepping.identity.registry;
  const [log] = (await askNode('eth_getLogs', [{ address, fromBlock: '0x0', toBlock: 'latest' }])) as RawLog[];
  if (log === undefined) throw new Error('the registry has no log');
  gate.say = ({ method, params }, answer) => {
    if (method !== 'eth_getLogs' || !(params[0] as { address: string[] }).address.includes(address)) return answer;
    return { result: [...(answer.result as RawLog[]), { ...log, logIndex: '0x4000', ...change(log) }] };
  };
}

describe('an index of nothing', () => {
  test.each<readonly [string, (log: RawLog) => object]>([
    ['of a contract that was not asked for', () => ({ address: STRANGER })],
    ['of an event that was not asked for', ({ topics }) => ({ topics: [`0x${'ab'.repeat(32)}`, ...topics.slice(1)] })],
    ['of an event of another contract', () => ({ topics: [MINTED] })],
    ['of a later block', () => ({ blockNumber: '0xffff' })],
    ['of no block', () => ({ blockNumber: 'latest' })],
    ['that is not mined', () => ({ blockNumber: null, blockHash: null })],
    ['that was removed', () => ({ removed: true })],
    ['of another chain', () => ({ blockHash: `0x${'cd'.repeat(32)}` })],
    ['in the place of another one', ({ logIndex }) => ({ logIndex })],
  ])('takes no log %s', async (_name, change) => {
    await adding(change);
    await expectRefused();
  });
});

describe('an index', () => {
  beforeAll(async () => {
    // The registry's log is then in a block outside of the window of kept hashes.
    await anvil.client.mine({ blocks: 2 * WINDOW });
    while ((await indexOnce()).indexed !== (await stepping.node.head()).number);
    await anvil.client.mine({ blocks: 3 });
  });

  test('takes no log of an earlier block', async () => {
    await adding(() => ({}));
    await expectRefused();
  });

  test('is not undone by a node that answers with another block than the asked one', async () => {
    const other = await askNode('eth_getBlockByNumber', ['latest', false]);
    gate.say = ({ method }, answer) => (method === 'eth_getBlockByNumber' ? { result: other } : answer);
    await expectRefused();
  });

  test('is not undone by a node that has forgotten the blocks of its own chain', async () => {
    gate.say = ({ method, params }, answer) => (method === 'eth_getBlockByNumber' && params[0] !== 'latest' ? { result: null } : answer);
    await expectRefused();
  });
});

describe('the state', () => {
  const failing = ({ method }: Call, answer: Answer): Answer =>
    method === 'eth_call' ? { error: { code: -32603, message: 'header not found' } } : answer;

  test('is that the node fails, not that there is no platform, when the factory cannot be read', async () => {
    const { node } = stepping;
    await expect(node.identity(31337, STRANGER)).resolves.toBeUndefined();
    await expect(node.identity(31337, platform.registry.address)).resolves.toBeUndefined();
    gate.say = failing;
    await expect(node.identity(31337, platform.factory.address)).rejects.toThrow('header not found');
    const { database, home } = await openFolder();
    const indexed = await startIndexed(gate.url, platform.factory.address, database);
    await until(() => indexed.indexer.status().state !== 'starting');
    expect(indexed.indexer.status()).toMatchObject({ state: 'unreachable', problem: expect.stringContaining('Expected the chain') });
    gate.say = honest;
    await upToDate(indexed, anvil.client);
    await indexed.end();
    await database.close();
    await rm(home, { recursive: true });
  });

  test('is that the node fails when its answers go on not to fit each other', async () => {
    const { database, home } = await openFolder();
    gate.say = ({ method }, answer) => (method === 'eth_getLogs' ? { result: [{ address: STRANGER, topics: [], removed: true }] } : answer);
    const indexed = await startIndexed(gate.url, platform.factory.address, database);
    await until(() => indexed.indexer.status().state === 'unreachable');
    expect(indexed.indexer.status().problem).toBe('Expected the node to answer with a mined log, but it did not.');
    await indexed.end();
    await database.close();
    await rm(home, { recursive: true });
  });
});
