/** Models, their counts and fees, and the factory that alone may count. */
import { type Hex, hexToBytes } from '@pentimento/core';
import { decodeEventLog, getContract, keccak256, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectionFactoryAbi, modelRegistryAbi } from '../abi/contracts.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  collectionAt,
  createCollection,
  deploy,
  deployPlatform,
  FREE_SALE,
  generator,
  type Model,
  mined,
  mintAs,
  type Platform,
  PROTOCOL_BPS,
  registerModel,
  revertOf,
  SETTINGS,
  someMinting,
  type Terms,
} from './fixture.ts';

let anvil: Anvil;
let platform: Platform;
let owner: Address;
let stranger: Address;
const below = generator(9);

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [owner, stranger] = platform.accounts as [Address, Address];
});
afterAll(() => anvil.stop());

const terms = async (change: Partial<Terms> = {}): Promise<Terms> => ({
  ...{ name: 'Name', symbol: 'N', imageMode: 0, maxSupply: 10, claimDelay: 2 },
  modelId: await registerModel(platform),
  ...change,
});
const salt = (n: number): Hex => `0x${n.toString(16).padStart(64, 'f')}`;

describe('a model', () => {
  test('is kept as it was registered, under the hash of its record', async () => {
    const model: Model = { ...platform.model, licenceFee: 12n, cardUri: 'ipfs://card ñ' };
    const modelId = await registerModel(platform, model);
    expect(await platform.registry.read.model([modelId])).toEqual(model);
    const code = (await anvil.client.getCode({ address: await platform.registry.read.recordOf([modelId]) })) as Hex;
    expect(modelId).toBe(keccak256(`0x${code.slice(4)}`));
    expect(code.slice(0, 4)).toBe('0x00');
    expect(await revertOf(platform.registry.simulate.register([model], { account: owner }))).toEqual({ name: 'ModelExists', args: [modelId] });
  });

  test('announces itself', async () => {
    const model = { ...platform.model, licenceFee: 99n };
    const { logs } = await mined(anvil.client, platform.registry.write.register([model], { account: owner, chain: null }));
    const own = logs.filter((l) => l.address.toLowerCase() === platform.registry.address.toLowerCase());
    const [event] = own.map((l) => decodeEventLog({ abi: modelRegistryAbi, ...l }));
    expect(event).toMatchObject({ eventName: 'ModelRegistered', args: { owner, commitment: model.commitment, verifier: model.verifier } });
  });

  test('is registered by its owner only', async () => {
    const refused = revertOf(platform.registry.simulate.register([platform.model], { account: stranger }));
    expect(await refused).toEqual({ name: 'OwnerMismatch', args: [stranger, owner] });
  });

  test('is unknown until it is registered', async () => {
    const unknown = { name: 'UnknownModel', args: [salt(1)] };
    expect(await revertOf(platform.registry.read.model([salt(1)]))).toEqual(unknown);
    expect(await revertOf(createCollection(platform, { terms: { modelId: salt(1) } }))).toEqual(unknown);
  });

  const noCode: Address = '0x000000000000000000000000000000000000dEaD';
  const emptyHash = keccak256('0x');
  const zero = salt(0).replaceAll('f', '0') as Hex;
  test.each([
    ['a verifier without code and the empty hash', { verifier: noCode, verifierCodeHash: emptyHash }, 'VerifierCodeHashMismatch'],
    ['a verifier without code and the zero hash', { verifier: noCode, verifierCodeHash: zero }, 'VerifierCodeHashMismatch'],
    ['another code hash of the verifier', { verifierCodeHash: keccak256('0x02') }, 'VerifierCodeHashMismatch'],
    ['another code hash of the key', { vkCodeHash: keccak256('0x02') }, 'VkCodeHashMismatch'],
    ['a key without code and the zero hash', { vk: noCode, vkCodeHash: zero }, 'VkCodeHashMismatch'],
    ['a key without code and the empty hash', { vk: noCode, vkCodeHash: emptyHash }, 'VkCodeHashMismatch'],
    ['no commitment', { commitment: zero }, 'ModelCommitmentMissing'],
    ['no latent', { latentLength: 0n }, 'LatentLengthOutOfRange'],
    ['a latent above the limit', { latentLength: 1025n }, 'LatentLengthOutOfRange'],
    ['no width', { width: 0n }, 'ImageSizeOutOfRange'],
    ['a width that is no multiple of 8', { width: 36n }, 'ImageSizeOutOfRange'],
    ['a width above the limit', { width: 136n }, 'ImageSizeOutOfRange'],
    ['no height', { height: 0n }, 'ImageSizeOutOfRange'],
    ['a height above the limit', { height: 129n }, 'ImageSizeOutOfRange'],
    ['no scale', { scale: 0n }, 'ImageSizeOutOfRange'],
    ['a scale above the limit', { scale: 65n }, 'ImageSizeOutOfRange'],
    ['an RGB image that is too large for a record', { kind: 1, palette: '0x', width: 128n, height: 64n }, 'RecordTooLong'],
    ['a palette that is too short', { palette: `0x${'00'.repeat(47)}` }, 'PaletteLengthMismatch'],
    ['a palette that is too long', { palette: `0x${'00'.repeat(49)}` }, 'PaletteLengthMismatch'],
    ['a palette of an RGB model', { kind: 1 }, 'PaletteLengthMismatch'],
  ] as [string, Partial<Model>, string][])('is refused with %s', async (_, change, name) => {
    const model = { ...platform.model, ...change };
    expect(await revertOf(platform.registry.simulate.register([model], { account: owner }))).toMatchObject({ name });
  });
});

describe('the count of uses', () => {
  test('goes up by one with each minted token, in all collections of the model', async () => {
    const model = { licenceFee: 5n };
    const modelId = await registerModel(platform, model);
    for (const mints of [2, 1]) {
      const collection = await createCollection(platform, { model });
      for (let n = 0; n < mints; n++) await mintAs(platform, collection, someMinting(below, collection, stranger), stranger, 5n);
      expect(await platform.registry.read.modelOf([collection.address])).toBe(modelId);
    }
    expect(await platform.registry.read.uses([modelId])).toBe(3n);
  });

  test('cannot be raised by anybody else, at any payment', async () => {
    for (const value of [0n, 5n, parseEther('1')]) {
      const refused = revertOf(platform.registry.simulate.recordUse([1n], { account: stranger, value }));
      expect(await refused).toEqual({ name: 'NotACollection', args: [stranger] });
    }
    // A clone that somebody else deploys of the same implementation is no collection: the factory alone admits.
    const modelId = await registerModel(platform);
    const refused = revertOf(platform.registry.simulate.admit([stranger, modelId], { account: stranger }));
    expect(await refused).toEqual({ name: 'OnlyFactory', args: [stranger] });
    expect(await platform.registry.read.modelOf([await platform.factory.read.implementation()])).toBe(`0x${'00'.repeat(32)}`);
  });

  test('is not raised by verifying, or by a mint that is refused', async () => {
    const collection = await createCollection(platform);
    const modelId = await registerModel(platform);
    const before = await platform.registry.read.uses([modelId]);
    const minting = someMinting(below, collection, stranger);
    await mintAs(platform, collection, minting, stranger);
    await collection.read.verify([minting.prompt, minting.aigcData, minting.proof]);
    await mined(
      anvil.client,
      collection.write.addAigcData([minting.tokenId, minting.prompt, minting.aigcData, minting.proof], { account: stranger, chain: null }),
    );
    await expect(mintAs(platform, collection, minting, stranger)).rejects.toThrow(/reverted/);
    expect((await platform.registry.read.uses([modelId])) - before).toBe(1n);
  });

  test('needs the fee even from a collection', async () => {
    const collection = await createCollection(platform, { model: { licenceFee: 8n } });
    await anvil.client.impersonateAccount({ address: collection.address });
    await anvil.client.setBalance({ address: collection.address, value: parseEther('1') });
    const refused = revertOf(platform.registry.simulate.recordUse([1n], { account: collection.address, value: 7n }));
    expect(await refused).toEqual({ name: 'FeeTooLow', args: [8n, 7n] });
    await anvil.client.stopImpersonatingAccount({ address: collection.address });
  });
});

describe('fees', () => {
  test('wait until they are asked for, and are paid once, to whom they are due', async () => {
    const modelOwner = platform.accounts[5] as Address;
    const collection = await createCollection(platform, { model: { owner: modelOwner, licenceFee: 1000n } });
    await mintAs(platform, collection, someMinting(below, collection, stranger), stranger, 1000n);
    const before = await anvil.client.getBalance({ address: modelOwner });
    await mined(anvil.client, platform.registry.write.withdraw([modelOwner], { account: stranger, chain: null }));
    expect((await anvil.client.getBalance({ address: modelOwner })) - before).toBe(1000n);
    const again = revertOf(platform.registry.simulate.withdraw([modelOwner], { account: stranger }));
    expect(await again).toEqual({ name: 'NothingOwed', args: [modelOwner] });
  });

  test('stay owed to an account that refuses them', async () => {
    const deaf = await deploy(anvil.client, 'DeafCreator');
    await anvil.client.impersonateAccount({ address: deaf });
    await anvil.client.setBalance({ address: deaf, value: parseEther('1') });
    const collection = await createCollection(platform, { model: { owner: deaf, licenceFee: 3n } });
    await mintAs(platform, collection, someMinting(below, collection, stranger), stranger, 3n);
    expect(await revertOf(platform.registry.simulate.withdraw([deaf], { account: stranger }))).toEqual({ name: 'PaymentFailed', args: [deaf] });
    expect(await platform.registry.read.owed([deaf])).toBe(3n);
    await anvil.client.stopImpersonatingAccount({ address: deaf });
  });

  test('of the protocol have a cap that nobody can raise', async () => {
    expect(await platform.registry.read.protocolBps()).toBe(PROTOCOL_BPS);
    await expect(deploy(anvil.client, 'CollectionFactory', [owner, 1001n, platform.renderer])).rejects.toThrow();
    const highest = await deploy(anvil.client, 'CollectionFactory', [owner, 1000n, platform.renderer]);
    const factory = getContract({ abi: collectionFactoryAbi, address: highest, client: anvil.client });
    const registry = getContract({ abi: modelRegistryAbi, address: await factory.read.registry(), client: anvil.client });
    expect(await registry.read.protocolBps()).toBe(1000n);
    const setters = modelRegistryAbi
      .filter((e) => e.type === 'function' && !['view', 'pure'].includes(e.stateMutability))
      .map((e) => 'name' in e && e.name);
    expect(setters.sort()).toEqual(['admit', 'recordUse', 'register', 'withdraw']);
  });
});

describe('the factory', () => {
  test('gives a collection the address that it foretold, initialised and pinned', async () => {
    const wanted = await terms({ name: 'Foretold' });
    const settings = { ...SETTINGS, sale: { ...FREE_SALE, price: 3n }, royaltyBps: 500n };
    const address = await platform.factory.read.predict([stranger, salt(2), wanted]);
    await mined(anvil.client, platform.factory.write.create([salt(2), wanted, settings], { account: stranger, chain: null }));
    const collection = collectionAt(anvil.client, address);
    expect(await collection.read.terms()).toEqual(wanted);
    expect(await collection.read.model()).toEqual(platform.model);
    expect([await collection.read.name(), await collection.read.symbol(), await collection.read.owner()]).toEqual(['Foretold', 'N', stranger]);
    expect(await collection.read.mintCost()).toBe(3n);
    expect(await collection.read.royaltyInfo([1n, 10_000n])).toEqual([stranger, 500n]);
  });

  test('refuses the same collection twice, and gives another account another address', async () => {
    const wanted = await terms({ name: 'Once' });
    await mined(anvil.client, platform.factory.write.create([salt(3), wanted, SETTINGS], { account: owner, chain: null }));
    const again = revertOf(platform.factory.simulate.create([salt(3), wanted, SETTINGS], { account: owner }));
    expect(await again).toMatchObject({ name: 'FailedDeployment' });
    const { result } = await platform.factory.simulate.create([salt(3), wanted, SETTINGS], { account: stranger });
    expect(result).not.toBe(await platform.factory.read.predict([owner, salt(3), wanted]));
  });

  test.each([
    ['no supply', { maxSupply: 0 }, 'SupplyMissing'],
    ['no claim delay', { claimDelay: 0 }, 'ClaimDelayOutOfRange'],
    ['a claim delay above an hour', { claimDelay: 3601 }, 'ClaimDelayOutOfRange'],
    ['a name that is too long', { name: 'n'.repeat(65) }, 'NameTooLong'],
    ['a symbol that is too long', { symbol: 'ñ'.repeat(33) }, 'NameTooLong'],
  ] as [string, Partial<Terms>, string][])('refuses %s', async (_, change, name) => {
    const wanted = await terms(change);
    expect(await revertOf(platform.factory.simulate.create([salt(4), wanted, SETTINGS], { account: owner }))).toMatchObject({ name });
  });

  test('initialises alone and once', async () => {
    const collection = await createCollection(platform);
    const implementation = collectionAt(anvil.client, await platform.factory.read.implementation());
    for (const target of [collection, implementation]) {
      const refused = revertOf(target.simulate.initialize([stranger, SETTINGS], { account: stranger }));
      expect(await refused).toEqual({ name: 'OnlyFactory', args: [stranger] });
    }
    expect(await implementation.read.owner()).toBe(platform.factory.address);
  });

  test('makes clones: small code that ends with the terms, and no storage for them', async () => {
    const collection = await createCollection(platform, { terms: { name: 'Clone' } });
    const code = hexToBytes((await anvil.client.getCode({ address: collection.address })) as Hex);
    expect(code.length).toBeLessThan(600);
    expect(Buffer.from(code).includes(Buffer.from('Clone'))).toBe(true);
  });
});
