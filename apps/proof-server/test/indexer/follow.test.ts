/** The chain changes while it is read, and two indexers meet: nothing of a chain that never was gets into the tables. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '@pentimento/core/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../../../../contracts/test/anvil.ts';
import { type Address, createCollection, deployPlatform, generator, mintAs, type Platform, someMinting } from '../../../../contracts/test/fixture.ts';
import { step } from '../../src/indexer/follow.ts';
import { type Node, openNode } from '../../src/indexer/node.ts';
import { append, beginAnew, type Identity, readTip } from '../../src/indexer/store.ts';
import { openModels } from '../../src/models.ts';
import { contents, openFolder } from './bench.ts';

let anvil: Anvil;
let platform: Platform;
let node: Node;
let identity: Identity;
let folder: Awaited<ReturnType<typeof openFolder>>;

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  node = openNode(anvil.client.transport.url as string, await openModels([join(PROJECT, 'models', 'nouns-s')]));
  identity = (await node.identity(31337, platform.factory.address)) as Identity;
  folder = await openFolder();
  await beginAnew(folder.database, identity);
});

afterAll(async () => {
  await anvil.stop();
  await folder.database.close();
  await rm(folder.home, { recursive: true });
});

const options = (reading: Node) => ({ database: folder.database, node: reading, identity, start: 0, limit: 500 });
const mintOne = async (seed: number) => {
  const collection = await createCollection(platform);
  const creator = platform.accounts[1] as Address;
  await mintAs(platform, collection, someMinting(generator(seed), collection, creator), creator);
};

/** A node behind which the chain goes another way at one moment, once; `tip` is the last indexed block. */
function turning(at: 'header' | 'logs' | 'token', tip: number, turn: () => Promise<void>): Node {
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
  while ((await step(options(node))).indexed !== (await node.head()).number);
  const before = await contents(folder.database);
  const tip = (await node.head()).number;
  const snapshot = await anvil.client.snapshot();
  await mintOne(1);
  const turn = async () => {
    await anvil.client.revert({ id: snapshot });
    await mintOne(2);
    await anvil.client.mine({ blocks: 2 });
  };
  await expect(step(options(turning(at, tip, turn)))).rejects.toThrow();
  expect(await contents(folder.database)).toEqual(before);
  while ((await step(options(node))).indexed !== (await node.head()).number);
  const found = await contents(folder.database);
  await beginAnew(folder.database, identity);
  while ((await step(options(node))).indexed !== (await node.head()).number);
  expect(found).toEqual(await contents(folder.database));
});

test('a batch that was read after another block than the last is refused', async () => {
  const tip = await readTip(folder.database);
  const { number } = await node.head();
  const stale = { after: { number, hash: `0x${'12'.repeat(32)}` as const }, headers: [], facts: [], to: number };
  await expect(append(folder.database, stale)).rejects.toMatchObject({ code: 'indexer/moved' });
  expect(await readTip(folder.database)).toEqual(tip);
});
