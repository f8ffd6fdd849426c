/** What the indexer must do on every database, against a real chain with the real contracts; a verifier that accepts recorded statements stands for proofs. */
import type { Hex } from '@pentimento/core';
import { parseEther, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../../../../contracts/test/anvil.ts';
import {
  type Address,
  type Collection as Contract,
  claim,
  createCollection,
  deployPlatform,
  FREE_SALE,
  generator,
  mined,
  mintAs,
  type Platform,
  PROTOCOL_BPS,
  revertOf,
  someMinting,
} from '../../../../contracts/test/fixture.ts';
import type { OpenDatabase } from '../../src/database.ts';
import type { Claim, Collection, RegisteredModel, Token, Transfer } from '../../src/indexer/schemas.ts';
import type { Page } from '../../src/indexer/views.ts';
import { contents, freshContents, type Gate, type Indexed, openGate, startIndexed, until, upToDate } from './bench.ts';

let anvil: Anvil;
let platform: Platform;
let gate: Gate;
let indexed: Indexed;
/** The second is for the indexers that begin anew. */
let databases: readonly [OpenDatabase, OpenDatabase];
let below: (n: number) => number;

const url = () => anvil.client.transport.url as string;

const account = (i: number) => platform.accounts[i] as Address;
const lower = (hex: Hex) => hex.toLowerCase();
const current = () => upToDate(indexed, anvil.client);
const pathOf = ({ address }: Contract) => `/v1/collections/${lower(address)}`;
const collectionOf = (contract: Contract) => indexed.get<Collection>(pathOf(contract));
type TokenPage = Page<Token> & { readonly total: number };

async function mintSome(contract: Contract, creator: Address, value = 0n) {
  const minting = someMinting(below, contract, creator);
  const receipt = await mintAs(platform, contract, minting, creator, value);
  return { ...minting, receipt };
}

async function expectEqualToFresh(): Promise<void> {
  await current();
  expect(await contents(indexed.database)).toEqual(await freshContents(gate.url, platform.factory.address, anvil.client, databases[1]));
}

/** @param open gives a database with the tables and no rows */
export function indexerContract(name: string, open: () => Promise<OpenDatabase>): void {
  describe(name, () => {
    beforeAll(async () => {
      anvil = await startAnvil();
      platform = await deployPlatform(anvil.client);
      gate = await openGate(url());
      below = generator(7);
      databases = [await open(), await open()];
      indexed = await startIndexed(gate.url, platform.factory.address, databases[0]);
    });

    afterAll(async () => {
      await indexed.end();
      await gate.close();
      await anvil.stop();
      for (const database of databases) await database.close();
    });

    describe('what it says', () => {
      test('two collections with their mints, as the chain has them', async () => {
        const terms = { model: { licenceFee: 100n }, settings: { sale: { ...FREE_SALE, price: 10_001n, walletLimit: 5 }, royaltyBps: 500n } };
        const one = await createCollection(platform, { ...terms, terms: { name: 'One', symbol: 'ONE', maxSupply: 50 } });
        const other = await createCollection(platform, { owner: account(3), terms: { name: 'Other', claimDelay: 7 } });
        const first = await mintSome(one, account(1), 10_101n);
        const second = await mintSome(one, account(2), 10_101n);
        await mintSome(other, account(1));
        await current();
        const share = (10_001n * PROTOCOL_BPS) / 10_000n;
        const shown = await collectionOf(one);
        expect(shown).toMatchObject({
          ...{
            address: lower(one.address),
            name: 'One',
            symbol: 'ONE',
            owner: lower(account(0)),
            maxSupply: 50,
            imageMode: 'onchain',
            claimDelay: 2,
          },
          ...{ price: '10001', licenceFee: '100', mintCost: '10101', start: 0, end: 0, walletLimit: 5, minted: 2, totalSupply: 2, royaltyBps: 500 },
          ...{ paused: false, allowlist: false, proceeds: String(2n * (10_001n - share)), modelId: (await one.read.terms()).modelId },
          previewTokens: [String(second.tokenId), String(first.tokenId)],
        });
        expect(await collectionOf(other)).toMatchObject({ owner: lower(account(3)), minted: 1, claimDelay: 7, mintCost: '0', proceeds: '0' });
        const { items } = await indexed.get<Page<Collection>>('/v1/collections');
        expect(items.map(({ name }) => name)).toEqual(['Other', 'One']);
        expect(await anvil.client.getBalance({ address: one.address })).toBe(BigInt(shown.proceeds));

        const token = await indexed.get<Token & { history: Transfer[]; proof: Hex }>(`${pathOf(one)}/tokens/${first.tokenId}`);
        const block = await anvil.client.getBlock({ blockNumber: first.receipt.blockNumber });
        const picture = `0x${[...('index' in first.statement ? first.statement.index : [])].map((i) => `0${i.toString(16)}`).join('')}`;
        expect(token).toMatchObject({
          ...{ tokenId: String(first.tokenId), number: 1, owner: lower(account(1)), creator: lower(account(1)), pose: first.statement.pose },
          ...{ latent: first.prompt.slice(0, -2), picture, proof: first.halo2Proof, paid: '10101', verified: true, block: Number(block.number) },
          ...{ transaction: first.receipt.transactionHash, mintedAt: new Date(1000 * Number(block.timestamp)).toISOString() },
        });
        expect(await one.read.tokenOfImage([token.imageHash])).toBe(first.tokenId);
        expect(token.history).toMatchObject([{ kind: 'mint', from: zeroAddress, to: lower(account(1)), transaction: token.transaction }]);

        const models = await indexed.get<RegisteredModel[]>('/v1/registry/models');
        const registered = models.find(({ modelId }) => modelId === shown.modelId);
        expect(registered).toMatchObject({
          uses: 2,
          feesPaid: '200',
          licenceFee: '100',
          name: null,
          cardUri: 'https://example.org/card',
          kind: 'palette',
        });
        for (const who of [platform.owner, platform.protocol]) {
          const { owed } = await indexed.get<{ owed: string }>(`/v1/accounts/${who}`);
          expect(owed).toBe(String(await platform.registry.read.owed([who])));
        }
        await mined(anvil.client, platform.registry.write.withdraw([platform.protocol], { account: account(5), chain: null }));
        await mined(anvil.client, one.write.withdraw({ account: account(5), chain: null }));
        await current();
        expect((await indexed.get<{ owed: string }>(`/v1/accounts/${platform.protocol}`)).owed).toBe('0');
        expect((await collectionOf(one)).proceeds).toBe('0');
        const chain = await indexed.get<Record<string, unknown>>('/v1/chain');
        expect(chain).toMatchObject({
          chainId: '31337',
          factory: lower(platform.factory.address),
          registry: lower(platform.registry.address),
          problem: null,
        });
      });

      test("transfers, burns and the owner's changes", async () => {
        const contract = await createCollection(platform, { terms: { imageMode: 1 }, settings: { imageBase: 'ipfs://x/' } });
        const [kept, burned] = [await mintSome(contract, account(1)), await mintSome(contract, account(2))];
        await mined(anvil.client, contract.write.transferFrom([account(1), account(4), kept.tokenId], { account: account(1), chain: null }));
        await mined(anvil.client, contract.write.burn([burned.tokenId], { account: account(2), chain: null }));
        const sale = { price: parseEther('0.5'), start: 5, end: 4_000_000_000, walletLimit: 9 };
        await mined(anvil.client, contract.write.setSale([sale], { account: account(0), chain: null }));
        await mined(anvil.client, contract.write.pause({ account: account(0), chain: null }));
        await mined(anvil.client, contract.write.setAllowlist([`0x${'11'.repeat(32)}`], { account: account(0), chain: null }));
        await mined(anvil.client, contract.write.transferOwnership([account(6)], { account: account(0), chain: null }));
        await current();
        expect(await collectionOf(contract)).toMatchObject({
          ...{ minted: 2, totalSupply: 1, price: String(sale.price), start: 5, end: 4_000_000_000, walletLimit: 9, paused: true, allowlist: true },
          ...{ imageMode: 'hash', owner: lower(account(0)), previewTokens: [String(kept.tokenId)] },
        });
        await mined(anvil.client, contract.write.acceptOwnership({ account: account(6), chain: null }));
        await mined(anvil.client, contract.write.unpause({ account: account(6), chain: null }));
        await mined(anvil.client, contract.write.setAllowlist([`0x${'00'.repeat(32)}`], { account: account(6), chain: null }));
        await mined(anvil.client, contract.write.setRoyalty([account(6), 250n], { account: account(6), chain: null }));
        await current();
        await until(async () => (await collectionOf(contract)).royaltyBps === 250);
        expect(await collectionOf(contract)).toMatchObject({ paused: false, allowlist: false, owner: lower(account(6)) });
        const token = await indexed.get<Token & { history: Transfer[] }>(`${pathOf(contract)}/tokens/${kept.tokenId}`);
        expect(token).toMatchObject({ owner: lower(account(4)), creator: lower(account(1)) });
        expect(token.picture).not.toBeNull();
        expect(token.history.map(({ kind }) => kind)).toEqual(['mint', 'transfer']);
        const gone = await indexed.get<Token & { history: Transfer[] }>(`${pathOf(contract)}/tokens/${burned.tokenId}`);
        expect([gone.owner, gone.history.map(({ kind }) => kind)]).toEqual([zeroAddress, ['mint', 'burn']]);
        const list = await indexed.get<TokenPage>(`${pathOf(contract)}/tokens`);
        expect([list.total, list.items.map(({ tokenId }) => tokenId)]).toEqual([1, [String(kept.tokenId)]]);
        const { tokens } = await indexed.get<{ tokens: Token[] }>(`/v1/accounts/${account(4)}`);
        expect(tokens.map(({ tokenId }) => tokenId)).toEqual([String(kept.tokenId)]);
      });

      test('claims until they are used', async () => {
        const contract = await createCollection(platform);
        const minting = someMinting(below, contract, account(7));
        await claim(anvil.client, contract, minting.tokenId, account(7), `0x${'5'.repeat(64)}`);
        await current();
        const claims = async () => (await indexed.get<{ claims: Claim[] }>(`/v1/accounts/${account(7)}`)).claims;
        const [open] = await claims();
        const since = Number(await contract.read.claimedAt([account(7), open?.commitment as Hex]));
        expect(open).toMatchObject({ collection: lower(contract.address), claimedAt: new Date(1000 * since).toISOString() });
        expect(Date.parse(open?.mintableFrom ?? '') - Date.parse(open?.claimedAt ?? '')).toBe(2000);
        await mintSome(contract, account(7));
        await current();
        expect((await claims()).map(({ commitment }) => commitment)).toEqual([open?.commitment]);
      });

      test('filters, search and pages that new tokens do not shift', async () => {
        const contract = await createCollection(platform, { terms: { name: 'Pages' } });
        const minted: string[] = [];
        for (let i = 0; i < 7; i++) minted.push(String((await mintSome(contract, account(1 + (i % 2)))).tokenId));
        await current();
        const tokens = (query: string) => indexed.get<TokenPage>(`${pathOf(contract)}/tokens?${query}`);
        const first = await tokens('limit=3');
        expect([first.total, first.items.map(({ number }) => number)]).toEqual([7, [7, 6, 5]]);
        const late = String((await mintSome(contract, account(1))).tokenId);
        await current();
        const second = await tokens(`limit=3&cursor=${first.next}`);
        const third = await tokens(`limit=3&cursor=${second.next}`);
        expect([...first.items, ...second.items, ...third.items].map(({ tokenId }) => tokenId)).toEqual(minted.toReversed());
        expect(third.next).toBeNull();
        expect((await tokens('sort=oldest&limit=1')).items[0]?.tokenId).toBe(minted[0]);
        expect((await tokens(`creator=${account(2)}`)).total).toBe(3);
        expect((await tokens(`owner=${account(1)}&limit=2`)).total).toBe(5);
        expect((await tokens('search=%238')).items[0]?.tokenId).toBe(late);
        expect((await tokens(`search=${late.slice(0, 20)}`)).items[0]?.tokenId).toBe(late);
        expect((await tokens(`search=0x${BigInt(late).toString(16).padStart(64, '0')}`)).total).toBe(1);
        expect((await tokens(`search=${account(2).slice(0, 12)}`)).total).toBe(3);
        expect((await tokens(`search=${encodeURIComponent("%' OR 1=1 --")}`)).total).toBe(0);
        const page = await indexed.get<Page<Collection>>('/v1/collections?limit=1');
        await createCollection(platform, { terms: { name: 'Later' } });
        await current();
        const rest = await indexed.get<Page<Collection>>(`/v1/collections?limit=100&cursor=${page.next}`);
        expect([page.items[0]?.name, rest.items.map(({ name }) => name).includes('Later')]).toEqual(['Pages', false]);
      });

      test('hostile names are data, and names that are no UTF-8 are refused on chain', async () => {
        const names = ['<img src=x onerror=alert(1)>', `'; DROP TABLE chain_tokens; --`, 'a\0b', '\u202e\u{1f525}\u{10ffff}', 'x'.repeat(64), ''];
        for (const name of names) await createCollection(platform, { terms: { name, symbol: name }, model: { cardUri: `${name.repeat(30)}` } });
        await current();
        const { items } = await indexed.get<Page<Collection>>('/v1/collections?limit=6');
        const shown = names.map((name) => name.replaceAll('\0', '\u{fffd}'));
        expect(items.map(({ name, symbol }) => [name, symbol])).toEqual(shown.map((name) => [name, name]).toReversed());
        const models = await indexed.get<RegisteredModel[]>('/v1/registry/models');
        expect(models.slice(-6).map(({ cardUri }) => cardUri)).toEqual(shown.map((name) => name.repeat(30)));
        expect(await revertOf(createCollection(platform, { terms: { name: 'x'.repeat(65) } }))).toMatchObject({ name: 'NameTooLong' });
      });

      test('another factory is not heard', async () => {
        const before = (await indexed.get<Page<Collection>>('/v1/collections?limit=100')).items.length;
        const stranger = await deployPlatform(anvil.client);
        await createCollection(stranger, { terms: { name: 'Not ours' } });
        await current();
        expect((await indexed.get<Page<Collection>>('/v1/collections?limit=100')).items.length).toBe(before);
      });

      test.each([
        ['/v1/collections/0x12', 400, 'request/invalid'],
        [`/v1/collections/0x${'12'.repeat(20)}`, 404, 'indexer/not-found'],
        [`/v1/collections/0x${'12'.repeat(20)}/tokens`, 404, 'indexer/not-found'],
        [`/v1/collections/0x${'12'.repeat(20)}/tokens/1`, 404, 'indexer/not-found'],
        ['/v1/collections?cursor=1;2', 400, 'indexer/cursor'],
        ['/v1/collections?limit=0', 400, 'request/invalid'],
        ['/v1/collections?limit=101', 400, 'request/invalid'],
      ])('%s is answered with %i %s', async (path, status, code) => {
        const { statusCode, body, headers } = await indexed.app.inject(path);
        expect([statusCode, JSON.parse(body).code]).toEqual([status, code]);
        expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      });

      test('what happened is heard at once', async () => {
        const address = await indexed.app.listen({ port: 0, host: '127.0.0.1' });
        const ended = new AbortController();
        const response = await fetch(`${address}/v1/events`, { signal: ended.signal });
        let heard = '';
        const reading = (async () => {
          for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) heard += Buffer.from(chunk).toString();
        })().catch(() => undefined);
        const contract = await createCollection(platform, { terms: { name: 'Heard' } });
        await until(() => heard.includes('Heard'));
        const { tokenId } = await mintSome(contract, account(1));
        await until(
          () => ['model', 'token', 'claim', 'collection'].every((kind) => heard.includes(`event: ${kind}\n`)) && heard.includes(String(tokenId)),
        );
        const data = heard.split('\n').filter((line) => line.startsWith('data: '));
        const events = data.map((line) => JSON.parse(line.slice(6)) as Partial<Token & Collection>);
        expect(events.some(({ name, minted }) => name === 'Heard' && minted === 0)).toBe(true);
        expect(events.find((event) => event.tokenId === String(tokenId))).toMatchObject({ verified: true, owner: lower(account(1)), number: 1 });
        ended.abort();
        await reading;
      });
    });

    describe('what the chain does to it', () => {
      test('after all of that, a fresh index is equal', expectEqualToFresh);

      test('a reorganisation is undone exactly', async () => {
        const contract = await createCollection(platform, { terms: { name: 'Reorganised' } });
        const stays = await mintSome(contract, account(1));
        const snapshot = await anvil.client.snapshot();
        const goes = await mintSome(contract, account(2));
        await mined(anvil.client, contract.write.transferFrom([account(1), account(5), stays.tokenId], { account: account(1), chain: null }));
        await mined(anvil.client, contract.write.pause({ account: account(0), chain: null }));
        const lost = await createCollection(platform, { terms: { name: 'Lost' } });
        await current();
        expect((await collectionOf(contract)).paused).toBe(true);
        await anvil.client.revert({ id: snapshot });
        const comes = await mintSome(contract, account(3));
        await current();
        const { items } = await indexed.get<TokenPage>(`${pathOf(contract)}/tokens`);
        expect(items.map(({ tokenId, number, owner }) => [tokenId, number, owner])).toEqual([
          [String(comes.tokenId), 2, lower(account(3))],
          [String(stays.tokenId), 1, lower(account(1))],
        ]);
        expect((await collectionOf(contract)).paused).toBe(false);
        expect((await indexed.app.inject(pathOf(lost))).statusCode).toBe(404);
        expect((await indexed.app.inject(`${pathOf(contract)}/tokens/${goes.tokenId}`)).statusCode).toBe(404);
        await expectEqualToFresh();
      });

      test('also by a chain that becomes shorter, and deeper than the window of kept hashes', async () => {
        const snapshot = await anvil.client.snapshot();
        const contract = await createCollection(platform, { terms: { name: 'Deep' } });
        await mintSome(contract, account(1));
        await anvil.client.mine({ blocks: 150 });
        await mintSome(contract, account(1));
        await current();
        await anvil.client.revert({ id: snapshot });
        await expectEqualToFresh();
        await anvil.client.mine({ blocks: 30 });
        await anvil.client.request({ method: 'anvil_rollback', params: [10] } as never);
        await anvil.client.mine({ blocks: 3 });
        await expectEqualToFresh();
      });

      test('at random: mints, transfers, burns and pauses, in which the chain goes back again and again', async () => {
        const contract = await createCollection(platform, { terms: { name: 'Random' } });
        const owned: { id: bigint; owner: number }[] = [];
        let saved: { id: Hex; owned: typeof owned } | undefined;
        for (let i = 0; i < 40; i++) {
          const choice = below(10);
          const token = owned[below(Math.max(1, owned.length))];
          if (choice < 4 || token === undefined) {
            const owner = 1 + below(3);
            owned.push({ id: (await mintSome(contract, account(owner))).tokenId, owner });
          } else if (choice < 6) {
            const to = 1 + below(3);
            await mined(
              anvil.client,
              contract.write.transferFrom([account(token.owner), account(to), token.id], { account: account(token.owner), chain: null }),
            );
            owned[owned.indexOf(token)] = { ...token, owner: to };
          } else if (choice < 7) {
            await mined(anvil.client, contract.write.burn([token.id], { account: account(token.owner), chain: null }));
            owned.splice(owned.indexOf(token), 1);
          } else if (choice < 8) saved = { id: await anvil.client.snapshot(), owned: [...owned] };
          else if (saved) {
            if (below(2) === 0) await current();
            await anvil.client.revert({ id: saved.id });
            owned.splice(0, owned.length, ...saved.owned);
            saved = undefined;
            await anvil.client.mine({ blocks: 1 + below(3) });
          }
        }
        await expectEqualToFresh();
        const { items } = await indexed.get<TokenPage>(`${pathOf(contract)}/tokens?limit=100&sort=oldest`);
        expect(items.map(({ tokenId, owner }) => [tokenId, owner])).toEqual(owned.map(({ id, owner }) => [String(id), lower(account(owner))]));
      });

      test('a node that is down is reported, and nothing is lost', async () => {
        gate.open = false;
        await until(() => indexed.indexer.status().state === 'unreachable');
        expect(indexed.indexer.status().problem).toMatch(/^Expected the chain's node .*\.$/);
        const contract = await createCollection(platform, { terms: { name: 'Meanwhile' } });
        await mintSome(contract, account(1));
        expect(await indexed.get<Record<string, unknown>>('/v1/chain')).toMatchObject({ problem: expect.stringContaining('Expected') });
        gate.open = true;
        await current();
        expect(indexed.indexer.status().problem).toBeNull();
        expect((await collectionOf(contract)).minted).toBe(1);
      });

      test('it goes on where it ended, in bounded ranges', async () => {
        await indexed.end();
        const contract = await createCollection(platform, { terms: { name: 'While it slept' } });
        await anvil.client.mine({ blocks: 700 });
        indexed = await startIndexed(gate.url, platform.factory.address, indexed.database);
        await current();
        expect((await collectionOf(contract)).name).toBe('While it slept');
        expect(gate.longestRange).toBe(500);
        await expectEqualToFresh();
      });

      test("a chain that was started anew, with the same addresses, drops the old chain's rows", async () => {
        const other = await startAnvil();
        try {
          const again = await deployPlatform(other.client);
          expect(again.factory.address).toBe(platform.factory.address);
          await createCollection(again, { terms: { name: 'New world' } });
          gate.target = other.client.transport.url as string;
          await upToDate(indexed, other.client);
          expect((await indexed.get<Page<Collection>>('/v1/collections')).items.map(({ name }) => name)).toEqual(['New world']);
          expect(await contents(indexed.database)).toEqual(await freshContents(gate.url, again.factory.address, other.client, databases[1]));
        } finally {
          gate.target = url();
          await current();
          await other.stop();
        }
        await expectEqualToFresh();
      });
    });
  });
}
