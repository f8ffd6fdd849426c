/** The answers of Python for the same pictures: `vectors/style`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPose } from '@pentimento/core';
import { runDecoder } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStyle, type Styler } from '../src/index.ts';
import { formulaPicture, ROOT, STYLED_MODELS } from './style-fixtures.ts';

interface Case {
  readonly picture: readonly [number, number, number];
  readonly dial: string;
  readonly latent: readonly number[];
  readonly pose: number;
  readonly loss: number;
}

/**
 * Two builds of ONNX Runtime sum in different orders, and a sign of a vanishing gradient may then differ: a few latent elements may be
 * another integer, never the pose, and the picture must be nearly the same.
 */
const LOSS_TOLERANCE = 2e-3;
const SHARE_OF_EQUAL_PIXELS = 0.98;
const CHANNEL_TOLERANCE = 4;

it('at least model M has a style package', () => expect(STYLED_MODELS).toContain('nouns-m'));

describe.each(STYLED_MODELS)('%s', (name) => {
  const folder = join(ROOT, 'models', name);
  const { cases } = JSON.parse(readFileSync(join(ROOT, 'vectors', 'style', `${name}.json`), 'utf8')) as { cases: readonly Case[] };
  let styler: Styler;
  beforeAll(async () => {
    styler = await openStyle(folder);
  });
  afterAll(() => styler.release());

  it.each(cases)('picture $picture, $dial', async ({ picture, dial, latent, pose, loss }) => {
    const model = await loadModel(folder);
    const styled = await styler.style(formulaPicture(picture), { dial });
    expect(styled.pose).toBe(pose);
    expect(Math.abs(styled.loss - loss)).toBeLessThan(LOSS_TOLERANCE);
    const pixels = (z: Uint8Array) => {
      const { index, image } = runDecoder(model, z);
      return index.length > 0 ? applyPose(index, model.manifest.image.width, pose) : image;
    };
    const [ours, theirs] = [pixels(styled.latent), pixels(Uint8Array.from(latent))];
    const tolerance = model.manifest.palette.length > 0 ? 0 : CHANNEL_TOLERANCE;
    const equal = ours.filter((value, i) => Math.abs(value - (theirs[i] as number)) <= tolerance).length;
    expect(equal / ours.length).toBeGreaterThanOrEqual(SHARE_OF_EQUAL_PIXELS);
  });
});
