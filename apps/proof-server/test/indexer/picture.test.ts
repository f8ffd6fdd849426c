/** A token's picture is accepted by its hash alone, whatever says it. */
import { join } from 'node:path';
import { aigcDataOf, bytesToHex, concatBytes, pictureOf } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { runDecoder } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { keccak256 } from 'viem';
import { expect, test } from 'vitest';
import { pictureFor } from '../../src/indexer/picture.ts';

const POSE = 31;
const NOTHING = new Uint8Array(32);

test.each(['nouns-s', 'strokes-rgb'])('%s: from the record, from the calldata, painted again, or not at all', async (name) => {
  const model = await loadModel(join(PROJECT, 'models', name));
  const latent = Uint8Array.from({ length: model.manifest.latent.length }, (_, i) => (i * 37) % 128);
  const run = runDecoder(model, latent);
  const aigcData = aigcDataOf(pictureOf(run));
  const imageHash = keccak256(concatBytes(aigcData, Uint8Array.of(POSE)));
  const rgb = run.image.length > 0;
  const picture = bytesToHex(rgb ? run.image : run.index);
  const asked = { rgb, pose: POSE, imageHash, kept: NOTHING, sent: undefined, latent, model: undefined };
  expect(pictureFor({ ...asked, kept: aigcData })).toBe(picture);
  expect(pictureFor({ ...asked, sent: bytesToHex(aigcData) })).toBe(picture);
  expect(pictureFor({ ...asked, model })).toBe(picture);
  expect(pictureFor({ ...asked, sent: bytesToHex(aigcData.with(5, 1)), model })).toBe(picture);
  expect(pictureFor(asked)).toBeUndefined();
  expect(pictureFor({ ...asked, model, pose: POSE + 1 })).toBeUndefined();
  expect(pictureFor({ ...asked, model, latent: latent.with(0, 3) })).toBeUndefined();
  // Records that claim this model's commitment, but are not of its shape.
  expect(pictureFor({ ...asked, model, latent: latent.slice(1) })).toBeUndefined();
  expect(pictureFor({ ...asked, model, latent: latent.with(0, 128) })).toBeUndefined();
});
