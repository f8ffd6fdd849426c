/**
 * `node bench/verifier.ts`: what verifying a proof of preset M costs, on the golden vectors (`npm run vectors -w packages/verifier` makes
 * them anew). Times are medians of warm runs; bytes are those of packages/verifier/test/snapshots.json, which the tests check.
 * The gas of a whole transaction comes with the part `circuit`.
 */
import { readFileSync } from 'node:fs';
import { verifyNative } from '../packages/engine/src/index.ts';
import { buildPage, bundleVerifier } from '../packages/verifier/browser/build.ts';
import { findChromium, openPage } from '../packages/verifier/browser/chromium.ts';
import { prepare, verifyProof } from '../packages/verifier/src/index.ts';
import { readSnapshots } from '../packages/verifier/test/golden/snapshot.ts';
import { inputOf, readVector } from '../packages/verifier/test/golden/vector.ts';
import { ROOT } from './record.ts';

const [WARM_UP, RUNS] = [10, 15];

export async function verifierFigures(): Promise<Record<string, number>> {
  const { fast, gas } = readSnapshots();
  return {
    ...(await times()),
    verifierJsBytes: Buffer.byteLength(await bundleVerifier()),
    'verifierBytes.fast': fast.verifierBytes,
    'verifierBytes.gas': gas.verifierBytes,
    ...recorded('packages/verifier/mutants.json'),
    ...recorded('bench/verifier-fuzz.json'),
  };
}

async function times(): Promise<Record<string, number>> {
  const vector = readVector('fast');
  const input = inputOf(vector);
  const prepared = prepare(input.ir, input.vk);
  const figures: Record<string, number> = {
    'verifyMs.ts.M': medianMs(() => verifyProof(prepared, input.proof, input.instances)),
    'verifyMs.native.M': medianMs(() => verifyNative(input)),
  };
  const chromium = findChromium();
  if (chromium === undefined) {
    process.stderr.write('verifyMs.chromium.M is not measured: there is no Chromium on the path\n');
    return figures;
  }
  const { verdict, warmMs } = await openPage(chromium, await buildPage(vector));
  if (verdict !== 'valid') throw new Error(`Expected the page to accept the golden vector, got ${verdict}.`);
  return { ...figures, 'verifyMs.chromium.M': warmMs };
}

function medianMs(verify: () => boolean): number {
  const durations = Array.from({ length: WARM_UP + RUNS }, () => {
    const start = performance.now();
    if (!verify()) throw new Error('Expected the golden vector to be valid.');
    return performance.now() - start;
  });
  return durations.slice(WARM_UP).sort((a, b) => a - b)[RUNS >> 1] as number;
}

/** The figures of a long run, from its record. */
function recorded(path: string): Record<string, number> {
  return (JSON.parse(readFileSync(`${ROOT}${path}`, 'utf8')) as { figures: Record<string, number> }).figures;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await verifierFigures(), null, 2)}\n`);
