/**
 * The dApp in a headless Chromium: how long a slider takes to its pixels with nouns-m, on the machine that runs everything else as well, and
 * how many end-to-end tests there are: `node bench/e2e.ts`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openBrowser, visitor } from '../apps/web/test/e2e/browser.ts';
import { directions, paint } from '../apps/web/test/e2e/journey.ts';
import { startPlatform } from '../apps/web/test/e2e/platform.ts';
import { type Figures, ROOT } from './record.ts';

const MODEL = 'nouns-m';
const WARM_UP = 5;
const MOVES = 50;
/** Name of the page's User Timing entries: from the new latent to its pixels on the canvas. */
const MEASURE = 'slider-to-pixels';

/** `sliderToPixelsMs`: median of the moves of one slider, one after the other. `e2eTests`: as Vitest lists them. */
export async function e2eFigures(): Promise<Figures> {
  return { sliderToPixelsMs: await sliderToPixelsMs(), e2eTests: await countTests() };
}

async function sliderToPixelsMs(): Promise<number> {
  const platform = await startPlatform(MODEL);
  try {
    const browser = await openBrowser();
    try {
      const { page } = await visitor(browser, platform);
      await paint(page, { sample: 'Cat', at: [0, 0] });
      const slider = (await directions(page)).first();
      const before = await page.evaluate((name) => performance.getEntriesByName(name).length, MEASURE);
      for (let i = 1; i <= WARM_UP + MOVES; i++) {
        await slider.press(i <= MOVES ? 'ArrowRight' : 'ArrowLeft');
        await page.waitForFunction(({ name, wanted }) => performance.getEntriesByName(name).length >= wanted, { name: MEASURE, wanted: before + i });
      }
      const all = await page.evaluate((name) => performance.getEntriesByName(name).map(({ duration }) => duration), MEASURE);
      return medianOf(all.slice(before + WARM_UP));
    } finally {
      await browser.close();
    }
  } finally {
    await platform.stop();
  }
}

const medianOf = (values: readonly number[]): number =>
  Math.round((values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number) * 10) / 10;

/** By running the files up to their tests: a reader of the text alone sees none in a suite that depends on the browser. */
async function countTests(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-list-'));
  try {
    const list = join(folder, 'tests.json');
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    await promisify(execFile)(process.execPath, [vitest, 'list', 'apps/web/test/e2e', '--no-static-parse', `--json=${list}`], { cwd: ROOT });
    return (JSON.parse(await readFile(list, 'utf8')) as unknown[]).length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await e2eFigures())}\n`);
