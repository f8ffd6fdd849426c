/** The page on adding a layer quotes the code as it is, and the model of all layers has every operation and activation of the format. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../src/activation.ts';
import { assertLayers } from '../src/layer-check.ts';
import { everyLayer } from './zoo.ts';

const ROOT = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('book/adding-a-layer.md', ROOT), 'utf8');

/** Each block of code, with the last file that was named before it. */
const quotes = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => {
  const files = [...page.slice(0, match.index).matchAll(/`(packages\/[\w/-]+\.ts)`/g)];
  return { file: files.at(-1)?.[1] as string, code: match[1] as string };
});

describe('book/adding-a-layer.md', () => {
  it('has code to show', () => {
    expect(quotes.length).toBeGreaterThanOrEqual(7);
  });

  it.each(quotes)('quotes $file', ({ file, code }) => {
    expect(readFileSync(new URL(file, ROOT), 'utf8')).toContain(code);
  });
});

describe('the model of all layers', () => {
  const layers = [...everyLayer('rgb'), ...everyLayer('paletteArgmax')];

  it('has every operation', () => {
    const listed = /to be one of ([\w, ]+), got/.exec(refusalOf('nothing'))?.[1]?.split(', ');
    expect([...new Set(layers.map(({ op }) => op))].sort()).toEqual(listed?.sort());
  });

  it('has every activation', () => {
    const used = layers.map((layer) => ('activation' in layer ? layer.activation : undefined) ?? 'clamp');
    expect([...new Set(used)].sort()).toEqual([...ACTIVATIONS].sort());
  });
});

/** What the format says about an operation that it does not have. */
function refusalOf(op: string): string {
  try {
    assertLayers([{ id: 'a', op, input: 'latent', shape: [1] }], 1);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
