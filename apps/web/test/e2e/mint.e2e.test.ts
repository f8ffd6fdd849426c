/** From a photo to a verified token, as a visitor does it on a platform that a user has started; and what stops a visitor on the way. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAllowlist } from '@pentimento/contracts/allowlist';
import type { Hex } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { pixelsOf } from './browser.ts';
import {
  claim,
  connect,
  directions,
  EASEL,
  keptMint,
  mint,
  mintThrough,
  notice,
  offer,
  openStepper,
  paint,
  painted,
  receipt,
  step,
  tokenNumber,
} from './journey.ts';
import { pressAt } from './keyboard.ts';
import { askNode, CHAIN_ID, MODEL, startPlatform } from './platform.ts';
import { hold, PATIENCE_MS } from './processes.ts';
import { HAS_BROWSER, LIMIT_MS, setStage } from './stage.ts';

/** Of the contracts. */
const CLAIM_LIFETIME_S = 24 * 60 * 60;

describe.runIf(HAS_BROWSER)('the way to a token', { timeout: LIMIT_MS }, () => {
  const stage = setStage(startPlatform);

  // The project's promise to a new user, on a machine that does other things as well.
  it('paints, reworks, mints, hangs and verifies again, on chain and in the browser, within three minutes', { timeout: 180_000 }, async () => {
    const { page, context } = await stage.visit(1);
    const gallery = await context.newPage();
    await gallery.goto(`/collection/${stage.platform.collection}`);
    const works = gallery.getByRole('img', { name: /^Painting \d+$/ });
    await works.first().waitFor();
    const before = await works.count();

    await paint(page, { sample: 'Cat', at: [1, 0] });
    const found = await pixelsOf(page, EASEL);
    const slider = (await directions(page)).first();
    await slider.press('End');
    await expect.poll(() => pixelsOf(page, EASEL), { timeout: PATIENCE_MS }).not.toBe(found);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => pixelsOf(page, EASEL), { timeout: PATIENCE_MS }).toBe(found);
    await slider.press('End');
    await expect.poll(() => pixelsOf(page, EASEL), { timeout: PATIENCE_MS }).not.toBe(found);
    const reworked = await pixelsOf(page, EASEL);

    await openStepper(page);
    await expect.poll(() => pixelsOf(page, 'The painting to mint'), { timeout: PATIENCE_MS }).toBe(reworked);
    await connect(page);
    await claim(page);
    await mint(page);

    // The other page was told; nobody reloaded it.
    await expect.poll(() => works.count(), { timeout: PATIENCE_MS }).toBe(before + 1);
    await page.getByRole('link', { name: 'See it in the collection' }).click();
    await page.getByRole('heading', { level: 1, name: /^No\. \d+$/ }).waitFor();
    const number = await tokenNumber(page);
    await gallery.getByText(`Painting ${number} was minted just now.`).waitFor({ state: 'attached' });
    await expect.poll(() => pixelsOf(gallery, `Painting ${number}`), { timeout: PATIENCE_MS }).toBe(reworked);
    await expect.poll(() => pixelsOf(page, /^Painting /), { timeout: PATIENCE_MS }).toBe(reworked);

    await page.getByRole('button', { name: 'Verify on chain' }).click();
    await page.getByText('The proof holds, says the contract, on chain.').waitFor();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await page.getByText(/^The proof holds, says this browser, in \d+ ms\.$/).waitFor();
    await page.getByText('This proof proves nothing to a stranger').waitFor();
  });

  it('refuses a proof that was changed on the way to the page', async () => {
    const { page } = await stage.visit();
    await page.route(/\/tokens\/\d+$/, async (route) => {
      const response = await route.fetch();
      const token = (await response.json()) as { proof: string };
      const last = token.proof.endsWith('0') ? '1' : '0';
      await route.fulfill({ response, json: { ...token, proof: token.proof.slice(0, -1) + last } });
    });
    await page.goto(`/collection/${stage.platform.collection}`);
    await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
    await page.getByRole('button', { name: 'Verify on chain' }).click();
    await page.getByText('The proof does not hold, says the contract, on chain.').waitFor();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await page.getByText(/^The proof does not hold, says this browser/).waitFor();
  });

  it('believes no key but the one that the collection pins', async () => {
    const { page } = await stage.visit();
    await page.route(/\/v1\/circuits\/0x[0-9a-f]+\/\w+$/, async (route) => {
      const response = await route.fetch();
      const circuit = (await response.json()) as { vk: { fixedCommitments: unknown[] } };
      circuit.vk.fixedCommitments.reverse();
      await route.fulfill({ response, json: circuit });
    });
    await page.goto(`/collection/${stage.platform.collection}`);
    await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
    await notice(page, 'Setup not known').getByText('take the proof for one that can be forged').waitFor();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await notice(page, 'Not verified here').getByText('Expected the verifying key that the collection pins on chain').waitFor();
  });

  it('believes the indexer no other painting, no picture of another form, and no other creator', async () => {
    const { page } = await stage.visit();
    const lie: Record<string, unknown> = {};
    await page.route(/\/tokens\/\d+$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...lie } });
    });
    await page.goto(`/collection/${stage.platform.collection}`);
    await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
    await page.getByRole('img', { name: /^Painting 1 of / }).waitFor();

    lie.pose = 0;
    await page.reload();
    await notice(page, 'Painting not loaded')
      .getByText(/^Expected \d+ at the proof server\.tokenId, got /)
      .waitFor();

    delete lie.pose;
    lie.picture = '0x0102';
    await page.reload();
    await page.getByText('What the indexer sent is no picture of this collection.').waitFor();
    await page.getByRole('heading', { name: 'Proof' }).waitFor();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await notice(page, 'Not verified here').getByText('Expected 128 latent and 1024 image bytes, got 128 and 2.').waitFor();

    delete lie.picture;
    lie.creator = stage.accounts[9];
    await page.reload();
    for (const button of ['Verify on chain', 'Verify in this browser']) {
      await page.getByRole('button', { name: button }).click();
      await page
        .getByRole('alert')
        .getByText(/ as the creator, as the chain says, but the indexer names /)
        .last()
        .waitFor();
    }
    expect(await page.getByText('The proof holds').count()).toBe(0);
  });

  it('drops a verdict as soon as the indexer tells otherwise', async () => {
    const { page, context } = await stage.visit();
    const lie: { proof?: string } = {};
    await page.route(/\/tokens\/\d+$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...lie } });
    });
    await page.goto(`/collection/${stage.platform.collection}`);
    await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    const verdict = page.getByText(/^The proof holds, says this browser/);
    await verdict.waitFor();
    lie.proof = `0x${'00'.repeat(32)}`;
    // A page that was without network asks again for what is older than some seconds.
    await expect
      .poll(
        async () => {
          await context.setOffline(true);
          await context.setOffline(false);
          return verdict.count();
        },
        { timeout: PATIENCE_MS, interval: 1000 },
      )
      .toBe(0);
    await page.getByText('32 bytes', { exact: true }).waitFor();
  });

  it('goes on after a connection and signatures were declined', async () => {
    const { page, wallet } = await stage.visit(2);
    await paint(page, { sample: 'Portrait', at: [-1, 0] });
    await openStepper(page);
    wallet.declines.add('eth_requestAccounts');
    await connect(page);
    const declined = 'You declined in your wallet. Nothing was sent, and nothing is lost.';
    await notice(page, 'Not connected').getByText(declined).waitFor();
    wallet.declines.clear();
    await connect(page);

    wallet.declines.add('eth_sendTransaction');
    await claim(page);
    await notice(page, 'Not claimed').getByText(declined).waitFor();
    wallet.declines.clear();
    await notice(page, 'Not claimed').getByRole('button', { name: 'Try again' }).click();

    const button = await offer(page);
    const { proofId } = await keptMint(page);
    wallet.declines.add('eth_sendTransaction');
    await button.click();
    await notice(page, 'Not signed').getByText(declined).waitFor();
    wallet.declines.clear();
    await notice(page, 'Not signed').getByRole('button', { name: 'Back to the offer' }).click();
    await mint(page);
    expect(await keptMint(page)).toMatchObject({ proofId, receipt: { transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/) } });
    expect(wallet.asked.filter((method) => method === 'eth_sendTransaction')).toHaveLength(4);
  });

  it('says that the wallet is on another network, and switches only when asked', async () => {
    const { page, wallet } = await stage.visit(3);
    wallet.leaveForOtherNetwork();
    await paint(page, { sample: 'Lake', at: [2, 0] });
    await openStepper(page);
    await connect(page);
    const present = await step(page, 'Choose the network');
    await page.getByText('Your wallet is on another network. Minting happens on Local test chain.').waitFor();
    expect(wallet.asked).not.toContain('wallet_switchEthereumChain');
    wallet.declines.add('wallet_switchEthereumChain');
    await present.getByRole('button', { name: 'Switch to Local test chain' }).click();
    await present.getByText('You declined in your wallet. Nothing was sent, and nothing is lost.').waitFor();
    wallet.declines.clear();
    await present.getByRole('button', { name: 'Switch to Local test chain' }).click();
    await step(page, 'Claim');
    expect([wallet.chainId, wallet.asked.includes('wallet_addEthereumChain')]).toEqual([CHAIN_ID, true]);
    await page.getByText('Your wallet is on another network.').waitFor({ state: 'hidden' });
  });

  it('says that an account has no funds, and goes on when it has', async () => {
    const { page, wallet } = await stage.visit(4);
    await setBalance(wallet.account, 0n);
    await paint(page, { sample: 'Fruit', at: [-2, 0] });
    await openStepper(page);
    await connect(page);
    await claim(page);
    await notice(page, 'Not claimed').getByText('Your account does not hold enough for the price and the gas.').waitFor();
    await setBalance(wallet.account, 10n ** 18n);
    await notice(page, 'Not claimed').getByRole('button', { name: 'Try again' }).click();
    await offer(page);
  });

  it('takes up a proof in the making after a reload', async () => {
    const { page } = await stage.visit(5);
    await paint(page, { sample: 'Portrait', at: [0, 1] });
    await openStepper(page);
    await connect(page);
    const prover = await hold(stage.platform.provers);
    try {
      await claim(page);
      await expect.poll(() => statusOf(page), { timeout: PATIENCE_MS }).toBe('running');
      const before = await keptMint(page);
      await page.reload();
      await (await step(page, 'Prove')).getByRole('progressbar', { name: 'Progress of the proof' }).waitFor();
      expect(await keptMint(page)).toEqual(before);
      expect(await statusOf(page)).toBe('running');
    } finally {
      prover.release();
    }
    await mint(page);
  });

  it('cancels a proof, and makes it again with the same claim', async () => {
    const { page } = await stage.visit(6);
    await paint(page, { sample: 'Portrait', at: [0, -1] });
    await openStepper(page);
    await connect(page);
    const prover = await hold(stage.platform.provers);
    try {
      await claim(page);
      await (await step(page, 'Prove')).getByRole('button', { name: 'Cancel the proof' }).click();
      await notice(page, 'No proof yet').getByText('The proof was cancelled. Your claim is kept.').waitFor();
    } finally {
      // A cancelled prover that does not answer is killed by its server.
      prover.release();
    }
    const { salt } = await keptMint(page);
    await page.getByRole('button', { name: 'Start the proof again' }).click();
    await offer(page);
    expect((await keptMint(page)).salt).toBe(salt);
  });

  it('offers no mint with a proof of something else or with none, and proves again with the same claim', async () => {
    const { page } = await stage.visit(6);
    type Lie = (bundle: object) => unknown;
    const lies: Lie[] = [() => null, (bundle) => ({ ...bundle, creator: stage.accounts[0] })];
    await page.route(/\/v1\/proofs\/[^/]+\/bundle$/, async (route) => {
      const response = await route.fetch();
      const bundle = (await response.json()) as object;
      await route.fulfill({ response, json: (lies.shift() ?? ((it) => it))(bundle) });
    });
    await paint(page, { sample: 'Portrait', at: [-2, 2] });
    await openStepper(page);
    await connect(page);
    await claim(page);
    await notice(page, 'No proof yet')
      .getByText(/^The proof server sent no whole proof\. Expected the proof bundle to be /)
      .waitFor();
    const { salt } = await keptMint(page);
    await notice(page, 'No proof yet').getByRole('button', { name: 'Start the proof again' }).click();
    await notice(page, 'Proof not valid').waitFor();
    await notice(page, 'Proof not valid').getByRole('button', { name: 'Prove again' }).click();
    await mint(page);
    expect((await keptMint(page)).salt).toBe(salt);
  });

  it('says that a claim has expired, and mints the same proof with a new one', async () => {
    const { page } = await stage.visit(9);
    await paint(page, { sample: 'Cat', at: [1, 1] });
    await openStepper(page);
    await connect(page);
    await claim(page);
    const button = await offer(page);
    const before = await keptMint(page);
    await askNode(stage.platform, 'evm_increaseTime', CLAIM_LIFETIME_S + 1);
    await askNode(stage.platform, 'evm_mine');
    await button.click();
    await notice(page, 'Claim expired')
      .getByText(/^Expected a claim of the last 24 hours, but yours expired at .* The proof is kept\.$/)
      .waitFor();
    await page.reload();
    await step(page, 'Claim');
    await notice(page, 'Claim expired').getByText('The proof is kept; only the claim is made anew.').waitFor();
    await claim(page);
    await mint(page);
    const after = await keptMint(page);
    expect([after.bundle, after.salt === before.salt]).toEqual([before.bundle, false]);
  });

  it('says that a painting is taken, and offers a variation', async () => {
    const first = await stage.visit(7);
    await mintThrough(first.page, { sample: 'Lake', at: [-1, -1] });
    const second = await stage.visit(8);
    await paint(second.page, { sample: 'Lake', at: [-1, -1] });
    await openStepper(second.page);
    await notice(second.page, 'Already minted').getByRole('link', { name: 'Paint a variation' }).waitFor();
    await connect(second.page);
    expect(await (await step(second.page, 'Claim')).getByRole('button', { name: 'Claim this painting' }).isDisabled()).toBe(true);
    await notice(second.page, 'Already minted').getByRole('link', { name: 'Paint a variation' }).click();
    await second.page.getByRole('button', { name: 'Variation 2' }).click();
    await openStepper(second.page);
    await step(second.page, 'Claim');
    expect(await notice(second.page, 'Already minted').count()).toBe(0);
  });

  it('says that a collection is sold out as soon as it is', async () => {
    const deployed = await stage.platform.cli<{ collection: Hex }>(
      ...['deploy', '--rpc', stage.platform.rpcUrl, '--model', MODEL, '--name', 'Only one', '--supply', '1', '--claim-delay', '1'],
    );
    const collection = deployed.collection.toLowerCase();
    const late = await stage.visit(9);
    await listed(collection);
    await paint(late.page, { sample: 'Fruit', at: [2, 1], collection });
    await openStepper(late.page);
    await connect(late.page);
    await (await step(late.page, 'Claim')).getByRole('button', { name: 'Claim this painting' }).click({ trial: true });
    const first = await stage.visit(1);
    await mintThrough(first.page, { sample: 'Cat', at: [2, 1], collection });
    await notice(late.page, 'Sold out').getByText('All 1 paintings of this collection have been minted.').waitFor();
    expect(await (await step(late.page, 'Claim')).getByRole('button', { name: 'Claim this painting' }).isDisabled()).toBe(true);
    await notice(late.page, 'Sold out').getByRole('link', { name: 'Other collections' }).click();
    await late.page.getByRole('link', { name: 'Look at Only one' }).click();
    await late.page.getByText(/^1 of 1 minted\. Sold out\./).waitFor();
  });

  it('mints for the accounts on an allowlist, and for no others', async () => {
    const deploy = ['deploy', '--rpc', stage.platform.rpcUrl, '--model', MODEL, '--name', 'Friends', '--claim-delay', '1'];
    const collection = (await stage.platform.cli<{ collection: Hex }>(...deploy)).collection.toLowerCase() as Hex;
    const [friend, stranger, other] = [3, 5, 7].map((i) => stage.accounts[i] as Hex) as [Hex, Hex, Hex];
    const list = [friend, other];
    await allow(collection, list);
    await listed(collection);
    const { page } = await stage.visit(3);
    await paint(page, { sample: 'Lake', at: [0, 0], collection });
    await openStepper(page);
    await connect(page);
    await notice(page, 'For listed accounts').waitFor();
    await claim(page);
    const field = (await step(page, 'Mint')).getByRole('textbox', { name: 'Allowlist' });
    const button = page.getByRole('button', { name: 'Mint for free' });
    await field.fill('my friend said I may');
    await page
      .getByRole('alert')
      .getByText(/^Expected addresses .*, got my\.$/)
      .waitFor();
    await field.fill(friend);
    await page.getByRole('alert').getByText("Expected the collection's present allowlist, but this is another list.").waitFor();
    expect(await button.isDisabled()).toBe(true);
    await field.fill(list.join('\n'));
    await button.click({ trial: true });
    const branch = buildAllowlist(list).branchOf(friend) ?? [];
    await field.fill(branch.join('\n'));
    await mint(page);

    const outside = await stage.visit(5);
    await paint(outside.page, { sample: 'Cat', at: [0, 0], collection });
    await openStepper(outside.page);
    await connect(outside.page);
    await claim(outside.page);
    const theirs = (await step(outside.page, 'Mint')).getByRole('textbox', { name: 'Allowlist' });
    await theirs.fill(list.join('\n'));
    await outside.page.getByRole('alert').getByText(`Expected ${stranger} on the list, but it is not there.`).waitFor();
    const before = await keptMint(outside.page);
    await theirs.fill(branch.join('\n'));
    const refused = new RegExp(`Expected an account on the allowlist of this sale, but ${stranger} is not on it\\.`, 'i');
    await notice(outside.page, 'Not minted').getByText(refused).waitFor();
    expect(await outside.page.getByRole('button', { name: 'Mint for free' }).isDisabled()).toBe(true);
    expect(await keptMint(outside.page)).toEqual(before);
    expect(before.bundle).not.toBeNull();
    // The owner thinks again.
    await allow(collection, [...list, stranger]);
    await theirs.fill([...list, stranger].join('\n'));
    await mint(outside.page);
    expect((await keptMint(outside.page)).proofId).toBe(before.proofId);
  });

  it('can be used by the keyboard alone', async () => {
    const { page } = await stage.visit(2);
    await page.goto('/');
    await pressAt(page.getByRole('spinbutton', { name: 'Seed' }), 'ArrowUp');
    await pressAt(page.getByRole('button', { name: 'Sample: Fruit' }), 'Enter');
    await painted(page);
    const found = await pixelsOf(page, EASEL);
    await pressAt(page.getByRole('slider', { name: 'Wander' }), 'End');
    await expect.poll(() => pixelsOf(page, EASEL), { timeout: PATIENCE_MS }).not.toBe(found);
    await pressAt(page.getByRole('button', { name: 'Mint this painting' }), 'Enter');
    await pressAt(page.getByRole('button', { name: 'Tester wallet' }), 'Enter');
    await step(page, 'Claim');
    await pressAt(page.getByRole('button', { name: 'Claim this painting' }), 'Space');
    const button = await offer(page);
    // The step that opened has the focus, so that the way to its button is short.
    expect(await pressAt(button, 'Enter')).toBeLessThan(4);
    await receipt(page);
    expect(await pressAt(page.getByRole('link', { name: 'See it in the collection' }), 'Enter')).toBeLessThan(4);
    await page.getByRole('heading', { level: 1, name: /^No\. \d+$/ }).waitFor();
    await pressAt(page.getByRole('button', { name: 'Verify on chain' }), 'Enter');
    await page.getByText('The proof holds, says the contract, on chain.').waitFor();
  });

  function setBalance(account: Hex, wei: bigint): Promise<unknown> {
    return askNode(stage.platform, 'anvil_setBalance', account, `0x${wei.toString(16)}`);
  }

  /** The owner lets these accounts mint and no others. */
  async function allow(collection: Hex, accounts: readonly Hex[]): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'pentimento-list-'));
    const file = join(folder, 'list.txt');
    await writeFile(file, accounts.join('\n'));
    await stage.platform.cli('collection', '--rpc', stage.platform.rpcUrl, '--collection', collection, '--allowlist', file);
    await rm(folder, { recursive: true });
  }

  /** Waits until the indexer has the collection. */
  async function listed(collection: string): Promise<void> {
    const ask = async () => (await fetch(`${stage.platform.proofServer}/v1/collections/${collection}`)).status;
    await expect.poll(ask, { timeout: PATIENCE_MS }).toBe(200);
  }

  /** Status of the proof of the mint on the page, as the proof server tells it. */
  async function statusOf(page: Parameters<typeof keptMint>[0]): Promise<string | undefined> {
    const { proofId } = await keptMint(page);
    if (proofId === null) return undefined;
    return ((await (await fetch(`${stage.platform.proofServer}/v1/proofs/${proofId}`)).json()) as { status: string }).status;
  }
});
