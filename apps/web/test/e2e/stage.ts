/**
 * What the tests of one file stand on: a platform and a browser, and the visitors of each test. Visitors leave with their test; when it
 * failed, what they saw last is kept and told.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@pentimento/core';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { findChromium } from '../../../../packages/verifier/browser/chromium.ts';
import { openBrowser, type Visitor, visitor } from './browser.ts';
import { accountsOf, type Platform } from './platform.ts';
import { PATIENCE_MS } from './processes.ts';

/** Whether pages can be opened here; where they cannot, a line says so. */
export const HAS_BROWSER: boolean = findChromium() !== undefined;
if (!HAS_BROWSER) console.log('not checked: no Chromium on the path, so no page was opened (`apt-get install chromium`)');

/** For a whole test, each of whose waits has less. */
export const LIMIT_MS = 4 * PATIENCE_MS;

export interface Stage<P extends Platform> {
  /** Both are there while a test runs. */
  readonly platform: P;
  readonly accounts: readonly Hex[];
  /** Lets a visitor in: with a wallet of this account of the chain, or without a wallet. The first account owns what was deployed. */
  visit(account?: number): Promise<Visitor>;
}

/** Starts it before the tests of the suite that calls this, and ends it after them. */
export function setStage<P extends Platform>(open: () => Promise<P>): Stage<P> {
  let [platform, browser, accounts]: [P?, Browser?, Hex[]?] = [];
  const present: Visitor[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
    platform = await open();
    accounts = await accountsOf(platform);
  }, LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  }, LIMIT_MS);
  afterEach(async ({ task }) => {
    for (const one of present.splice(0)) {
      if (task.result?.state === 'fail') await tell(one);
      await one.context.close();
    }
  });
  return {
    get platform() {
      return raised(platform);
    },
    get accounts() {
      return raised(accounts);
    },
    visit: async (account) => {
      const one = await visitor(raised(browser), raised(platform), account === undefined ? undefined : raised(accounts)[account]);
      present.push(one);
      return one;
    },
  };
}

function raised<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('Expected the platform to stand, but no test is running.');
  return part;
}

async function tell({ context }: Visitor): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-failed-'));
  for (const [i, page] of context.pages().entries()) {
    const path = join(folder, `${i}.png`);
    await page.screenshot({ path, fullPage: true }).catch(() => undefined);
    const text = await page
      .locator('main')
      .textContent({ timeout: 2000 })
      .catch(() => '');
    console.log(`${page.url()} (${path}):\n${text?.slice(0, 2000)}`);
  }
}
