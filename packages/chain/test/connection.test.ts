/** What the connection reads of a chain is the chain as it is, not as it was a moment ago. */
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { createTestClient, http } from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../src/index.ts';

let anvil: Anvil;

beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil?.stop());

it('sees a block as soon as it is there', async () => {
  const { reader } = await connect(anvil.url);
  const node = createTestClient({ chain: foundry, mode: 'anvil', transport: http(anvil.url) });
  for (let block = 0n; block < 5n; block++) {
    expect(await reader.getBlockNumber()).toBe(block);
    await node.mine({ blocks: 1 });
  }
});
