/** A painting as people see it: posed, in colours, as a PNG. */
import { applyPose, applyRgbPose, displayValue } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { encodePng, encodeRgbPng } from './photo.ts';

export interface Painting {
  /** `[H, W]` palette indices before the pose; empty with an RGB head. */
  readonly index: Uint8Array;
  /** `[3, H, W]` channel values 0..127 before the pose; empty with a palette head. */
  readonly image: Uint8Array;
  readonly pose: number;
}

/** How many pixels of the PNG one displayed pixel is wide. */
const MAGNIFICATION = 8;

export function paintingPng(model: Model, { index, image, pose }: Painting): Promise<Buffer> {
  const { width, scale } = model.manifest.image;
  if (index.length > 0) return encodePng(applyPose(index, width, pose), width, model.manifest.palette, MAGNIFICATION * scale);
  return encodeRgbPng(applyRgbPose(image, width, pose).map(displayValue), width, MAGNIFICATION * scale);
}
