/** Opens a built page in a headless Chromium of this machine and reads what the page's program wrote. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export interface PageResult {
  /** `valid`, `invalid`, or `error:` and a sentence. */
  readonly verdict: string;
  /** Of the first verification, and the median of warm ones. */
  readonly firstMs: number;
  readonly warmMs: number;
}

const NAMES: readonly string[] = ['chromium', 'chromium-browser', 'google-chrome'];

/** Command of a Chromium on the path or in PENTIMENTO_CHROMIUM; undefined when there is none. */
export function findChromium(): string | undefined {
  const given = process.env.PENTIMENTO_CHROMIUM;
  return [...(given === undefined ? [] : [given]), ...NAMES].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** @throws when Chromium fails, or when the page's program did not finish in two minutes */
export async function openPage(chromium: string, page: string): Promise<PageResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-page-'));
  try {
    const path = join(folder, 'verify.html');
    writeFileSync(path, page);
    // No sandbox: it needs rights that containers do not give, and the page is our own.
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${folder}/profile`];
    const { stdout } = await promisify(execFile)(chromium, [...flags, '--dump-dom', pathToFileURL(path).href], {
      timeout: 120_000,
      maxBuffer: 1 << 26,
    });
    const text = (id: string) => new RegExp(`id="${id}">([^<]*)<`).exec(stdout)?.[1] ?? '';
    return { verdict: text('verdict'), firstMs: Number(text('first-ms')), warmMs: Number(text('warm-ms')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
