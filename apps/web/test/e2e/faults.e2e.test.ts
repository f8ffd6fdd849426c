/** Parts of the platform that die under a visitor's hands: the page says so, loses nothing, and goes on when they are back. */
import { describe, expect, it } from 'vitest';
import { pixelsOf } from './browser.ts';
import { claim, connect, directions, EASEL, keptMint, mint, notice, offer, openStepper, paint, painted, receipt, step } from './journey.ts';
import { startParts } from './platform.ts';
import { hold, PATIENCE_MS } from './processes.ts';
import { HAS_BROWSER, LIMIT_MS, setStage } from './stage.ts';

describe.runIf(HAS_BROWSER)('when a part dies', { timeout: LIMIT_MS }, () => {
  const stage = setStage(startParts);

  it('mints although the proof server was killed in the middle of the proof', async () => {
    const { page } = await stage.visit(1);
    await paint(page, { sample: 'Cat', at: [1, 0] });
    await openStepper(page);
    await connect(page);
    const prover = await hold(stage.platform.provers);
    await claim(page);
    await (await step(page, 'Prove')).getByRole('progressbar', { name: 'Progress of the proof' }).waitFor();
    const before = await keptMint(page);
    await stage.platform.parts.proofServer.end('SIGKILL');
    prover.release();
    await notice(page, 'Proof server not heard').waitFor();
    await expect.poll(prover.areGone, { timeout: PATIENCE_MS }).toBe(true);
    expect(await keptMint(page)).toEqual(before);
    await stage.platform.parts.proofServer.start();
    await mint(page);
    expect(await keptMint(page)).toMatchObject({ proofId: before.proofId, salt: before.salt });
  });

  it('mints although the chain was gone when it was to be signed', async () => {
    const { page } = await stage.visit(2);
    await paint(page, { sample: 'Lake', at: [-1, 0] });
    await openStepper(page);
    await connect(page);
    await claim(page);
    const button = await offer(page);
    await stage.platform.parts.chain.end();
    await button.click();
    await notice(page, 'Not minted').getByText('The chain cannot be reached. Your work is kept; try again in a moment.').waitFor();
    await stage.platform.parts.chain.start();
    await notice(page, 'Not minted').getByRole('button', { name: 'Try again' }).click();
    await (await offer(page)).click();
    await receipt(page);
  });

  it('goes on painting in the browser without the model server, and searches again when it is back', async () => {
    const { page } = await stage.visit();
    await paint(page, { sample: 'Fruit', at: [2, 0] });
    const slider = (await directions(page)).first();
    const found = await pixelsOf(page, EASEL);
    await stage.platform.parts.modelServer.end('SIGKILL');
    await slider.press('End');
    await expect.poll(() => pixelsOf(page, EASEL), { timeout: PATIENCE_MS }).not.toBe(found);
    await page.getByRole('button', { name: 'New seed' }).click();
    await notice(page, 'Not painted').getByText('Expected the model server at ').waitFor();
    await stage.platform.parts.modelServer.start();
    await notice(page, 'Not painted').getByRole('button', { name: 'Try again' }).click();
    await notice(page, 'Not painted').waitFor({ state: 'detached' });
    await painted(page);
  });

  it('keeps the claim while no proof can be asked for, and shows the collections when the indexer is back', async () => {
    const { page, context } = await stage.visit(3);
    await paint(page, { sample: 'Portrait', at: [-2, 0] });
    await openStepper(page);
    await connect(page);
    await step(page, 'Claim');
    await stage.platform.parts.proofServer.end('SIGKILL');
    await claim(page);
    await notice(page, 'Proof not started').getByText('Expected the proof server at ').waitFor();
    const { salt } = await keptMint(page);
    const gallery = await context.newPage();
    await gallery.goto(`/collection/${stage.platform.collection}`);
    await notice(gallery, 'Collection not loaded').waitFor();
    await stage.platform.parts.proofServer.start();
    await notice(gallery, 'Collection not loaded').getByRole('button', { name: 'Try again' }).click();
    await gallery.getByRole('heading', { level: 1, name: 'Parts' }).waitFor();
    await notice(page, 'Proof not started').getByRole('button', { name: 'Try again' }).click();
    await mint(page);
    expect((await keptMint(page)).salt).toBe(salt);
    await gallery
      .getByRole('img', { name: /^Painting / })
      .first()
      .waitFor();
  });
});
