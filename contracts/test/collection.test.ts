/**
 * The collection's own rules on a real chain. The verifier is a test double that accepts one recorded statement; its instances come
 * from packages/core. Proofs as such are tested where they are made.
 */
import { bytesToHex, concatBytes, type Hex, hexToBytes, type Statement } from '@pentimento/core';
import { type Abi, decodeEventLog, encodeErrorResult, keccak256, toEventSelector, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pentimentoCollectionAbi } from '../abi/contracts.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  call,
  claim,
  codeHash,
  compiled,
  createCollection,
  deploy,
  deployPlatform,
  generator,
  type Minting,
  mintAs,
  mintingOf,
  NO_SALT,
  type Platform,
  pass,
  recordOf,
  recordStatement,
  requestOf,
  revertOf,
  someMinting as someMintingFor,
} from './fixture.ts';

let anvil: Anvil;
let platform: Platform;
let collection: Collection;
let creator: Address;
let stranger: Address;
const below = generator(2026);

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [creator, stranger] = platform.accounts as [Address, Address];
});
afterAll(() => anvil.stop());
beforeEach(async () => {
  collection = await createCollection(platform);
});

const someMinting = (overrides: Partial<Statement> = {}) => someMintingFor(below, collection, creator, overrides);
const record = (minting: Minting) => recordStatement(platform, minting);
const mint = (minting: Minting) => mintAs(platform, collection, minting, creator);

function verify({ prompt, aigcData, proof }: Minting): Promise<boolean> {
  return collection.read.verify([prompt, aigcData, proof]);
}

async function minted(): Promise<Minting> {
  const minting = someMinting();
  await mint(minting);
  return minting;
}

/** A mint by an account whose claim is old enough, so that nothing but the statement can be at fault. */
async function simulateMint(minting: Minting, account = creator) {
  const commitment = await collection.read.commitmentOf([BigInt(keccak256(minting.prompt)), account, NO_SALT]);
  if ((await collection.read.claimedAt([account, commitment])) === 0n) {
    await claim(anvil.client, collection, BigInt(keccak256(minting.prompt)), account);
    await pass(anvil.client, 2);
  }
  return collection.simulate.mint([requestOf(minting)], { account });
}

function simulateAdd(tokenId: bigint, { prompt, aigcData, proof }: Minting, account = creator) {
  return collection.simulate.addAigcData([tokenId, prompt, aigcData, proof], { account });
}

const withLast = (hex: Hex, byte: number) => `${hex.slice(0, -2)}${byte.toString(16).padStart(2, '0')}` as Hex;

describe('the cases of the ERC-7007 suite that apply', () => {
  test('mints a token', async () => {
    const minting = await minted();
    expect(await collection.read.ownerOf([minting.tokenId])).toBe(creator);
    expect(await collection.read.balanceOf([creator])).toBe(1n);
    expect(await verify(minting)).toBe(true);
  });

  test('does not mint with an invalid proof', async () => {
    const minting = someMinting();
    expect(await revertOf(simulateMint(minting))).toEqual({ name: 'InvalidProof', args: [] });
  });

  test('does not mint the same data twice', async () => {
    const minting = await minted();
    expect(await revertOf(simulateMint(minting))).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
  });

  test('emits AigcData as the Final text has it', async () => {
    expect(toEventSelector('AigcData(uint256,bytes,bytes,bytes)')).toBe('0x65deac95b53ba76b9cdc6cf446af81731e1218c91eaf9811a95d28bde23b893e');
    const minting = someMinting();
    const { logs } = await mint(minting);
    const [log, ...others] = logs.filter((l) => l.topics[0] === '0x65deac95b53ba76b9cdc6cf446af81731e1218c91eaf9811a95d28bde23b893e');
    expect(others).toEqual([]);
    expect(log?.topics.slice(1)).toEqual([toHex(minting.tokenId, { size: 32 }), keccak256(minting.prompt), keccak256(minting.aigcData)]);
    const { args } = decodeEventLog({ abi: pentimentoCollectionAbi, topics: log?.topics ?? [], data: log?.data ?? '0x' });
    expect(args).toMatchObject({ tokenId: minting.tokenId, proof: minting.proof });
  });

  test('returns a tokenURI for a minted token only', async () => {
    const { tokenId } = await minted();
    expect(await collection.read.tokenURI([tokenId])).toMatch(/^data:application\/json;base64,/);
    for (const read of ['tokenURI', 'aigcData', 'pose', 'prompt', 'picture', 'creator'] as const) {
      expect(await revertOf(collection.read[read]([1n])), read).toEqual({ name: 'ERC721NonexistentToken', args: [1n] });
    }
  });

  test('returns the token id of a prompt', async () => {
    const { prompt, tokenId } = someMinting();
    expect(await collection.read.tokenId([prompt])).toBe(tokenId);
    expect(await collection.read.tokenId(['0x'])).toBe(BigInt(keccak256('0x')));
  });

  test('returns the prompt of a token id, as hexadecimal text', async () => {
    const { prompt, tokenId } = await minted();
    expect(await collection.read.prompt([tokenId])).toBe(prompt);
  });
});

describe('interfaces', () => {
  test.each([
    ['ERC-7007', '0x702c55a6', true],
    ['ERC-7007 Enumerable', '0xfa1a557a', true],
    ['ERC-721', '0x80ac58cd', true],
    ['ERC-721 Metadata', '0x5b5e139f', true],
    ['ERC-165', '0x01ffc9a7', true],
    ['ERC-2981', '0x2a55205a', true],
    ['ERC-4906', '0x49064906', true],
    ['none', '0xffffffff', false],
    ['ERC-7007 of the first draft', '0x7e52e423', false],
    ['ERC-7007 Updatable', '0x3f37dce2', false],
  ] as const)('%s %s: %s', async (_, id, expected) => {
    expect(await collection.read.supportsInterface([id])).toBe(expected);
  });
});

describe('mint', () => {
  test('keeps exactly what was proven and says where', async () => {
    const minting = someMinting();
    const { logs } = await mint(minting);
    expect(await collection.read.aigcData([minting.tokenId])).toBe(minting.aigcData);
    expect(await collection.read.creator([minting.tokenId])).toBe(creator);

    const imageHash = keccak256(`${minting.aigcData}${minting.prompt.slice(-2)}`);
    expect(await collection.read.tokenOfImage([imageHash])).toBe(minting.tokenId);
    const ours = logs.filter((l) => l.address.toLowerCase() === collection.address.toLowerCase());
    const events = ours.map((l) => decodeEventLog({ abi: pentimentoCollectionAbi, topics: l.topics, data: l.data }));
    const own = events.find((event) => event.eventName === 'Minted');
    expect(own?.args).toMatchObject({ tokenId: minting.tokenId, creator, imageHash, paid: 0n });
    expect(events.map((event) => event.eventName)).toEqual(['AigcData', 'Minted', 'Transfer']);
    const { record: pointer } = (own?.args ?? {}) as { record: Address };
    const code = `0x00${minting.prompt.slice(2)}${creator.slice(2).toLowerCase()}${minting.aigcData.slice(2)}`;
    expect(await anvil.client.getCode({ address: pointer })).toBe(code);
  });

  test('refuses a caller who is not the creator of the proof', async () => {
    const minting = someMinting();
    await record(minting);
    expect(await revertOf(simulateMint(minting, stranger))).toEqual({ name: 'CreatorMismatch', args: [stranger, creator] });
    // With the caller's address put into the envelope the statement is another one, and the proof is not for it.
    const forged = { ...minting, proof: `${stranger}${minting.halo2Proof.slice(2)}` as const };
    expect(await revertOf(simulateMint(forged, stranger))).toEqual({ name: 'InvalidProof', args: [] });
  });

  test('refuses an image that is taken, and takes it in another pose', async () => {
    const first = someMinting({ pose: 31 });
    await mint(first);
    const same = someMinting({ index: (first.statement as Statement).index, pose: 31 });
    await record(same);
    const imageHash = keccak256(`${first.aigcData}1f`);
    expect(await revertOf(simulateMint(same))).toEqual({ name: 'ImageTaken', args: [imageHash, first.tokenId] });
    const posed = someMinting({ index: (first.statement as Statement).index, pose: 32 });
    await mint(posed);
    expect(await collection.read.balanceOf([creator])).toBe(2n);
  });

  test('names what is wrong with malformed bytes', async () => {
    const minting = someMinting();
    await record(minting);
    const { prompt, aigcData, proof } = minting;
    const faults: [number, Partial<Minting>][] = [
      [1, { prompt: '0x' }],
      [1, { prompt: `${prompt}00` }],
      [1, { prompt: prompt.slice(0, -2) as Hex }],
      [2, { aigcData: '0x' }],
      [2, { aigcData: `${aigcData}00` }],
      [2, { aigcData: aigcData.slice(0, -2) as Hex }],
      [3, { proof: '0x' }],
      [3, { proof: proof.slice(0, 42) as Hex }],
      [5, { prompt: withLast(prompt, 126) }],
      [5, { prompt: withLast(prompt, 255) }],
    ];
    for (const [fault, change] of faults) {
      const changed: Minting = { ...minting, ...change };
      expect(await revertOf(simulateMint(changed)), JSON.stringify(change)).toEqual({ name: 'MalformedStatement', args: [fault] });
      expect(await verify(changed)).toBe(false);
    }
    // A latent element above 127 at every position: the check must see first, last and word boundaries.
    for (let i = 0; i < 128; i++) {
      const bytes = hexToBytes(prompt);
      bytes[i] = 128 + below(128);
      const changed = { ...minting, prompt: bytesToHex(bytes) };
      if (i % 16 === 0 || i % 16 === 15) {
        expect(await revertOf(simulateMint(changed))).toEqual({ name: 'MalformedStatement', args: [4] });
      }
      expect(await verify(changed)).toBe(false);
    }
  });
});

describe('receivers that are contracts', () => {
  test('a creator that mints again during the callback is refused, and its first token stands', async () => {
    const receiver = await deploy(anvil.client, 'ReenteringCreator', [collection.address, platform.verifier]);
    const [first, second] = [someMinting({ creator: BigInt(receiver) }), someMinting({ creator: BigInt(receiver) })];
    const by = (functionName: string, args: readonly unknown[]) => call(anvil.client, 'ReenteringCreator', receiver, functionName, args);
    for (const { tokenId } of [first, second]) await by('claim', [await collection.read.commitmentOf([tokenId, receiver, NO_SALT])]);
    await pass(anvil.client, 2);
    await by('arm', [requestOf(second), recordOf(platform.model.vk, second)]);
    await record(first);
    await by('mint', [requestOf(first)]);

    const abi = compiled.ReenteringCreator?.abi as Abi;
    const guard = encodeErrorResult({ abi: pentimentoCollectionAbi, errorName: 'ReentrancyGuardReentrantCall' });
    expect(await anvil.client.readContract({ abi, address: receiver, functionName: 'innerError' })).toBe(guard);
    expect(await anvil.client.readContract({ abi, address: receiver, functionName: 'seenData' })).toBe(first.aigcData);
    expect(await collection.read.ownerOf([first.tokenId])).toBe(receiver);
    expect(await revertOf(collection.read.ownerOf([second.tokenId]))).toEqual({ name: 'ERC721NonexistentToken', args: [second.tokenId] });
    // The double accepts the second statement now: outside the callback it is minted, so only the guard stopped it.
    await by('mint', [requestOf(second)]);
    expect(await collection.read.balanceOf([receiver])).toBe(2n);
  });

  test('a creator that cannot hold tokens gets none', async () => {
    const receiver = await deploy(anvil.client, 'DeafCreator');
    const minting = someMinting({ creator: BigInt(receiver) });
    await record(minting);
    const by = (functionName: string, argument: unknown) => call(anvil.client, 'DeafCreator', receiver, functionName, [collection.address, argument]);
    await by('claim', await collection.read.commitmentOf([minting.tokenId, receiver, NO_SALT]));
    await pass(anvil.client, 2);
    await expect(by('mint', requestOf(minting))).rejects.toThrow(/0x64a0ae92/); // ERC721InvalidReceiver
    expect(await revertOf(collection.read.ownerOf([minting.tokenId]))).toMatchObject({ name: 'ERC721NonexistentToken' });
  });
});

describe('addAigcData', () => {
  test('emits AigcData again for the same statement, whoever calls, and changes nothing', async () => {
    const minting = await minted();
    const { tokenId, prompt, aigcData, proof } = minting;
    const hash = await collection.write.addAigcData([tokenId, prompt, aigcData, proof], { account: stranger, chain: null });
    const { logs } = await anvil.client.waitForTransactionReceipt({ hash });
    expect(logs.map((l) => l.topics)).toEqual([
      ['0x65deac95b53ba76b9cdc6cf446af81731e1218c91eaf9811a95d28bde23b893e', toHex(tokenId, { size: 32 }), keccak256(prompt), keccak256(aigcData)],
    ]);
    expect(await collection.read.ownerOf([tokenId])).toBe(creator);
  });

  test('refuses a token that does not exist, data of another token, another creator and an invalid proof', async () => {
    const [one, other] = [await minted(), await minted()];
    const free = someMinting();
    await record(free);
    expect(await revertOf(simulateAdd(free.tokenId, free))).toEqual({ name: 'ERC721NonexistentToken', args: [free.tokenId] });

    await record(other);
    expect(await revertOf(simulateAdd(one.tokenId, other))).toEqual({ name: 'TokenDataMismatch', args: [one.tokenId] });
    const otherImage = { ...one, aigcData: other.aigcData };
    expect(await revertOf(simulateAdd(one.tokenId, otherImage))).toEqual({ name: 'TokenDataMismatch', args: [one.tokenId] });
    expect(await revertOf(simulateAdd(one.tokenId, one))).toEqual({ name: 'InvalidProof', args: [] });
    expect(await revertOf(simulateAdd(one.tokenId, { ...one, prompt: '0x' }))).toEqual({ name: 'MalformedStatement', args: [1] });

    // A valid proof of the same latent and image by somebody else is not attached to the creator's token.
    const rival = mintingOf({ ...one.statement, creator: BigInt(stranger) }, Uint8Array.of(1, 2, 3));
    await record(rival);
    expect(await verify(rival)).toBe(true);
    expect(await revertOf(simulateAdd(one.tokenId, rival, stranger))).toEqual({ name: 'CreatorMismatch', args: [creator, stranger] });
  });
});

/** A collection whose verifier does not answer as one should. */
async function brokenCollection(mode: number): Promise<Collection> {
  const verifier = await deploy(anvil.client, 'BrokenVerifier', [mode]);
  return createCollection(platform, { model: { verifier, verifierCodeHash: await codeHash(anvil.client, verifier) } });
}

describe('verify', () => {
  test('is true for the statement, minted or not, and false after any flip of one bit', async () => {
    const minting = someMinting();
    await record(minting);
    expect(await verify(minting)).toBe(true);
    for (const part of ['prompt', 'aigcData', 'proof'] as const) {
      for (let n = 0; n < 40; n++) {
        const bytes = hexToBytes(minting[part]);
        const i = below(bytes.length);
        bytes[i] = (bytes[i] as number) ^ (1 << below(8));
        expect(await verify({ ...minting, [part]: bytesToHex(bytes) }), `${part} byte ${i}`).toBe(false);
      }
    }
  });

  test('is false and does not revert for garbage', async () => {
    const minting = someMinting();
    await record(minting);
    for (let n = 0; n < 60; n++) {
      const garbage = () => bytesToHex(Uint8Array.from({ length: below(3) === 0 ? 0 : below(700) }, () => below(256)));
      const keep = below(4);
      const changed: Minting = {
        ...minting,
        prompt: keep === 0 ? minting.prompt : garbage(),
        aigcData: keep === 1 ? minting.aigcData : garbage(),
        proof: keep === 2 ? minting.proof : garbage(),
      };
      expect(await verify(changed)).toBe(false);
    }
    for (const proof of ['0x', '0x00', creator, `${creator}00`, `${minting.proof}00`, minting.proof.slice(0, -2) as Hex] as const) {
      expect(await verify({ ...minting, proof }), proof).toBe(false);
    }
  });

  test('is false for another collection and another chain', async () => {
    const minting = someMinting();
    await record(minting);
    const other = await createCollection(platform);
    expect(await other.read.verify([minting.prompt, minting.aigcData, minting.proof])).toBe(false);
    await anvil.client.request({ method: 'anvil_setChainId' as never, params: [1] as never });
    try {
      expect(await verify(minting)).toBe(false);
    } finally {
      await anvil.client.request({ method: 'anvil_setChainId' as never, params: [31337] as never });
    }
    expect(await verify(minting)).toBe(true);
  });

  test.each(['vk', 'verifier'] as const)('is false when the code of the %s is not the pinned one', async (part) => {
    const minting = someMinting();
    await record(minting);
    const address = platform.model[part];
    const code = (await anvil.client.getCode({ address })) as Hex;
    await anvil.client.setCode({ address, bytecode: bytesToHex(concatBytes(hexToBytes(code), Uint8Array.of(0))) });
    expect(await verify(minting)).toBe(false);
    await anvil.client.setCode({ address, bytecode: code });
    expect(await verify(minting)).toBe(true);
  });

  test.each([
    [0, 'reverts'],
    [1, 'answers nothing'],
    [2, 'answers two words'],
    [3, 'answers a word that is neither 0 nor 1'],
  ])('is false when the verifier (mode %i) %s', async (mode) => {
    collection = await brokenCollection(mode);
    const minting = someMinting();
    expect(await verify(minting)).toBe(false);
    expect(await revertOf(simulateMint(minting))).toEqual({ name: 'InvalidProof', args: [] });
  });

  test('says that gas ran out instead of calling the proof invalid', async () => {
    collection = await brokenCollection(4);
    expect(await revertOf(verify(someMinting()))).toEqual({ name: 'InsufficientGas', args: [] });
  });
});
