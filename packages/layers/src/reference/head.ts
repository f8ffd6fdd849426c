/** Heads: palette indices by argmax, and RGB channel values. */
import { type Ints, requantise } from './linear.ts';

export interface HeadInput {
  /** `[I, H, W]`, 0..127. */
  readonly input: Ints;
  /** `[K, I]`, int8. */
  readonly weight: Ints;
  /** `[K]`, int32; its length is the number of colours or channels. */
  readonly bias: Ints;
}

/** Logits `[K, H, W]` of the 1x1 convolution, and per pixel the smallest colour whose logit is maximal, `[H, W]`. */
export function paletteHead(head: HeadInput): { logits: Int32Array; index: Uint8Array<ArrayBuffer> } {
  const logits = pointwise(head);
  return { logits, index: firstMaximum(logits, logits.length / head.bias.length) };
}

/** The 1x1 convolution with requantisation: `[3, H, W]`, 0..127. */
export function rgbHead(head: HeadInput & { readonly shift: number }): Int32Array {
  return requantise(pointwise(head), { shifts: [head.shift] });
}

function pointwise({ input, weight, bias }: HeadInput): Int32Array {
  const channels = weight.length / bias.length;
  const plane = input.length / channels;
  const out = new Int32Array(bias.length * plane);
  for (let k = 0; k < bias.length; k++) {
    const row = out.subarray(k * plane, (k + 1) * plane).fill(bias[k] as number);
    for (let c = 0; c < channels; c++) addScaled(row, input.subarray(c * plane), weight[k * channels + c] as number);
  }
  return out;
}

function addScaled(acc: Int32Array, values: Ints, factor: number): void {
  for (let i = 0; i < acc.length; i++) (acc[i] as number) += factor * (values[i] as number);
}

/** Per position of `[K, plane]` the smallest `k` whose value is maximal. */
function firstMaximum(logits: Int32Array, plane: number): Uint8Array<ArrayBuffer> {
  const best = logits.slice(0, plane);
  const index = new Uint8Array(plane);
  for (let at = plane; at < logits.length; at++) {
    const pixel = at % plane;
    if ((logits[at] as number) > (best[pixel] as number)) {
      best[pixel] = logits[at] as number;
      index[pixel] = Math.floor(at / plane);
    }
  }
  return index;
}
