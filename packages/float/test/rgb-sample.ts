/** The sample decoder with an RGB head: the first three classes of its palette head, requantised. */
import type { Model } from '@pentimento/layers';
import { sampleModel } from '../src/sample.ts';

export function rgbSampleModel(): Model {
  const { manifest, weights: palette } = sampleModel();
  const weights = new Map(palette);
  weights.set('head.weight', { shape: [3, 4], data: palette.get('head.weight')?.data.slice(0, 12) as Int8Array });
  weights.set('head.bias', { shape: [3], data: palette.get('head.bias')?.data.slice(0, 3) as Int32Array });
  const head = { id: 'head', op: 'rgb', input: 'conv', shape: [3, 4, 4], weight: 'head.weight', bias: 'head.bias', shift: 7 } as const;
  return { manifest: { ...manifest, layers: [...manifest.layers.slice(0, -1), head] }, weights };
}
