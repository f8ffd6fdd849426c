/** Price, window, supply, wallet limit, allowlist, pause, shares and royalties, each on a chain with real payments. */
import { buildAllowlist } from '@pentimento/contracts/allowlist';
import type { Hex } from '@pentimento/core';
import { decodeEventLog, keccak256, parseEther, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pentimentoCollectionAbi } from '../abi/contracts.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  type CollectionChange,
  claim,
  createCollection,
  deploy,
  deployPlatform,
  FREE_SALE,
  generator,
  type Minting,
  mined,
  mintAs,
  NO_SALT,
  type Platform,
  PROTOCOL_BPS,
  pass,
  recordStatement,
  requestOf,
  revertOf,
  type Settings,
  someMinting,
} from './fixture.ts';

const PRICE = parseEther('0.1');
const FEE = parseEther('0.003');

let anvil: Anvil;
let platform: Platform;
let owner: Address;
let buyer: Address;
let other: Address;
const below = generator(404);

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [owner, buyer, other] = platform.accounts as [Address, Address, Address];
});
afterAll(() => anvil.stop());

const create = (settings: Partial<Settings> = {}, change: CollectionChange = {}) => createCollection(platform, { ...change, settings });
const priced = (change: CollectionChange = {}) => create({ sale: { ...FREE_SALE, price: PRICE } }, { model: { licenceFee: FEE }, ...change });
const sell = (collection: Collection, account = buyer, value = 0n) =>
  mintAs(platform, collection, someMinting(below, collection, account), account, value);

/** The refusal of a mint whose claim and proof are in order. */
async function refusal(collection: Collection, account = buyer, value = 0n, branch: readonly Hex[] = []) {
  const minting = await prepared(collection, account);
  return revertOf(collection.simulate.mint([requestOf(minting, NO_SALT, branch)], { account, value }));
}

async function prepared(collection: Collection, account: Address): Promise<Minting> {
  const minting = someMinting(below, collection, account);
  await recordStatement(platform, minting);
  await claim(anvil.client, collection, minting.tokenId, account);
  await pass(anvil.client, 2);
  return minting;
}

const time = async () => Number((await anvil.client.getBlock()).timestamp);
const balance = (address: Address) => anvil.client.getBalance({ address });

describe('payment', () => {
  test('is exactly the price and the licence fee', async () => {
    const collection = await priced();
    expect(await collection.read.mintCost()).toBe(PRICE + FEE);
    for (const value of [0n, PRICE, PRICE + FEE - 1n, PRICE + FEE + 1n]) {
      expect(await refusal(collection, buyer, value)).toEqual({ name: 'WrongPayment', args: [PRICE + FEE, value] });
    }
    await sell(collection, buyer, PRICE + FEE);
  });

  test('goes to the model owner, the protocol and the collection owner, to the wei', async () => {
    const modelOwner = platform.accounts[7] as Address;
    const collection = await priced({ model: { licenceFee: FEE, owner: modelOwner }, owner: other });
    const owedBefore = await platform.registry.read.owed([platform.protocol]);
    for (let n = 0; n < 3; n++) await sell(collection, buyer, PRICE + FEE);
    const share = (PRICE * PROTOCOL_BPS) / 10_000n;
    expect(await platform.registry.read.owed([modelOwner])).toBe(3n * FEE);
    expect((await platform.registry.read.owed([platform.protocol])) - owedBefore).toBe(3n * share);
    expect(await balance(collection.address)).toBe(3n * (PRICE - share));

    const before = await balance(other);
    // Anyone may call: the owner is paid.
    await mined(anvil.client, collection.write.withdraw({ account: buyer, chain: null }));
    expect((await balance(other)) - before).toBe(3n * (PRICE - share));
    expect(await balance(collection.address)).toBe(0n);
    expect(await revertOf(collection.simulate.withdraw({ account: buyer }))).toEqual({ name: 'NothingToPay', args: [] });
  });

  test('rounds the share of a price of one wei down, and loses nothing', async () => {
    const collection = await create({ sale: { ...FREE_SALE, price: 1n } });
    await sell(collection, buyer, 1n);
    expect(await balance(collection.address)).toBe(1n);
  });

  test('stays when the owner cannot take it, and is paid to the next owner', async () => {
    const collection = await create({ sale: { ...FREE_SALE, price: PRICE } });
    await sell(collection, buyer, PRICE);
    const deaf = await deploy(anvil.client, 'DeafCreator');
    // The storage slot of the owner, as a contract without a fallback cannot accept ownership itself.
    await mined(anvil.client, collection.write.transferOwnership([other], { account: owner, chain: null }));
    await mined(anvil.client, collection.write.acceptOwnership({ account: other, chain: null }));
    await anvil.client.impersonateAccount({ address: deaf });
    await anvil.client.setBalance({ address: deaf, value: 0n });
    await mined(anvil.client, collection.write.transferOwnership([deaf], { account: other, chain: null }));
    await anvil.client.setBalance({ address: deaf, value: parseEther('1') });
    await mined(anvil.client, collection.write.acceptOwnership({ account: deaf, chain: null }));
    expect(await revertOf(collection.simulate.withdraw({ account: buyer }))).toEqual({ name: 'OwnerCannotBePaid', args: [deaf] });
    expect(await balance(collection.address)).toBeGreaterThan(0n);
    await anvil.client.stopImpersonatingAccount({ address: deaf });
  });
});

describe('when and how many', () => {
  test('opens at its start and closes at its end, to the second', async () => {
    const start = (await time()) + 1000;
    const collection = await create({ sale: { ...FREE_SALE, start, end: start + 100 } });
    const minting = someMinting(below, collection, buyer);
    await recordStatement(platform, minting);
    await claim(anvil.client, collection, minting.tokenId, buyer);
    const at = async (timestamp: number) => {
      await anvil.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) });
      await anvil.client.mine({ blocks: 1 });
      return collection.simulate.mint([requestOf(minting)], { account: buyer });
    };
    expect(await revertOf(at(start - 1))).toEqual({ name: 'SaleNotOpen', args: [BigInt(start)] });
    await at(start);
    await at(start + 99);
    expect(await revertOf(at(start + 100))).toEqual({ name: 'SaleClosed', args: [BigInt(start + 100)] });
  });

  test('refuses a window that ends before it starts', async () => {
    const sale = { ...FREE_SALE, start: 200, end: 200 };
    expect(await revertOf(create({ sale }))).toEqual({ name: 'SaleWindowEmpty', args: [200n, 200n] });
    const collection = await create();
    expect(await revertOf(collection.simulate.setSale([sale], { account: owner }))).toMatchObject({ name: 'SaleWindowEmpty' });
  });

  test('sells the supply and no more, and a burned token opens no place', async () => {
    const collection = await create({}, { terms: { maxSupply: 2 } });
    await sell(collection);
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    expect(await refusal(collection)).toEqual({ name: 'SoldOut', args: [2n] });
    await mined(anvil.client, collection.write.burn([minting.tokenId], { account: buyer, chain: null }));
    expect([await collection.read.minted(), await collection.read.totalSupply()]).toEqual([2n, 1n]);
    expect(await refusal(collection)).toEqual({ name: 'SoldOut', args: [2n] });
  });

  test('limits what one account mints, burned and sold tokens included', async () => {
    const collection = await create({ sale: { ...FREE_SALE, walletLimit: 1 } });
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    await mined(anvil.client, collection.write.transferFrom([buyer, other, minting.tokenId], { account: buyer, chain: null }));
    expect(await refusal(collection)).toEqual({ name: 'WalletLimitReached', args: [buyer, 1n] });
    await sell(collection, other);
  });

  test('keeps the counters when the terms of sale change', async () => {
    const collection = await create();
    await sell(collection);
    const sale = { price: 7n, start: 1, end: 4_000_000_000, walletLimit: 3 };
    await mined(anvil.client, collection.write.setSale([sale], { account: owner, chain: null }));
    expect(await collection.read.sale()).toEqual(sale);
    expect(await collection.read.minted()).toBe(1n);
    expect(await refusal(collection)).toMatchObject({ name: 'WrongPayment', args: [7n, 0n] });
  });
});

describe('the allowlist', () => {
  test.each([1, 2, 3, 5, 8])('lets each of %i accounts mint with its branch, and nobody else', async (size) => {
    const accounts = platform.accounts.slice(1, 1 + size);
    const { root, branchOf } = buildAllowlist(accounts);
    const collection = await create({ allowlistRoot: root });
    for (const account of accounts) {
      const minting = await prepared(collection, account);
      await collection.simulate.mint([requestOf(minting, NO_SALT, branchOf(account))], { account });
    }
    const stranger = platform.accounts[9] as Address;
    expect(branchOf(stranger)).toBeUndefined();
    expect(await refusal(collection, stranger, 0n, branchOf(accounts[0] as Address))).toEqual({ name: 'NotOnAllowlist', args: [stranger] });
    expect(await refusal(collection, stranger)).toEqual({ name: 'NotOnAllowlist', args: [stranger] });
    await mined(anvil.client, collection.write.setAllowlist([`0x${'00'.repeat(32)}`], { account: owner, chain: null }));
    await sell(collection, stranger);
  });
});

describe('pausing', () => {
  test('stops minting only', async () => {
    const collection = await create();
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    await mined(anvil.client, collection.write.pause({ account: owner, chain: null }));
    expect(await refusal(collection)).toEqual({ name: 'EnforcedPause', args: [] });
    await mined(anvil.client, collection.write.transferFrom([buyer, other, minting.tokenId], { account: buyer, chain: null }));
    expect(await collection.read.ownerOf([minting.tokenId])).toBe(other);
    await mined(anvil.client, collection.write.unpause({ account: owner, chain: null }));
    await sell(collection);
  });
});

describe('burning', () => {
  test('is for the owner of the token or whom he approves', async () => {
    const collection = await create();
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    expect(await revertOf(collection.simulate.burn([minting.tokenId], { account: other }))).toMatchObject({ name: 'ERC721InsufficientApproval' });
    await mined(anvil.client, collection.write.approve([other, minting.tokenId], { account: buyer, chain: null }));
    await mined(anvil.client, collection.write.burn([minting.tokenId], { account: other, chain: null }));
    expect(await revertOf(collection.read.ownerOf([minting.tokenId]))).toMatchObject({ name: 'ERC721NonexistentToken' });
    expect(await revertOf(collection.simulate.burn([minting.tokenId], { account: buyer }))).toMatchObject({ name: 'ERC721NonexistentToken' });
  });
});

describe('royalties', () => {
  test('follow ERC-2981 and are capped', async () => {
    const collection = await create({ royaltyBps: 1000n });
    expect(await collection.read.royaltyInfo([1n, 10_000n])).toEqual([owner, 1000n]);
    await mined(anvil.client, collection.write.setRoyalty([other, 250n], { account: owner, chain: null }));
    expect(await collection.read.royaltyInfo([1n, 10_000n])).toEqual([other, 250n]);
    const tooHigh = { name: 'RoyaltyTooHigh', args: [1001n, 1000n] };
    expect(await revertOf(collection.simulate.setRoyalty([other, 1001n], { account: owner }))).toEqual(tooHigh);
    expect(await revertOf(create({ royaltyBps: 1001n }))).toEqual(tooHigh);
  });
});

describe("the owner's rights", () => {
  test('are for the owner only', async () => {
    const collection = await create({}, { terms: { imageMode: 1 } });
    const refused = { name: 'OwnableUnauthorizedAccount', args: [buyer] };
    const account = { account: buyer };
    const { simulate } = collection;
    for (const attempt of [
      () => simulate.setSale([FREE_SALE], account),
      () => simulate.setAllowlist([NO_SALT], account),
      () => simulate.setRoyalty([buyer, 1n], account),
      () => simulate.setImageBase(['x'], account),
      () => simulate.setContractURI(['x'], account),
      () => simulate.pause(account),
      () => simulate.unpause(account),
      () => simulate.transferOwnership([buyer], account),
      () => collection.read.renounceOwnership(account),
    ]) {
      expect(await revertOf(attempt() as Promise<unknown>), attempt.toString()).toEqual(refused);
    }
  });

  test('move in two steps and cannot be given up', async () => {
    const collection = await create();
    await mined(anvil.client, collection.write.transferOwnership([other], { account: owner, chain: null }));
    expect(await collection.read.owner()).toBe(owner);
    expect(await revertOf(collection.simulate.acceptOwnership({ account: buyer }))).toMatchObject({ name: 'OwnableUnauthorizedAccount' });
    await mined(anvil.client, collection.write.acceptOwnership({ account: other, chain: null }));
    expect(await collection.read.owner()).toBe(other);
    expect(await revertOf(collection.read.renounceOwnership({ account: other }))).toEqual({ name: 'OwnershipCannotBeRenounced', args: [] });
  });
});

describe('documents', () => {
  test('of the collection are written by the chain until the owner sets another, with the event of ERC-7572', async () => {
    const collection = await create({}, { terms: { name: 'A "quoted" name' } });
    const json = JSON.parse(Buffer.from((await collection.read.contractURI()).split(',')[1] as string, 'base64').toString());
    expect(json).toMatchObject({ name: 'A "quoted" name', symbol: 'PENT', model_commitment: platform.model.commitment });
    const receipt = await mined(anvil.client, collection.write.setContractURI(['ipfs://document'], { account: owner, chain: null }));
    expect(receipt.logs.map((l) => decodeEventLog({ abi: pentimentoCollectionAbi, ...l }).eventName)).toEqual(['ContractURIUpdated']);
    expect(await collection.read.contractURI()).toBe('ipfs://document');
    expect(await (await create({ contractUri: 'ipfs://first' })).read.contractURI()).toBe('ipfs://first');
  });

  test('of tokens are told to have changed, by ERC-4906, when images move', async () => {
    const collection = await create({}, { terms: { imageMode: 1 } });
    const receipt = await mined(anvil.client, collection.write.setImageBase(['https://example.org/'], { account: owner, chain: null }));
    const [event] = receipt.logs.map((l) => decodeEventLog({ abi: pentimentoCollectionAbi, ...l }));
    expect(event).toMatchObject({ eventName: 'BatchMetadataUpdate', args: { _fromTokenId: 0n, _toTokenId: 2n ** 256n - 1n } });
    expect(await collection.read.imageBase()).toBe('https://example.org/');
    const onchain = await create();
    expect(await revertOf(onchain.simulate.setImageBase(['x'], { account: owner }))).toEqual({ name: 'ImageIsOnChain', args: [] });
  });
});

describe('hashes instead of images', () => {
  test('a token keeps its prompt, its creator and the hash of its image', async () => {
    const collection = await create({}, { terms: { imageMode: 1 } });
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    const imageHash = keccak256(`${minting.aigcData}${minting.prompt.slice(-2)}`);
    expect(await collection.read.prompt([minting.tokenId])).toBe(minting.prompt);
    expect(await collection.read.creator([minting.tokenId])).toBe(buyer);
    expect(await collection.read.pose([minting.tokenId])).toBe(minting.statement.pose);
    expect(await collection.read.tokenOfImage([imageHash])).toBe(minting.tokenId);
    const refused = { name: 'ImageNotOnChain', args: [minting.tokenId] };
    expect(await revertOf(collection.read.aigcData([minting.tokenId]))).toEqual(refused);
    expect(await revertOf(collection.read.picture([minting.tokenId]))).toEqual(refused);
    // The proof stays checkable, and the data can be logged again by who has them.
    expect(await collection.read.verify([minting.prompt, minting.aigcData, minting.proof])).toBe(true);
    await collection.simulate.addAigcData([minting.tokenId, minting.prompt, minting.aigcData, minting.proof], { account: other });
  });

  test('its document names the content by a CID that follows from the proven bytes', async () => {
    const collection = await create({}, { terms: { imageMode: 1 } });
    const minting = someMinting(below, collection, buyer);
    await mintAs(platform, collection, minting, buyer);
    const read = async () =>
      JSON.parse(Buffer.from((await collection.read.tokenURI([minting.tokenId])).split(',')[1] as string, 'base64').toString());
    const hash = keccak256(`${minting.aigcData}${minting.prompt.slice(-2)}`).slice(2);
    // CIDv1: base 16, version 1, raw (0x55), keccak-256 (0x1b) of 0x20 bytes.
    const cid = `ipfs://f${'01'}${'55'}${'1b'}${'20'}${hash}`;
    expect(await read()).toMatchObject({ image: cid, aigc_data: cid, prompt: minting.prompt });
    await mined(anvil.client, collection.write.setImageBase(['https://a.example/"x"/'], { account: owner, chain: null }));
    expect(await read()).toMatchObject({ image: `https://a.example/"x"/${hash}`, aigc_data: cid });
  });
});

test('the token of an event is the hash of its prompt', async () => {
  const collection = await priced();
  const minting = someMinting(below, collection, buyer);
  const { logs } = await mintAs(platform, collection, minting, buyer, PRICE + FEE);
  const used = logs.find((l) => l.address.toLowerCase() === platform.registry.address.toLowerCase());
  expect(used?.topics[3]).toBe(toHex(minting.tokenId, { size: 32 }));
});
