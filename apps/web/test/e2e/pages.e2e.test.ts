/** Every page and every state of the mint: nothing wider than a phone, nothing that axe finds serious, in light and in dark; theme and camera; the owner's page at work; and no wallet. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Hex } from '@pentimento/core';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { DESKTOP, PHONE, pixelsOf } from './browser.ts';
import { claim, connect, directions, EASEL, mint, notice, offer, openStepper, paint, painted, step } from './journey.ts';
import { askNode, serveWithoutTestWallet, startPlatform } from './platform.ts';
import { hold } from './processes.ts';
import { HAS_BROWSER, LIMIT_MS, setStage } from './stage.ts';
import { WALLET_NAME } from './wallet.ts';

describe.runIf(HAS_BROWSER)('the pages', { timeout: LIMIT_MS }, () => {
  const stage = setStage(startPlatform);

  it.each<{ name: string; path: () => string; ready: (page: Page) => Promise<unknown> }>([
    { name: 'style, before a photo', path: () => '/', ready: (page) => page.getByRole('button', { name: 'Sample: Cat' }).waitFor() },
    { name: 'mint, with nothing begun', path: () => '/mint', ready: (page) => headed(page, 'No painting to mint yet') },
    { name: 'collections', path: () => '/collections', ready: (page) => page.getByRole('link', { name: /^Look at / }).waitFor() },
    {
      name: 'gallery',
      path: () => `/collection/${stage.platform.collection}`,
      ready: (page) => page.getByRole('img', { name: 'Painting 1', exact: true }).waitFor(),
    },
    {
      name: 'gallery, with filters that nothing fits',
      path: () => `/collection/${stage.platform.collection}?search=nothing`,
      ready: (page) => page.getByText('No painting fits these filters.').waitFor(),
    },
    { name: 'collection that is none', path: () => `/collection/0x${'1'.repeat(40)}`, ready: (page) => page.getByRole('alert').waitFor() },
    { name: 'studio, without a wallet', path: () => '/studio', ready: (page) => headed(page, 'Studio') },
    { name: 'address that is none', path: () => '/nowhere', ready: (page) => headed(page, 'Nothing hangs here') },
  ])('hold no obstacle and fit a phone: $name', async ({ path, ready }) => {
    const { page } = await stage.visit();
    await page.goto(path());
    await ready(page);
    expect(await obstaclesOf(page)).toEqual([]);
  });

  it('hold no obstacle and fit a phone: painting, and each step to the token', async () => {
    const { page, wallet } = await stage.visit(1);
    const found: string[] = [];
    const look = async (state: string) => found.push(...(await obstaclesOf(page)).map((obstacle) => `${state}: ${obstacle}`));
    await paint(page, { sample: 'Portrait', at: [1, -1] });
    await directions(page);
    await look('painting');
    await openStepper(page);
    await step(page, 'Connect a wallet');
    await look('connect');
    wallet.leaveForOtherNetwork();
    await connect(page);
    await (await step(page, 'Choose the network')).getByRole('button', { name: 'Switch to Local test chain' }).waitFor();
    await look('network');
    await (await step(page, 'Choose the network')).getByRole('button', { name: 'Switch to Local test chain' }).click();
    await (await step(page, 'Claim')).getByText(/^Costs gas only/).waitFor();
    await look('claim');
    const prover = await hold(stage.platform.provers);
    try {
      await claim(page);
      await page.getByRole('progressbar', { name: 'Progress of the proof' }).waitFor();
      await look('prove');
    } finally {
      prover.release();
    }
    await offer(page);
    await look('mint');
    await mint(page);
    await look('receipt');
    await page.getByRole('link', { name: 'See it in the collection' }).click();
    await page.getByRole('button', { name: 'Verify on chain' }).click();
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await page.getByText(/^The proof holds, says this browser/).waitFor();
    await look('token');
    await page.getByRole('link', { name: 'Mint', exact: true }).click();
    await page.getByRole('link', { name: /^Receipt: mint / }).waitFor();
    await look('begun mints');
    expect(found).toEqual([]);
  });

  it("hold no obstacle and fit a phone: the owner's studio, and the dialogs of wallet and account", async () => {
    const { page } = await stage.visit(0);
    await page.goto('/studio');
    await page.getByRole('button', { name: 'Connect wallet' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose a wallet' });
    await dialog.waitFor();
    expect(await obstaclesOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Tester wallet' }).click();
    await page.getByRole('heading', { name: 'Your models' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await hasFocus(page.getByRole('button', { name: /^0x/ }))).toBe(true);
    await page.getByRole('button', { name: 'Change the sale' }).waitFor();
    expect(await obstaclesOf(page)).toEqual([]);
    await page.getByRole('button', { name: /^0x/ }).click();
    await page.getByRole('dialog', { name: 'Your account' }).waitFor();
    expect(await obstaclesOf(page)).toEqual([]);
    // The dialog gives the focus back to what opened it.
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await hasFocus(page.getByRole('button', { name: /^0x/ }))).toBe(true);
  });

  it('let the owner change the price, pause minting and withdraw what was earned', async () => {
    const owner = await stage.visit(0);
    await owner.page.goto('/studio');
    await owner.page.getByRole('main').getByRole('button', { name: WALLET_NAME }).click();
    const price = owner.page.getByRole('textbox', { name: 'Price in ETH' });
    await price.fill('much');
    await owner.page.getByRole('button', { name: 'Change the sale' }).click();
    await owner.page.getByText('Expected an amount of ether, such as 0.05.').waitFor();
    await price.fill('0.05');
    await owner.page.getByRole('button', { name: 'Change the sale' }).click();
    await owner.page.getByText('0.05 ETH', { exact: false }).first().waitFor();

    const { page } = await stage.visit(2);
    await paint(page, { sample: 'Lake', at: [-1, 1] });
    await openStepper(page);
    await connect(page);
    await claim(page);
    const button = await offer(page);
    expect(await button.textContent()).toBe('Mint for 0.05 ETH');

    await owner.page.getByRole('button', { name: 'Pause minting' }).click();
    await notice(page, 'Paused').waitFor();
    expect(await button.isDisabled()).toBe(true);
    await owner.page.getByRole('button', { name: 'Resume minting' }).click();
    await notice(page, 'Paused').waitFor({ state: 'detached' });
    await mint(page);

    const before = BigInt(await askNode<Hex>(stage.platform, 'eth_getBalance', stage.accounts[0], 'latest'));
    await owner.page.getByRole('button', { name: 'Withdraw 0.05 ETH' }).click();
    await owner.page.getByRole('button', { name: 'Withdraw proceeds' }).waitFor();
    const earned = BigInt(await askNode<Hex>(stage.platform, 'eth_getBalance', stage.accounts[0], 'latest')) - before;
    // Less the gas of the withdrawal.
    expect(Number(earned) / 1e18).toBeCloseTo(0.05, 3);
  });

  it('paint what the camera saw', async () => {
    const { page, context } = await stage.visit();
    await context.grantPermissions(['camera']);
    await page.goto('/');
    await page.getByRole('button', { name: 'Use camera' }).click();
    const camera = page.getByRole('dialog', { name: 'Camera' });
    await camera.getByRole('button', { name: 'Take the picture' }).click({ trial: true });
    expect(await obstaclesOf(page)).toEqual([]);
    const track = await page.evaluateHandle(() => (document.querySelector('video')?.srcObject as MediaStream | undefined)?.getVideoTracks()[0]);
    expect(await track.evaluate((it) => it?.readyState)).toBe('live');
    await camera.getByRole('button', { name: 'Take the picture' }).click();
    await painted(page);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(new Set((await pixelsOf(page, EASEL)).split(',')).size).toBeGreaterThan(3);
    // The light of the camera goes out with the dialog.
    expect(await track.evaluate((it) => it?.readyState)).toBe('ended');
  });

  it('say that the camera may not be used, and go on with a photo', async () => {
    const { page, context } = await stage.visit();
    await context.grantPermissions([]);
    await page.goto('/');
    await page.getByRole('button', { name: 'Use camera' }).click();
    const camera = page.getByRole('dialog', { name: 'Camera' });
    await camera.getByText('No camera can be used: there is none, or this page may not use it. Choose a photo instead.').waitFor();
    expect(await obstaclesOf(page)).toEqual([]);
    await camera.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Sample: Cat' }).click();
    await painted(page);
  });

  it.each([
    ['is no picture', { name: 'notes.txt', mimeType: 'text/plain', text: 'A cat sat.' }],
    ['has no pixels', { name: 'empty.svg', mimeType: 'image/svg+xml', text: '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>' }],
  ])('refuse a file that %s, and go on', async (_, { name, mimeType, text }) => {
    const { page } = await stage.visit();
    await page.goto('/');
    await page.getByLabel('Photo file').setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
    await notice(page, 'Photo not opened').getByText(`Expected a picture that this browser can open, got ${name}.`).waitFor();
    await page.getByRole('button', { name: 'Sample: Cat' }).click();
    await painted(page);
  });

  it("paint with no colours but the model's own", async () => {
    const { page } = await stage.visit();
    await page.route(/\/v1\/models$/, async (route) => {
      const response = await route.fetch();
      const models = (await response.json()) as { palette: string[] }[];
      await route.fulfill({ response, json: models.map((model) => ({ ...model, palette: model.palette.toReversed() })) });
    });
    await page.goto('/');
    await page.getByRole('button', { name: 'Sample: Cat' }).click();
    await notice(page, 'Model not usable')
      .getByText(/the size and the colours of its files, but they differ\.$/)
      .waitFor();
  });

  it('keep the theme that was chosen, whatever the system prefers', async () => {
    const { page } = await stage.visit();
    const grounds = async () => {
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      }
      return found;
    };
    await page.goto('/studio');
    const [light, dark] = await grounds();
    expect(light).not.toBe(dark);
    await page.getByRole('button', { name: 'Light theme' }).click();
    expect(await grounds()).toEqual([light, light]);
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    expect(await grounds()).toEqual([dark, dark]);
  });

  it.each([
    ['endless', 'W'.repeat(20_000), 'W'.repeat(79)],
    ['empty', ' \u200b', 'Unnamed collection'],
    ['with markup', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('hold no obstacle and fit a phone: a collection with a name that is %s', async (_, name, shown) => {
    const { page } = await stage.visit();
    await page.route(/v1\/collections(\/0x[0-9a-f]+)?(\?.*)?$/, async (route) => {
      const response = await route.fetch();
      const named = JSON.parse(await response.text(), (key, value) => (key === 'name' ? name : value));
      await route.fulfill({ response, json: named });
    });
    await page.goto('/collections');
    await page.getByRole('link', { name: `Look at ${shown}` }).waitFor();
    expect(await obstaclesOf(page)).toEqual([]);
    await page.getByRole('link', { name: `Look at ${shown}` }).click();
    await headed(page, shown);
    expect(await obstaclesOf(page)).toEqual([]);
    await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
    await headed(page, 'No. 1');
    expect(await obstaclesOf(page)).toEqual([]);
    await page.goto('/');
    await page.getByRole('combobox', { name: 'Collection' }).getByText(shown).waitFor({ state: 'attached' });
    expect(await obstaclesOf(page)).toEqual([]);
  });

  it('can be looked at and painted on without a wallet, and say how to get one', async () => {
    const web = await serveWithoutTestWallet(stage.platform);
    try {
      const { page } = await stage.visit();
      await page.goto(`${web.url}/collections`);
      await page.getByRole('link', { name: /^Look at / }).click();
      await page.getByRole('img', { name: 'Painting 1', exact: true }).click();
      await page.getByRole('button', { name: 'Verify on chain' }).click();
      await page.getByText('The proof holds, says the contract, on chain.').waitFor();
      await page.getByRole('link', { name: 'Style', exact: true }).click();
      await page.getByRole('button', { name: 'Sample: Cat' }).click();
      await openStepper(page);
      await (await step(page, 'Connect a wallet')).getByText('This browser has no wallet that announces itself.').waitFor();
      expect(await obstaclesOf(page)).toEqual([]);
    } finally {
      await web.stop();
    }
  });
});

const hasFocus = (control: Locator) => control.evaluate((element) => element === document.activeElement);

const headed = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

/** What is wrong with the page as it stands: its width on a phone, and what axe calls serious or critical in light and in dark. */
async function obstaclesOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.setViewportSize(PHONE);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > PHONE.width) found.push(`${width} pixels wide on a phone of ${PHONE.width}: ${await widest(page)}`);
  for (const [colorScheme, size] of [
    ['light', DESKTOP],
    ['dark', PHONE],
  ] as const) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    found.push(...serious.map(({ id, nodes }) => `${colorScheme}: ${id} at ${nodes.map(({ html }) => html.slice(0, 200)).join(' and ')}`));
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

/** The innermost elements that reach over the right edge. */
function widest(page: Page): Promise<string> {
  return page.evaluate(() => {
    const over = [...document.querySelectorAll('main *, header *, footer *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
    const innermost = over.filter((e) => !over.some((other) => other !== e && e.contains(other)));
    return innermost.map((e) => e.outerHTML.slice(0, 200)).join(' and ');
  });
}
