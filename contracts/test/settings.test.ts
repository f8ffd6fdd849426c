/** What an owner may change later is set in the transaction that deploys the collection; nothing is set that was not asked for. */
import { keccak256, zeroHash } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from './anvil.ts';
import { type Address, type Collection, createCollection, deployPlatform, FREE_SALE, type Platform, SETTINGS } from './fixture.ts';

let anvil: Anvil;
let platform: Platform;
beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
});
afterAll(() => anvil.stop());

/** Root, base, royalty of 10,000 wei, its receiver, and the collection's own document. */
async function settingsOf({ read }: Collection) {
  const [receiver, amount] = await read.royaltyInfo([1n, 10_000n]);
  return { root: await read.allowlistRoot(), base: await read.imageBase(), receiver, amount, uri: await read.contractURI(), sale: await read.sale() };
}

test('all of them at once', async () => {
  const owner = platform.accounts[3] as Address;
  const sale = { price: 7n, start: 1_800_000_000, end: 1_900_000_000, walletLimit: 5 };
  const allowlistRoot = keccak256('0x02');
  const settings = { sale, allowlistRoot, royaltyBps: 250n, imageBase: 'https://images.example/', contractUri: 'ipfs://collection' };
  const found = await settingsOf(await createCollection(platform, { owner, terms: { imageMode: 1 }, settings }));
  const expected = { root: allowlistRoot, base: 'https://images.example/', receiver: owner, amount: 250n, uri: 'ipfs://collection' };
  expect(found).toMatchObject({ ...expected, sale });
});

test('none of them', async () => {
  const found = await settingsOf(await createCollection(platform, { settings: SETTINGS }));
  expect(found).toMatchObject({ root: zeroHash, base: '', amount: 0n, sale: FREE_SALE });
  expect(found.uri).toMatch(/^data:application\/json;base64,/);
});
