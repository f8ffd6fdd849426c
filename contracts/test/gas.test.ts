/**
 * How large the contracts are, and what they cost without the proof's verification, against contracts/gas.json: a change of more than one part in a hundred has
 * to be looked at. `PENTIMENTO_WRITE_GAS=1 npx vitest run contracts/test/gas.test.ts` writes the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseEther } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  type CollectionChange,
  claim,
  compiled,
  createCollection,
  deployPlatform,
  FREE_SALE,
  generator,
  mined,
  mintAs,
  type Platform,
  recordOf,
  registerModel,
  someMinting,
} from './fixture.ts';

const FILE = new URL('../gas.json', import.meta.url);
const LIMITS: Readonly<Record<string, number>> = { claim: 60_000, clone: 400_000 };
const [PRICE, FEE] = [parseEther('0.1'), parseEther('0.003')];
const below = generator(5);

let anvil: Anvil;
let platform: Platform;
beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
});
afterAll(() => anvil.stop());

/** Gas of the second mint of an account: its balance, its count and the accounts of the registry are no longer new. */
async function secondMint(change: CollectionChange, account: Address): Promise<{ gas: number; collection: Collection; tokenId: bigint }> {
  const collection = await createCollection(platform, change);
  const value = await collection.read.mintCost();
  await mintAs(platform, collection, someMinting(below, collection, account), account, value);
  const minting = someMinting(below, collection, account);
  const { gasUsed } = await mintAs(platform, collection, minting, account, value);
  return { gas: Number(gasUsed), collection, tokenId: minting.tokenId };
}

async function measure(): Promise<Record<string, number>> {
  const account = platform.accounts[1] as Address;
  const { client, factory, registry, model } = platform;
  const register = await mined(client, registry.write.register([{ ...model, licenceFee: FEE }], { account: platform.owner, chain: null }));
  const modelId = await registerModel(platform, { licenceFee: FEE });
  const terms = { name: 'Pentimento Nouns', symbol: 'PENTI', modelId, imageMode: 0, maxSupply: 10_000, claimDelay: 60 };
  const sale = { price: PRICE, start: 1_800_000_000, end: 1_900_000_000, walletLimit: 5 };
  const settings = { sale, allowlistRoot: recordOf(model.vk, someMinting(below, await createCollection(platform), account)), royaltyBps: 500n };
  const uris = { imageBase: '', contractUri: '' };
  const salt = `0x${'5a'.repeat(32)}` as const;
  const clone = await mined(client, factory.write.create([salt, terms, { ...settings, ...uris }], { account, chain: null }));
  const sold = { model: { licenceFee: FEE }, settings: { sale: { ...FREE_SALE, price: PRICE } } };
  const free = await secondMint({}, account);
  const onchain = await secondMint(sold, account);
  const hash = await secondMint({ ...sold, terms: { imageMode: 1 } }, account);
  const claimed = await claim(client, onchain.collection, 1n, account, salt);
  const burned = await mined(client, free.collection.write.burn([free.tokenId], { account, chain: null }));
  const paid = await mined(client, registry.write.withdraw([platform.protocol], { account, chain: null }));
  return {
    register: Number(register.gasUsed),
    clone: Number(clone.gasUsed),
    claim: Number(claimed.gasUsed),
    'mint.onchain.free': free.gas,
    'mint.onchain.sold': onchain.gas,
    'mint.hash.sold': hash.gas,
    burn: Number(burned.gasUsed),
    withdraw: Number(paid.gasUsed),
  };
}

test('gas is what is recorded, and below its limits', async () => {
  const measured = await measure();
  console.log(`gas without verification: ${JSON.stringify(measured)}`);
  if (process.env.PENTIMENTO_WRITE_GAS === '1') writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, number>;
  expect(Object.keys(measured)).toEqual(Object.keys(recorded));
  for (const [name, gas] of Object.entries(measured)) {
    expect(Math.abs(gas / (recorded[name] as number) - 1), name).toBeLessThan(0.01);
    if (LIMITS[name] !== undefined) expect(gas, name).toBeLessThanOrEqual(LIMITS[name]);
  }
}, 120_000);

test('code, and creation code, is below the limits of a chain', () => {
  for (const name of ['PentimentoCollection', 'CollectionFactory', 'ModelRegistry', 'TokenRenderer']) {
    const { runtimeSize = Number.NaN, bytecode = '0x' } = compiled[name] ?? {};
    console.log(`${name}: ${runtimeSize} bytes of 24576`);
    expect(runtimeSize, name).toBeLessThan(24_576);
    expect((bytecode.length - 2) / 2, name).toBeLessThan(49_152);
  }
});
