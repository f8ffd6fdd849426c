/** The chain changes while it is read, and two indexers meet: nothing of a chain that never was gets into the tables. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../../../../contracts/test/anvil.ts';
import { deployPlatform, type Platform } from '../../../../contracts/test/fixture.ts';
import { step } from '../../src/indexer/follow.ts';
import type { Node } from '../../src/indexer/node.ts';
import { append, beginAnew, readTip } from '../../src/indexer/store.ts';
import { contents, mintOne, openStepping, type Stepping } from './bench.ts';

let anvil: Anvil;
let platform: Platform;
let stepping: Stepping;

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  stepping = await openStepping(anvil.client.transport.url as string, platform);
});

afterAll(async () => {
  await anvil.stop();
  await stepping.close();
});

const stepWith = (node: Node) => step({ ...stepping, node, start: 0, limit: 500 });

async function stepToHead(): Promise<void> {
  const { node } = stepping;
  while ((await stepWith(node)).indexed !== (await node.head()).number);
}

/** A node behind which the chain goes another way at one moment, once; `tip` is the last indexed block. */
function turning(at: 'header' | 'logs' | 'token', tip: number, turn: () => Promise<void>): Node {
  const { node } = stepping;
  let turned = false;
  const turnOnce = async () => {
    if (turned) return;
    turned = true;
    await turn();
  };
  if (at === 'token') {
    return {
      ...node,
      token: async (mint) => {
        const found = await node.token(mint);
        await turnOnce();
        return found;
      },
    };
  }
  if (at === 'header') {
    return {
      ...node,
      header: async (number) => {
        const found = await node.header(number);
        if (number > tip) await turnOnce();
        return found;
      },
    };
  }
  return {
    ...node,
    logs: async (...range) => {
      const found = await node.logs(...range);
      await turnOnce();
      return found;
    },
  };
}

test.each(['header', 'logs', 'token'] as const)('a reorganisation after the %s were read', async (at) => {
  const { node, identity, database } = stepping;
  await stepToHead();
  const before = await contents(database);
  const tip = (await node.head()).number;
  const snapshot = await anvil.client.snapshot();
  await mintOne(platform, 1);
  const turn = async () => {
    await anvil.client.revert({ id: snapshot });
    await mintOne(platform, 2);
    await anvil.client.mine({ blocks: 2 });
  };
  await expect(stepWith(turning(at, tip, turn))).rejects.toThrow();
  expect(await contents(database)).toEqual(before);
  await stepToHead();
  const found = await contents(database);
  await beginAnew(database, identity);
  await stepToHead();
  expect(found).toEqual(await contents(database));
});

test('a batch that was read after another block than the last is refused', async () => {
  const { node, database } = stepping;
  const tip = await readTip(database);
  const { number } = await node.head();
  const stale = { after: { number, hash: `0x${'12'.repeat(32)}` as const }, headers: [], facts: [], to: number };
  await expect(append(database, stale)).rejects.toMatchObject({ code: 'indexer/moved' });
  expect(await readTip(database)).toEqual(tip);
});
