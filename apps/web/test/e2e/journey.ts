/** The ways of a visitor through the pages, by what a visitor has: roles, names and texts. */
import type { Locator, Page } from 'playwright-core';
import { WALLET_NAME } from './wallet.ts';

export interface Painting {
  readonly sample: 'Cat' | 'Portrait' | 'Lake' | 'Fruit';
  /** Left to right and up to down, -4..4 and -3..3: in another place it is another painting, whatever the search finds. */
  readonly at: readonly [number, number];
  /** Address of a collection; default: what the page proposes. */
  readonly collection?: string;
}

/** Than that of the tokens that a start mints. */
const OTHER_SEED = '2';

export const EASEL = 'Your painting';
const mintButton = (page: Page): Locator => page.getByRole('button', { name: 'Mint this painting' });

/** Opens the style page and paints a bundled sample; resolves when the search is over. */
export async function paint(page: Page, { sample, at: [x, y], collection }: Painting): Promise<void> {
  await page.goto('/');
  await page.getByRole('spinbutton', { name: 'Seed' }).fill(OTHER_SEED);
  if (collection !== undefined) await page.getByRole('combobox', { name: 'Collection' }).selectOption(collection);
  await page.getByRole('button', { name: `Sample: ${sample}` }).click();
  await painted(page);
  await page.getByRole('slider', { name: 'Left to right' }).fill(String(x));
  await page.getByRole('slider', { name: 'Up to down' }).fill(String(y));
}

/** When the search is over: the painting can be minted. */
export async function painted(page: Page): Promise<void> {
  await mintButton(page).click({ trial: true });
}

/** Sliders of the directions, when they have been found. */
export async function directions(page: Page): Promise<Locator> {
  await page.getByText('Bright pixels show where a slider paints.').waitFor();
  return page.getByRole('group', { name: 'Rework' }).getByRole('slider', { name: /^\d\. / });
}

export async function openStepper(page: Page): Promise<void> {
  await mintButton(page).click();
  await page.getByRole('heading', { level: 1, name: 'Mint your painting' }).waitFor();
}

type Step = 'Connect a wallet' | 'Choose the network' | 'Claim' | 'Prove' | 'Verify' | 'Mint' | 'Receipt';

/** The present step, when it is this one. */
export async function step(page: Page, name: Step): Promise<Locator> {
  const present = page.locator('li[aria-current="step"]').filter({ has: page.getByRole('heading', { name, exact: true }) });
  await present.waitFor();
  return present;
}

export async function connect(page: Page): Promise<void> {
  await (await step(page, 'Connect a wallet')).getByRole('button', { name: WALLET_NAME }).click();
}

export async function claim(page: Page): Promise<void> {
  await (await step(page, 'Claim')).getByRole('button', { name: 'Claim this painting' }).click();
}

/** Waits for proof, check and the claim's age; the button that asks for the signature. */
export async function offer(page: Page): Promise<Locator> {
  const button = (await step(page, 'Mint')).getByRole('button', { name: /^Mint for / });
  await button.click({ trial: true });
  return button;
}

export async function mint(page: Page): Promise<void> {
  await (await offer(page)).click();
  await receipt(page);
}

export async function receipt(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'It hangs' }).waitFor();
}

/** From the style page to the receipt. */
export async function mintThrough(page: Page, painting: Painting): Promise<void> {
  await paint(page, painting);
  await mintPainted(page);
}

/** From the painting to the receipt. */
export async function mintPainted(page: Page): Promise<void> {
  await openStepper(page);
  await connect(page);
  await claim(page);
  await mint(page);
}

/** What this browser keeps of the mint on the page. */
export interface KeptMint {
  readonly proofId: string | null;
  readonly salt: string | null;
  readonly bundle: object | null;
  readonly receipt: object | null;
}

export function keptMint(page: Page): Promise<KeptMint> {
  return page.evaluate(() => {
    const token = new URL(location.href).searchParams.get('token')?.replaceAll('"', '');
    const key = Object.keys(localStorage).find((name) => name.startsWith('pentimento.mint.') && name.endsWith(`.${token}`));
    return JSON.parse(localStorage.getItem(key ?? '') ?? 'null');
  });
}

/** A notice with this title, whether it is announced at once or politely. */
export const notice = (page: Page, title: string): Locator =>
  page.locator('[role=status], [role=alert]').filter({ has: page.getByText(title, { exact: true }) });

/** The token's number on its page. */
export async function tokenNumber(page: Page): Promise<number> {
  const heading = page.getByRole('heading', { level: 1, name: /^No\. \d+$/ });
  return Number((await heading.textContent())?.replace('No. ', ''));
}
