/** A key is worth what its points say, not what its name says; and the ceremonies are the engine's. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CEREMONIES, setupOf, type VkDescriptor } from '../src/index.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { vk } = JSON.parse(read('vectors/verifier-m.json')) as { vk: VkDescriptor };
const [name, sG2] = Object.entries(CEREMONIES)[0] as [string, VkDescriptor['sG2']];

it('knows a ceremony by its power, whatever it is called', () => {
  expect(setupOf({ ...vk, sG2 })).toEqual({ name, insecure: false });
  expect(setupOf({ ...vk, sG2, srs: { name: 'mine', insecure: true } })).toEqual({ name, insecure: false });
});

it('takes no other setup for a ceremony, whatever it is called', () => {
  expect(setupOf(vk)).toEqual({ name: 'insecure-development', insecure: true });
  expect(setupOf({ ...vk, srs: { name, insecure: false } })).toEqual({ name: 'unrecognised', insecure: true });
  expect(setupOf({ ...vk, srs: { name, insecure: true } })).toEqual({ name: 'unrecognised', insecure: true });
  expect(setupOf({ ...vk, srs: { name: 'mine', insecure: false } })).toEqual({ name: 'unrecognised', insecure: true });
});

it("takes a ceremony's power over another generator for no ceremony", () => {
  expect(setupOf({ ...vk, g2: sG2, sG2 })).toMatchObject({ insecure: true });
});

it('has the ceremonies of the engine', () => {
  const engine = read('packages/engine/rust/srs_ceremonies.rs');
  const found = [...engine.matchAll(/"(0x[0-9a-f]{64}|[a-z-]+-\d{4})"/g)].map(([, value]) => value);
  expect(found).toEqual(Object.entries(CEREMONIES).flatMap(([ceremony, power]) => [ceremony, ...power.flat()]));
});
