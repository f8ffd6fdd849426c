/**
 * Nobody but the claimer mints a statement: one test per attack. The double accepts the attacker's proof wherever it says so, as the
 * real verifier would accept a proof that the attacker has made himself (statement.prove.test.ts makes one).
 */
import { type Hex, hexToBytes, type Statement } from '@pentimento/core';
import { encodeAbiParameters, keccak256 } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  claim,
  createCollection,
  deployPlatform,
  generator,
  type Minting,
  mined,
  mintAs,
  mintingOf,
  NO_SALT,
  type Platform,
  pass,
  recordStatement,
  requestOf,
  revertOf,
  someMinting,
} from './fixture.ts';

const DELAY = 60;
const LIFETIME = 86_400;
const SALT: Hex = `0x${'5a'.repeat(32)}`;

let anvil: Anvil;
let platform: Platform;
let collection: Collection;
let victim: Address;
let attacker: Address;
const below = generator(77);

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  [, victim, attacker] = platform.accounts as [Address, Address, Address];
});
afterAll(() => anvil.stop());
beforeEach(async () => {
  collection = await createCollection(platform, { terms: { claimDelay: DELAY } });
});

const statementOf = (creator: Address, overrides: Partial<Statement> = {}) => someMinting(below, collection, creator, overrides);
const tryMint = (minting: Minting, account: Address, salt = NO_SALT) => revertOf(collection.simulate.mint([requestOf(minting, salt)], { account }));
const sendMint = (minting: Minting, account: Address, salt = NO_SALT) =>
  mined(anvil.client, collection.write.mint([requestOf(minting, salt)], { account, chain: null }));
const commitmentOf = (minting: Minting, account: Address, salt: Hex) => collection.read.commitmentOf([minting.tokenId, account, salt]);

/** The same latent and image, proven for another creator: what anyone can do who knows the prompt. */
function reproven(minting: Minting, creator: Address): Minting {
  const halo2Proof = Uint8Array.from({ length: 96 }, () => below(256));
  return mintingOf({ ...minting.statement, creator: BigInt(creator) }, halo2Proof);
}

/** A statement that the victim has claimed long enough ago, and nobody has minted. */
async function claimed(salt = NO_SALT): Promise<Minting> {
  const minting = statementOf(victim);
  await claim(anvil.client, collection, minting.tokenId, victim, salt);
  await pass(anvil.client, DELAY);
  return minting;
}

describe('attacks', () => {
  test('claimed: a claimed statement is not minted by another who has proven it too, but has no claim', async () => {
    const minting = await claimed();
    const rival = reproven(minting, attacker);
    await recordStatement(platform, rival);
    const commitment = await commitmentOf(rival, attacker, NO_SALT);
    expect(await tryMint(rival, attacker)).toEqual({ name: 'NotClaimed', args: [attacker, commitment] });
    await recordStatement(platform, minting);
    await sendMint(minting, victim);
    expect(await collection.read.ownerOf([minting.tokenId])).toBe(victim);
  });

  test("copied: the victim's transaction is worth nothing to another sender, with his claim or in his name", async () => {
    const minting = await claimed(SALT);
    await recordStatement(platform, minting);
    // Sent as it is: the proof is for the victim.
    expect(await tryMint(minting, attacker, SALT)).toEqual({ name: 'CreatorMismatch', args: [attacker, victim] });
    // With the attacker's address in the envelope, the claim is not his.
    const renamed = { ...minting, proof: `${attacker}${minting.halo2Proof.slice(2)}` as const };
    expect(await tryMint(renamed, attacker, SALT)).toMatchObject({ name: 'NotClaimed' });
    // With an old claim of his own, the proof is not for him.
    await claim(anvil.client, collection, minting.tokenId, attacker, SALT);
    await pass(anvil.client, DELAY);
    expect(await tryMint(renamed, attacker, SALT)).toEqual({ name: 'InvalidProof', args: [] });
    await sendMint(minting, victim, SALT);
  });

  test('copied: the commitment of another is worth nothing, and does not stand in his way', async () => {
    const minting = statementOf(victim);
    const commitment = await commitmentOf(minting, victim, SALT);
    // The attacker sees the pending claim and sends the same commitment first.
    await mined(anvil.client, collection.write.claim([commitment], { account: attacker, chain: null }));
    await mined(anvil.client, collection.write.claim([commitment], { account: victim, chain: null }));
    await pass(anvil.client, DELAY);
    const rival = reproven(minting, attacker);
    await recordStatement(platform, rival);
    expect(await tryMint(rival, attacker, SALT)).toMatchObject({ name: 'NotClaimed' });
    await recordStatement(platform, minting);
    await sendMint(minting, victim, SALT);
  });

  test('re-proven: who reads a prompt in a pending mint and claims it then is too late, with a valid proof of his own', async () => {
    const minting = await claimed();
    // The victim's mint waits in the queue, and its prompt is public from here on.
    const rival = reproven(minting, attacker);
    await claim(anvil.client, collection, rival.tokenId, attacker);
    await recordStatement(platform, rival);
    expect(await tryMint(rival, attacker)).toMatchObject({ name: 'ClaimTooYoung' });
    await pass(anvil.client, DELAY - 5);
    expect(await tryMint(rival, attacker)).toMatchObject({ name: 'ClaimTooYoung' });
    await recordStatement(platform, minting);
    await sendMint(minting, victim);
    await recordStatement(platform, rival);
    await pass(anvil.client, DELAY);
    expect(await tryMint(rival, attacker)).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
  });

  test('re-proven: another latent with the same image is refused too', async () => {
    const minting = await claimed();
    await recordStatement(platform, minting);
    await sendMint(minting, victim);
    const { index, pose } = minting.statement as Statement;
    const rival = statementOf(attacker, { index, pose });
    await claim(anvil.client, collection, rival.tokenId, attacker);
    await pass(anvil.client, DELAY);
    await recordStatement(platform, rival);
    expect(await tryMint(rival, attacker)).toMatchObject({ name: 'ImageTaken', args: [expect.anything(), minting.tokenId] });
  });

  test('replayed: a used claim, a minted statement and a burned one cannot be used again', async () => {
    const minting = await claimed();
    await recordStatement(platform, minting);
    await sendMint(minting, victim);
    expect(await collection.read.claimedAt([victim, await commitmentOf(minting, victim, NO_SALT)])).toBe(0n);
    expect(await tryMint(minting, victim)).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
    await mined(anvil.client, collection.write.burn([minting.tokenId], { account: victim, chain: null }));
    await claim(anvil.client, collection, minting.tokenId, victim);
    await pass(anvil.client, DELAY);
    expect(await tryMint(minting, victim)).toEqual({ name: 'AlreadyMinted', args: [minting.tokenId] });
  });

  test('replayed: a proof for one collection is none for another', async () => {
    const other = await createCollection(platform, { terms: { claimDelay: 1 } });
    const minting = await claimed();
    await recordStatement(platform, minting);
    await claim(anvil.client, other, minting.tokenId, victim);
    await pass(anvil.client, DELAY);
    expect(await revertOf(other.simulate.mint([requestOf(minting)], { account: victim }))).toEqual({ name: 'InvalidProof', args: [] });
  });

  test('squatted: any number of claims by others takes nothing from anybody', async () => {
    const minting = statementOf(victim);
    for (let n = 0; n < 20; n++) {
      await claim(anvil.client, collection, minting.tokenId, attacker, `0x${n.toString(16).padStart(64, '0')}`);
    }
    await mintAs(platform, collection, minting, victim);
    expect(await collection.read.ownerOf([minting.tokenId])).toBe(victim);
  });

  test('guessed: a commitment tells nothing about a prompt without its salt', async () => {
    const minting = statementOf(victim);
    const unsalted = await commitmentOf(minting, victim, NO_SALT);
    expect(await commitmentOf(minting, victim, SALT)).not.toBe(unsalted);
    const types = [{ type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }] as const;
    expect(await commitmentOf(minting, victim, SALT)).toBe(keccak256(encodeAbiParameters(types, [minting.tokenId, victim, SALT])));
  });
});

describe('the life of a claim', () => {
  test('starts when it is old enough, to the second, and ends after a day, to the second', async () => {
    const minting = statementOf(victim);
    const { blockNumber } = await claim(anvil.client, collection, minting.tokenId, victim);
    const { timestamp } = await anvil.client.getBlock({ blockNumber });
    await recordStatement(platform, minting);
    const at = async (time: bigint) => {
      await anvil.client.setNextBlockTimestamp({ timestamp: time });
      await anvil.client.mine({ blocks: 1 });
    };
    await at(timestamp + BigInt(DELAY) - 1n);
    expect(await tryMint(minting, victim)).toEqual({ name: 'ClaimTooYoung', args: [timestamp + BigInt(DELAY)] });
    await at(timestamp + BigInt(DELAY));
    await collection.simulate.mint([requestOf(minting)], { account: victim });
    await at(timestamp + BigInt(LIFETIME));
    await collection.simulate.mint([requestOf(minting)], { account: victim });
    await at(timestamp + BigInt(LIFETIME) + 1n);
    expect(await tryMint(minting, victim)).toEqual({ name: 'ClaimExpired', args: [timestamp + BigInt(LIFETIME)] });
    // An expired claim is made again, and counts from then on.
    await claim(anvil.client, collection, minting.tokenId, victim);
    expect(await tryMint(minting, victim)).toMatchObject({ name: 'ClaimTooYoung' });
    await pass(anvil.client, DELAY);
    await sendMint(minting, victim);
  });

  test('is not made twice while it lives', async () => {
    const commitment = await commitmentOf(statementOf(victim), victim, SALT);
    await mined(anvil.client, collection.write.claim([commitment], { account: victim, chain: null }));
    expect(await revertOf(collection.simulate.claim([commitment], { account: victim }))).toEqual({ name: 'AlreadyClaimed', args: [commitment] });
  });

  test('a refused mint leaves the claim as it was', async () => {
    const minting = await claimed();
    await recordStatement(platform, statementOf(victim));
    expect(await tryMint(minting, victim)).toEqual({ name: 'InvalidProof', args: [] });
    const bytes = hexToBytes(minting.proof);
    expect(bytes.length).toBe(116);
    await recordStatement(platform, minting);
    await sendMint(minting, victim);
  });
});
