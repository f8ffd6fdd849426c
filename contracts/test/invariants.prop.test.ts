/**
 * Random sequences of what owners, minters and others can do, against a model that foretells each outcome, error name included. After
 * every step the chain is asked for what must always hold.
 */
import { applyPose, bytesToHex, packIndex, type Statement } from '@pentimento/core';
import fc from 'fast-check';
import { keccak256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from './anvil.ts';
import {
  type Address,
  type Collection,
  claim,
  createCollection,
  deployPlatform,
  FREE_SALE,
  type Minting,
  mined,
  mintingOf,
  NO_SALT,
  type Platform,
  PROTOCOL_BPS,
  recordStatement,
  requestOf,
  revertOf,
} from './fixture.ts';

const [MAX_SUPPLY, WALLET_LIMIT, CLAIM_DELAY, CLAIM_LIFETIME, FEE] = [6, 4, 60, 86_400, 11n];
const [LATENT, WIDTH, HEIGHT] = [4, 8, 2];

let anvil: Anvil;
let platform: Platform;
let accounts: readonly Address[];

beforeAll(async () => {
  anvil = await startAnvil();
  platform = await deployPlatform(anvil.client);
  accounts = platform.accounts.slice(1, 4);
});
afterAll(() => anvil.stop());

interface Token {
  owner: Address;
  readonly minting: Minting;
}

interface State {
  /** Chain time, in seconds. */
  now: number;
  paused: boolean;
  price: bigint;
  /** Every token ever minted, burned ones included. */
  readonly minted: Map<bigint, Token>;
  readonly burned: Set<bigint>;
  readonly images: Map<string, bigint>;
  /** Time of each claim, by `account:token`. */
  readonly claims: Map<string, number>;
  readonly mintedBy: Map<Address, number>;
  /** Wei that the collection, the model's owner and the protocol have not taken. */
  proceeds: bigint;
  fees: bigint;
  shares: bigint;
  uses: bigint;
}

interface Real {
  readonly collection: Collection;
  readonly modelId: `0x${string}`;
  /** Owed to the two accounts before this run. */
  readonly before: readonly [fees: bigint, shares: bigint];
}

/** Statement `i` of an account: `i` and `i ^ 1` have different prompts and the same image. */
function statementOf({ collection }: Real, account: Address, i: number): Minting {
  const statement: Statement = {
    latent: Uint8Array.of(i, 7, 0, 127),
    index: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, p) => (p + (i >> 1)) % 16),
    pose: 31,
    chainId: 31337n,
    collection: BigInt(collection.address),
    creator: BigInt(account),
  };
  return mintingOf(statement, Uint8Array.of(1, i));
}

const imageOf = ({ statement }: Minting) => bytesToHex((statement as Statement).index);
const balance = (address: Address) => anvil.client.getBalance({ address });

abstract class Step implements fc.AsyncCommand<State, Real> {
  check = () => true;
  async run(state: State, real: Real): Promise<void> {
    state.now += 10;
    await anvil.client.setNextBlockTimestamp({ timestamp: BigInt(state.now) });
    await anvil.client.mine({ blocks: 1 });
    await this.act(state, real);
    state.now = Number((await anvil.client.getBlock()).timestamp);
    await assertInvariants(state, real);
  }
  abstract act(state: State, real: Real): Promise<void>;
  abstract toString(): string;
}

const step = (name: string, act: (state: State, real: Real) => Promise<void>) =>
  new (class extends Step {
    act = act;
    toString = () => name;
  })();

/** Sends a transaction if the call passes; otherwise the refusal must be the foretold one. */
async function expectOutcome(expected: string | undefined, simulate: () => Promise<unknown>, send: () => Promise<`0x${string}`>): Promise<boolean> {
  if (expected !== undefined) {
    expect((await revertOf(simulate())).name).toBe(expected);
    return false;
  }
  await mined(anvil.client, send());
  return true;
}

/** The checks of a mint in the contract's order. */
function foretold(state: State, account: Address, minting: Minting, payment: bigint, valid: boolean): string | undefined {
  if (state.paused) return 'EnforcedPause';
  if (state.minted.has(minting.tokenId)) return 'AlreadyMinted';
  if (state.images.has(imageOf(minting))) return 'ImageTaken';
  if (state.minted.size >= MAX_SUPPLY) return 'SoldOut';
  if (payment !== state.price + FEE) return 'WrongPayment';
  if ((state.mintedBy.get(account) ?? 0) >= WALLET_LIMIT) return 'WalletLimitReached';
  const claimedAt = state.claims.get(`${account}:${minting.tokenId}`);
  if (claimedAt === undefined) return 'NotClaimed';
  if (state.now < claimedAt + CLAIM_DELAY) return 'ClaimTooYoung';
  if (state.now > claimedAt + CLAIM_LIFETIME) return 'ClaimExpired';
  return valid ? undefined : 'InvalidProof';
}

const claimStep = (a: number, i: number) =>
  step(`claim(${a}, ${i})`, async (state, real) => {
    const [account, { tokenId }] = [accounts[a] as Address, statementOf(real, accounts[a] as Address, i)];
    const key = `${account}:${tokenId}`;
    const claimedAt = state.claims.get(key);
    const commitment = await real.collection.read.commitmentOf([tokenId, account, NO_SALT]);
    if (claimedAt !== undefined && state.now <= claimedAt + CLAIM_LIFETIME) {
      expect((await revertOf(real.collection.simulate.claim([commitment], { account }))).name).toBe('AlreadyClaimed');
      return;
    }
    const { blockNumber } = await claim(anvil.client, real.collection, tokenId, account);
    state.claims.set(key, Number((await anvil.client.getBlock({ blockNumber })).timestamp));
  });

const mintStep = (a: number, i: number, extra: bigint, valid: boolean) =>
  step(`mint(${a}, ${i}, ${extra}, ${valid})`, async (state, real) => {
    const account = accounts[a] as Address;
    const minting = statementOf(real, account, i);
    // What the verifier accepts otherwise is the same statement by another creator.
    await recordStatement(platform, valid ? minting : statementOf(real, platform.protocol, i));
    const value = state.price + FEE + extra;
    const { collection } = real;
    const expected = foretold(state, account, minting, value, valid);
    const passed = await expectOutcome(
      expected,
      () => collection.simulate.mint([requestOf(minting)], { account, value }),
      () => collection.write.mint([requestOf(minting)], { account, value, chain: null }),
    );
    if (!passed) return;
    state.minted.set(minting.tokenId, { owner: account, minting });
    state.images.set(imageOf(minting), minting.tokenId);
    state.claims.delete(`${account}:${minting.tokenId}`);
    state.mintedBy.set(account, (state.mintedBy.get(account) ?? 0) + 1);
    const share = (state.price * PROTOCOL_BPS) / 10_000n;
    state.proceeds += state.price - share;
    state.shares += share;
    state.fees += FEE;
    state.uses += 1n;
    // A claim is usable once.
    const commitment = await collection.read.commitmentOf([minting.tokenId, account, NO_SALT]);
    expect(await collection.read.claimedAt([account, commitment])).toBe(0n);
  });

/** The n-th token that exists, if there are tokens. */
const living = (state: State, n: number) => {
  const tokens = [...state.minted].filter(([id]) => !state.burned.has(id));
  return tokens.length === 0 ? undefined : tokens[n % tokens.length];
};

const transferStep = (n: number, to: number) =>
  step(`transfer(${n}, ${to})`, async (state, { collection }) => {
    const found = living(state, n);
    if (!found) return;
    const [id, token] = found;
    const args = [token.owner, accounts[to] as Address, id] as const;
    await mined(anvil.client, collection.write.transferFrom(args, { account: token.owner, chain: null }));
    token.owner = accounts[to] as Address;
  });

const burnStep = (n: number) =>
  step(`burn(${n})`, async (state, { collection }) => {
    const found = living(state, n);
    if (!found) return;
    await mined(anvil.client, collection.write.burn([found[0]], { account: found[1].owner, chain: null }));
    state.burned.add(found[0]);
  });

const pauseStep = () =>
  step('pause or resume', async (state, { collection }) => {
    const write = state.paused ? collection.write.unpause : collection.write.pause;
    await mined(anvil.client, write({ account: platform.owner, chain: null }));
    state.paused = !state.paused;
  });

const priceStep = (price: bigint) =>
  step(`price(${price})`, async (state, { collection }) => {
    const sale = { ...FREE_SALE, price, walletLimit: WALLET_LIMIT };
    await mined(anvil.client, collection.write.setSale([sale], { account: platform.owner, chain: null }));
    state.price = price;
  });

const payoutStep = () =>
  step('pay out', async (state, { collection }) => {
    const account = accounts[0] as Address;
    await expectOutcome(
      state.proceeds === 0n ? 'NothingToPay' : undefined,
      () => collection.simulate.withdraw({ account }),
      () => collection.write.withdraw({ account, chain: null }),
    );
    state.proceeds = 0n;
  });

const waitStep = (seconds: number) =>
  step(`wait(${seconds})`, async (state) => {
    await anvil.client.setNextBlockTimestamp({ timestamp: BigInt(state.now + seconds) });
    await anvil.client.mine({ blocks: 1 });
  });

async function assertInvariants(state: State, { collection, modelId, before }: Real): Promise<void> {
  const { registry } = platform;
  // Supply = minted - burned <= max.
  expect(await collection.read.minted()).toBe(BigInt(state.minted.size));
  expect(await collection.read.totalSupply()).toBe(BigInt(state.minted.size - state.burned.size));
  expect(state.minted.size).toBeLessThanOrEqual(MAX_SUPPLY);
  expect(await collection.read.paused()).toBe(state.paused);
  for (const [id, { owner, minting }] of state.minted) {
    // An image has one token, and keeps it when the token is burned.
    expect(await collection.read.tokenOfImage([keccak256(`${minting.aigcData}1f`)])).toBe(id);
    if (state.burned.has(id)) continue;
    expect(await collection.read.ownerOf([id])).toBe(owner);
  }
  // Every use is a minted token; nobody's money is missing.
  expect(await registry.read.uses([modelId])).toBe(state.uses);
  expect(await balance(collection.address)).toBe(state.proceeds);
  expect((await registry.read.owed([platform.owner])) - before[0]).toBe(state.fees);
  expect((await registry.read.owed([platform.protocol])) - before[1]).toBe(state.shares);
  expect(await balance(registry.address)).toBeGreaterThanOrEqual(await registry.read.totalOwed());
}

/** What is recorded about each token is a statement that the verifier has accepted: its id is the hash of its prompt. */
async function assertRecords(state: State, { collection }: Real): Promise<void> {
  for (const [id, { minting }] of state.minted) {
    if (state.burned.has(id)) continue;
    const prompt = (await collection.read.prompt([id])) as `0x${string}`;
    expect(BigInt(keccak256(prompt))).toBe(id);
    await recordStatement(platform, minting);
    expect(await collection.read.verify([prompt, await collection.read.aigcData([id]), minting.proof])).toBe(true);
    expect(await collection.read.aigcData([id])).toBe(bytesToHex(packIndex((minting.statement as Statement).index)));
    expect(await collection.read.picture([id])).toBe(bytesToHex(applyPose((minting.statement as Statement).index, WIDTH, 31)));
  }
}

const account = fc.integer({ min: 0, max: 2 });
const which = fc.integer({ min: 0, max: 9 });
const commands = [
  fc.tuple(account, which).map(([a, i]) => claimStep(a, i)),
  fc.tuple(account, which).map(([a, i]) => claimStep(a, i)),
  fc.tuple(account, which, fc.constantFrom(0n, 0n, 0n, 0n, 1n), fc.boolean()).map(([a, i, extra, valid]) => mintStep(a, i, extra, valid)),
  fc.tuple(account, which).map(([a, i]) => mintStep(a, i, 0n, true)),
  fc.tuple(which, account).map(([n, to]) => transferStep(n, to)),
  which.map(burnStep),
  fc.constant(0).map(pauseStep),
  fc.bigInt({ min: 0n, max: 10n ** 18n }).map(priceStep),
  fc.constant(0).map(payoutStep),
  fc.constantFrom(5, 70, 90_000).map(waitStep),
];

/** A minter's usual way, so that long sequences reach the limits: claim, wait, mint. */
const usual = fc.tuple(account, which).map(([a, i]) => [claimStep(a, i), waitStep(70), mintStep(a, i, 0n, true)]);

async function start(): Promise<{ model: State; real: Real }> {
  const shape = { latentLength: BigInt(LATENT), width: BigInt(WIDTH), height: BigInt(HEIGHT) };
  const collection = await createCollection(platform, {
    model: { ...shape, licenceFee: FEE },
    terms: { maxSupply: MAX_SUPPLY, claimDelay: CLAIM_DELAY },
    settings: { sale: { ...FREE_SALE, walletLimit: WALLET_LIMIT } },
  });
  const { registry } = platform;
  const modelId = await registry.read.modelOf([collection.address]);
  const before = [await registry.read.owed([platform.owner]), await registry.read.owed([platform.protocol])] as const;
  const state: State = {
    now: Number((await anvil.client.getBlock()).timestamp),
    ...{ paused: false, price: 0n, proceeds: 0n, fees: 0n, shares: 0n },
    ...{ minted: new Map(), burned: new Set(), images: new Map(), claims: new Map(), mintedBy: new Map() },
    uses: await registry.read.uses([modelId]),
  };
  return { model: state, real: { collection, modelId, before } };
}

test('every sequence keeps the books, the supply and the records right', async () => {
  const seen = new Map<string, number>();
  let mints = 0;
  const sequences = fc.tuple(
    fc.array(usual, { maxLength: 8 }),
    fc.array(fc.oneof(...commands), { minLength: 10, maxLength: 30 }),
    fc.infiniteStream(fc.nat()),
  );
  await fc.assert(
    fc.asyncProperty(sequences, async ([ways, others, order]) => {
      const { model, real } = await start();
      for (const command of merged(ways, others, order)) {
        seen.set(command.toString().split('(')[0] as string, (seen.get(command.toString().split('(')[0] as string) ?? 0) + 1);
        await command.run(model, real);
      }
      await assertRecords(model, real);
      mints += model.minted.size;
    }),
    { numRuns: 16, seed: 20_260 },
  );
  console.log(`steps: ${[...seen].map(([name, count]) => `${name} ${count}`).join(', ')}; tokens minted: ${mints}`);
  // Sequences in which nothing is minted would test nothing.
  expect(mints).toBeGreaterThanOrEqual(20);
}, 300_000);

/** The usual ways in one piece each, between the other steps. */
function merged(ways: readonly Step[][], others: readonly Step[], order: fc.Stream<number>): Step[] {
  const steps = others.map((s) => [s]);
  for (const [n, way] of ways.entries()) steps.splice((order.take(1).next().value ?? n) % (steps.length + 1), 0, way);
  return steps.flat();
}
