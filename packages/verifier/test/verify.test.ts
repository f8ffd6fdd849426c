import { expect, test } from 'vitest';
import { deriveChallenges, prepare, verifyProof } from '../src/index.ts';
import { FIXTURES, loadFixture, rejections } from './fixtures.ts';

for (const name of FIXTURES) {
  const fixture = loadFixture(name);
  const prepared = prepare(fixture.ir, fixture.vk);

  test(`${name}: accepts the proof`, () => {
    expect(verifyProof(prepared, fixture.proof, fixture.instances)).toBe(true);
    const start = performance.now();
    for (let i = 0; i < 5; i++) verifyProof(prepared, fixture.proof, fixture.instances);
    console.log(`${name}: proof ${fixture.proof.length} bytes, verified in ${((performance.now() - start) / 5).toFixed(1)} ms`);
  });

  test(`${name}: draws the challenges of the prover`, () => {
    const challenges = deriveChallenges(prepared.plan, prepared.transcriptRepr, fixture.proof, fixture.instances);
    expect([...challenges.values()]).toEqual(fixture.challenges);
  });

  test(`${name}: refuses every changed proof`, { timeout: 120_000 }, () => {
    const accepted = rejections(fixture).filter(({ proof, instances }) => verifyProof(prepared, proof, instances));
    expect(accepted.map((rejection) => rejection.name)).toEqual([]);
  });
}

test('refuses a proof of another key of the same shape', () => {
  const fixture = loadFixture('toy3');
  const other = prepare(fixture.ir, { ...fixture.vk, transcriptRepr: fixture.vk.omega });
  expect(verifyProof(other, fixture.proof, fixture.instances)).toBe(false);
});

test('refuses a proof whose evaluations are read in another order', () => {
  const { ir, vk, proof, instances } = loadFixture('toy3');
  expect(verifyProof(prepare(ir, { ...vk, adviceQueries: vk.adviceQueries.toReversed() }), proof, instances)).toBe(false);
});

test('refuses instances of the wrong type', () => {
  const fixture = loadFixture('toy3');
  const prepared = prepare(fixture.ir, fixture.vk);
  const wrong: unknown[] = [[], [[]], undefined, [undefined], [[3, 6]], [['3', '6']], [[-3n, 6n]], [...fixture.instances, []]];
  for (const instances of wrong) expect(verifyProof(prepared, fixture.proof, instances as bigint[][])).toBe(false);
  expect(verifyProof(prepared, 'proof' as unknown as Uint8Array, fixture.instances)).toBe(false);
});
