/** The direction rule of ARCHITECTURE.md, read from the manifests and the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const PACKAGES = resolve(import.meta.dirname, '..', '..');
/** What each package may import of the others; an app may import every package and no app. */
const ALLOWED: Record<string, readonly string[]> = {
  core: [],
  circuit: ['core'],
  layers: ['core', 'circuit'],
  verifier: ['core', 'circuit'],
  engine: ['core', 'circuit'],
  float: ['core', 'circuit', 'layers'],
  style: ['core', 'layers'],
  audit: ['core', 'circuit', 'layers'],
  pictures: ['core', 'layers'],
  serving: ['core', 'layers'],
  prover: ['core', 'circuit', 'layers', 'engine', 'verifier'],
  chain: ['core', 'circuit', 'layers', 'engine', 'verifier', 'contracts'],
};

const sourcesOf = (name: string) =>
  readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(PACKAGES, name, 'src', file));

const importsOf = (file: string) => [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] as string);

const own = (dependency: string) => /^@pentimento\/([a-z-]+)/.exec(dependency)?.[1];

it('covers every package', () => {
  expect(readdirSync(PACKAGES).sort()).toEqual(Object.keys(ALLOWED).sort());
});

describe.each(Object.entries(ALLOWED))('%s', (name, allowed) => {
  const manifest = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'));
  const declared = Object.keys(manifest.dependencies ?? {});

  it('declares only packages to its left', () => {
    expect(declared.flatMap((dependency) => own(dependency) ?? []).filter((dependency) => !allowed.includes(dependency))).toEqual([]);
  });

  it('imports only packages that it declares, and no file of another package', () => {
    const wrong = sourcesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          if (target.startsWith('.')) return relative(join(PACKAGES, name), resolve(file, '..', target)).startsWith('..');
          const dependency = own(target);
          return dependency !== undefined && !declared.includes(`@pentimento/${dependency}`);
        })
        .map((target) => `${relative(PACKAGES, file)} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

it('keeps Node out of what runs in browsers', () => {
  const files = [
    ...sourcesOf('core').filter((file) => !file.endsWith('/node.ts')),
    ...['reference', 'manifest', 'commitment', 'safetensors'].map((file) => join(PACKAGES, 'layers', 'src', `${file}.ts`)),
  ];
  expect(files.flatMap(importsOf).filter((target) => target.startsWith('node:'))).toEqual([]);
});
