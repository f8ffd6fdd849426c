/** Headless Chromium and its visitors: each has a profile of its own, and a wallet where it is given an account. */
import { execFileSync } from 'node:child_process';
import type { Hex } from '@pentimento/core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../../packages/verifier/browser/chromium.ts';
import type { Platform } from './platform.ts';
import { PATIENCE_MS } from './processes.ts';
import { TestWallet } from './wallet.ts';

/** A camera that is none, for whom a test lets use it: a moving pattern. */
const CAMERA = '--use-fake-device-for-media-stream';

/** No sandbox: it needs rights that containers do not give, and the pages are our own. Throws when this machine has no Chromium. */
export async function openBrowser(): Promise<Browser> {
  const command = findChromium();
  if (command === undefined) throw new Error('Expected a Chromium on the path (`apt-get install chromium`), found none.');
  const executablePath = execFileSync('which', [command], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', CAMERA], timeout: PATIENCE_MS });
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly wallet: TestWallet;
}

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 375, height: 812 };

/** A new browser profile with a page; with an account also with a wallet. */
export async function visitor(browser: Browser, platform: Pick<Platform, 'url' | 'rpcUrl'>, account?: Hex): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: platform.url, viewport: DESKTOP, reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE_MS);
  const wallet = new TestWallet(platform.rpcUrl, account ?? '0x');
  if (account !== undefined) await wallet.install(context);
  return { context, page: await context.newPage(), wallet };
}

/** The pixels of the canvas with this label, as one text. */
export function pixelsOf(page: Page, label: string | RegExp): Promise<string> {
  return page.getByRole('img', { name: label }).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return Array.from(data).join();
  });
}
