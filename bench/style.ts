/**
 * How long it takes from a photo to its latent and pose, on one thread: `node bench/style.ts` prints the median and the 95th percentile
 * of the wall clock, the CPU time, and the time to open the package, for every committed model with a style package and each of its dials.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStyle } from '../packages/style/src/index.ts';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const WARM_UP = 2;
const REPEATS = 20;

/** `photoToLatentMs.<model>.<dial>` is the median; `...P95` and `...CpuMs` go with it. All in milliseconds. */
export async function styleFigures(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const name of readdirSync(MODELS).filter((model) => existsSync(join(MODELS, model, 'style.json')))) {
    const [began, used] = [performance.now(), process.cpuUsage()];
    const styler = await openStyle(join(MODELS, name));
    const { user, system } = process.cpuUsage(used);
    figures[`styleOpenMs.${name}`] = round(performance.now() - began);
    figures[`styleOpenCpuMs.${name}`] = round((user + system) / 1000);
    for (const dial of styler.dials) {
      const { wall, cpu } = await measure((photo) => styler.style(photo, { dial }));
      figures[`photoToLatentMs.${name}.${dial}`] = round(quantile(wall, 0.5));
      figures[`photoToLatentP95Ms.${name}.${dial}`] = round(quantile(wall, 0.95));
      figures[`photoToLatentCpuMs.${name}.${dial}`] = round(quantile(cpu, 0.5));
    }
    await styler.release();
  }
  // The slower dial of the default model stands for the product.
  figures.photoToLatentMs = figures['photoToLatentMs.nouns-m.faithful'] as number;
  return figures;
}

async function measure(work: (photo: Float32Array) => Promise<unknown>): Promise<{ wall: number[]; cpu: number[] }> {
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (let i = 0; i < WARM_UP + REPEATS; i++) {
    const photo = picture(i);
    const [began, used] = [performance.now(), process.cpuUsage()];
    await work(photo);
    const { user, system } = process.cpuUsage(used);
    if (i < WARM_UP) continue;
    wall.push(performance.now() - began);
    cpu.push((user + system) / 1000);
  }
  return { wall, cpu };
}

/** Slopes and blocks that differ from picture to picture: `[3, 64, 64]` in 0..1. */
function picture(seed: number): Float32Array {
  return Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => {
    const [channel, y, x] = [i >> 12, (i >> 6) & 63, i & 63];
    return ((x * (seed % 5) + y * (channel + 1) * (seed % 3) + 40 * ((x >> 4) ^ (y >> 4)) + 13 * seed) & 255) / 255;
  });
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] as number;
const round = (value: number): number => Math.round(value * 10) / 10;

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${JSON.stringify(await styleFigures(), null, 2)}\n`);
