/** The page with the verifier, in a real browser: it accepts the stored proof of preset M and refuses changed ones. */
import { expect, test } from 'vitest';
import { buildPage, bundleVerifier } from '../browser/build.ts';
import { findChromium, openPage } from '../browser/chromium.ts';
import { readVector } from './golden/vector.ts';

const vector = readVector('fast');
const chromium = findChromium();
if (chromium === undefined) console.log('not checked: no Chromium on the path, so the page is built but not opened (`apt-get install chromium`)');

const TAMPERED = {
  'a changed proof': { ...vector, proof: `${vector.proof.slice(0, -1)}${vector.proof.endsWith('0') ? '1' : '0'}` },
  'another creator': { ...vector, instances: vector.instances.map((column) => column.with(-1, `0x${'0'.repeat(63)}9`)) },
  'a proof that is too short': { ...vector, proof: vector.proof.slice(0, -2) },
};

test('the verifier and its dependencies are below 35 KB minified, without WebAssembly', async () => {
  const code = await bundleVerifier();
  expect(Buffer.byteLength(code)).toBeLessThan(35_000);
  expect(code).not.toMatch(/WebAssembly|node:/);
});

test.runIf(chromium)('the page says valid for the stored proof', async () => {
  const result = await openPage(chromium as string, await buildPage(vector));
  console.log(`Chromium: first ${result.firstMs} ms, warm ${result.warmMs} ms`);
  expect(result.verdict).toBe('valid');
});

for (const [what, changed] of Object.entries(TAMPERED)) {
  test.runIf(chromium)(`the page says invalid for ${what}`, async () => {
    expect((await openPage(chromium as string, await buildPage(changed))).verdict).toBe('invalid');
  });
}

test.runIf(chromium)('the page says in a sentence that a key is malformed', async () => {
  const { verdict } = await openPage(chromium as string, await buildPage({ ...vector, vk: { ...vector.vk, k: 'x' } }));
  expect(verdict).toMatch(/^error: Expected k as an integer in 1\.\.28, got/);
});
