/**
 * `npm run browser -w packages/verifier -- <input.json> <page.html>`: one page without any other file, which verifies the proof of the
 * input, a golden vector or any JSON with its `ir`, `vk`, `proof` and `instances`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const PAGE = new URL('verify.html', import.meta.url);
const PROGRAM = new URL('verify.ts', import.meta.url);
const VERIFIER = new URL('../src/index.ts', import.meta.url);

/** What a page embeds. */
export interface PageInput {
  readonly ir: unknown;
  readonly vk: unknown;
  readonly proof: string;
  readonly instances: unknown;
}

/** Minified ES module of a source and everything that it imports. */
async function bundle(entry: URL): Promise<string> {
  const build = await rolldown({ input: fileURLToPath(entry), platform: 'browser', treeshake: true, logLevel: 'warn' });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  if (output.length !== 1) throw new RangeError(`Expected one file for the page, got ${output.length}.`);
  return output[0].code;
}

/** Minified module of the verifier with its dependencies: its size in bytes is the figure `verifierJsBytes`. */
export async function bundleVerifier(): Promise<string> {
  return bundle(VERIFIER);
}

export async function buildPage({ ir, vk, proof, instances }: PageInput): Promise<string> {
  const program = (await bundle(PROGRAM)).replaceAll('</script', '<\\/script');
  const input = JSON.stringify({ ir, vk, proof, instances }).replaceAll('<', '\\u003c');
  return readFileSync(PAGE, 'utf8')
    .replace('"__INPUT__"', () => input)
    .replace('__PROGRAM__;', () => program);
}

if (import.meta.main) {
  const [input, page] = process.argv.slice(2);
  if (input === undefined || page === undefined) throw new Error('Expected an input file and the path of the page.');
  writeFileSync(page, await buildPage(JSON.parse(readFileSync(input, 'utf8')) as PageInput));
}
