/** The first tokens of a collection, so that its gallery is not empty: really styled, proven and minted, from pictures that come with the project. */
import { join } from 'node:path';
import { showCollection } from '@pentimento/chain';
import { PROJECT } from '@pentimento/core/node';
import type { Output } from '../output.ts';
import type { Platform, Wanted } from './platform.ts';
import { isMinted, mintProven, proveClaimed, style } from './token.ts';

/** One seed for all: the pictures differ. */
const SEED = 1;
const EXAMPLES = ['sample.png', 'portrait.png', 'lake.png'] as const;

/** Mints the examples that are missing; a collection that has as many tokens is left alone. Returns how many were minted. */
export async function seedCollection(platform: Platform, wanted: Wanted, output: Output): Promise<number> {
  const { minted } = await showCollection(platform.connection, platform.deployment.collection);
  if (minted >= EXAMPLES.length) return 0;
  let count = 0;
  for (const [i, file] of EXAMPLES.entries()) {
    const styled = await style(platform, wanted, join(PROJECT, 'examples', file), SEED);
    if (await isMinted(platform, styled.tokenId)) continue;
    output.progress(`Proving and minting example ${i + 1} of ${EXAMPLES.length}`);
    const { bundle } = await proveClaimed(platform, wanted, styled, output);
    await mintProven(platform, bundle);
    count++;
  }
  return count;
}
