/** Pictures and models for the tests of the style package. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const NOUNS_M = join(ROOT, 'models', 'nouns-m');

/** The committed models that have a style package. */
export const STYLED_MODELS: readonly string[] = readdirSync(join(ROOT, 'models')).filter((name) =>
  existsSync(join(ROOT, 'models', name, 'style.json')),
);

/** The picture `formula_picture` of `training/pentimento_training/style/vectors.py`: `[3, 64, 64]` in 0..1. */
export function formulaPicture([across, down, blocks]: readonly [number, number, number]): Float32Array {
  return Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => {
    const [channel, y, x] = [i >> 12, (i >> 6) & 63, i & 63];
    return ((across * x + down * (channel + 1) * y + blocks * (((x >> 4) ^ (y >> 4)) + channel)) & 255) / 255;
  });
}
