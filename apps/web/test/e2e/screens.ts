/**
 * Pictures of the pages for the book: `node apps/web/test/e2e/screens.ts`. With a folder as an argument it writes there every page and state,
 * at the width of a desktop and of a phone, light and dark, to be looked at.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import type { Browser, Page } from 'playwright-core';
import { DESKTOP, openBrowser, PHONE, visitor } from './browser.ts';
import { claim, connect, directions, mint, mintPainted, notice, openStepper, paint, step } from './journey.ts';
import { accountsOf, type Platform, startPlatform } from './platform.ts';
import { hold } from './processes.ts';

const MODEL = 'nouns-m';
const BOOK = join(PROJECT, 'book', 'screens');
const IN_BOOK: readonly string[] = ['style', 'mint', 'collection'];
/** Two rows of a gallery. */
const BOOK_SIZE = { width: 1024, height: 880 };
/** What hangs in the gallery beside the tokens that a start mints. */
const EARLIER = [
  { sample: 'Fruit', at: [0, 0], variation: 5 },
  { sample: 'Lake', at: [0, 0], variation: 1 },
  { sample: 'Portrait', at: [0, 0], variation: 7 },
  { sample: 'Cat', at: [0, 0], variation: 4 },
] as const;
/** Share of the proof at which the mint page is taken. */
const UNDER_WAY_PCT = 40;

const [folder] = process.argv.slice(2);
const platform = await startPlatform(MODEL);
try {
  const browser = await openBrowser();
  await takeAll(browser, platform).finally(() => browser.close());
} finally {
  await platform.stop();
}

async function takeAll(browser: Browser, platform: Platform): Promise<void> {
  await mkdir(folder ?? BOOK, { recursive: true });
  const accounts = await accountsOf(platform);
  for (const [i, painting] of EARLIER.entries()) {
    const { page, context } = await visitor(browser, platform, accounts[i + 2]);
    await paint(page, painting);
    await page.getByRole('button', { name: `Variation ${painting.variation}` }).click();
    await mintPainted(page);
    await context.close();
  }
  const { page } = await visitor(browser, platform, accounts[1]);
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample: Cat' }).waitFor();
  await take(page, 'welcome');
  await paint(page, { sample: 'Cat', at: [0, 0] });
  await directions(page);
  await page.getByRole('slider', { name: 'Photo beneath' }).fill('45');
  await take(page, 'style');
  await page.getByRole('slider', { name: 'Photo beneath' }).fill('0');
  await openStepper(page);
  await step(page, 'Connect a wallet');
  await take(page, 'connect');
  await connect(page);
  await (await step(page, 'Claim')).getByText(/^Costs gas only/).waitFor();
  await take(page, 'claim');
  await claim(page);
  await whileProving(page, platform);
  const offered = (await step(page, 'Mint')).getByRole('button', { name: /^Mint for / });
  await offered.click({ trial: true });
  await take(page, 'offer');
  await mint(page);
  await take(page, 'receipt');
  await page.getByRole('link', { name: 'See it in the collection' }).click();
  await page.getByRole('button', { name: 'Verify on chain' }).click();
  await page.getByRole('button', { name: 'Verify in this browser' }).click();
  await page.getByText(/^The proof holds, says this browser/).waitFor();
  await take(page, 'token');
  await page.goto(`/collection/${platform.collection}`);
  await page.getByRole('img', { name: 'Painting 1', exact: true }).waitFor();
  await take(page, 'collection');
  await page.goto('/collections');
  await page.getByRole('link', { name: /^Look at / }).waitFor();
  await take(page, 'collections');
  await page.goto('/mint');
  await page.getByRole('heading', { level: 1, name: 'Your mints' }).waitFor();
  await take(page, 'begun');
  if (folder !== undefined) await takeObstacles(browser, platform, accounts[6]);
  const owner = await visitor(browser, platform, accounts[0]);
  await owner.page.goto('/studio');
  await take(owner.page, 'studio-without-wallet');
  await owner.page.getByRole('main').getByRole('button', { name: 'Tester wallet' }).click();
  await owner.page.getByRole('button', { name: 'Change the sale' }).waitFor();
  await take(owner.page, 'studio');
}

/** What stands in the way of a visitor. */
async function takeObstacles(browser: Browser, platform: Platform, account: Hex | undefined): Promise<void> {
  const { page, wallet } = await visitor(browser, platform, account);
  wallet.leaveForOtherNetwork();
  await paint(page, { sample: 'Cat', at: [0, 0] });
  await openStepper(page);
  await connect(page);
  await notice(page, 'Already minted').waitFor();
  await take(page, 'taken-and-wrong-network');
  await page.getByRole('button', { name: /^0x/ }).click();
  await page.getByRole('dialog', { name: 'Your account' }).waitFor();
  await take(page, 'account');
  await page.goto(`/collection/0x${'1'.repeat(40)}`);
  await notice(page, 'Collection not loaded').waitFor();
  await take(page, 'no-collection');
  await page.goto('/nowhere');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await take(page, 'nowhere');
}

/** The prover is held for the picture. */
async function whileProving(page: Page, platform: Platform): Promise<void> {
  const bar = (await step(page, 'Prove')).getByRole('progressbar', { name: 'Progress of the proof' });
  await bar.waitFor();
  await page.waitForFunction((percent) => {
    const shown = document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow');
    return shown === undefined || Number(shown) >= percent;
  }, UNDER_WAY_PCT);
  const prover = await hold(platform.provers);
  try {
    await take(page, 'mint');
  } finally {
    prover.release();
  }
}

/** For the book only three pages as a desktop shows them; for looking all of them, whole. */
async function take(page: Page, name: string): Promise<void> {
  // Letters come with the fonts.
  await page.evaluate(() => document.fonts.ready);
  if (folder === undefined) {
    if (!IN_BOOK.includes(name)) return;
    await page.setViewportSize(BOOK_SIZE);
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: join(BOOK, `${name}.png`) });
    return;
  }
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: 'light' });
}
