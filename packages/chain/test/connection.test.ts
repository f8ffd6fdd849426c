/** What the connection reads of a chain is the chain as it is, not as it was a moment ago; and what a failure to read says of the chain. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hex } from '@pentimento/core';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { createPublicClient, createTestClient, http } from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, failedOnChain } from '../src/index.ts';

let anvil: Anvil;

beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil?.stop());

const nodeOf = () => createTestClient({ chain: foundry, mode: 'anvil', transport: http(anvil.url) });

it('sees a block as soon as it is there', async () => {
  const { reader } = await connect(anvil.url);
  const node = nodeOf();
  for (let block = 0n; block < 5n; block++) {
    expect(await reader.getBlockNumber()).toBe(block);
    await node.mine({ blocks: 1 });
  }
});

describe('reading a contract fails', () => {
  const address = `0x${'c0'.repeat(20)}` as const;
  const abi = [{ type: 'function', name: 'registry', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'address' }] }] as const;
  /** What the failure says. */
  const failure = async (url: string): Promise<boolean> => {
    const client = createPublicClient({ transport: http(url, { retryCount: 0, timeout: 1_000 }) });
    const error = await client.readContract({ address, abi, functionName: 'registry' }).then(
      (found) => new Error(`read ${found}`),
      (cause: unknown) => cause,
    );
    return failedOnChain(error);
  };

  it.each<readonly [string, Hex]>([
    ['nothing is there', '0x'],
    ['it reverts', '0x5f5ffd'],
    ['it answers nothing', '0x00'],
    ['it answers less than an address', '0x60015ff3'],
  ])('by the chain: %s', async (_name, bytecode) => {
    await nodeOf().setCode({ address, bytecode });
    expect(await failure(anvil.url)).toBe(true);
  });

  it.each<readonly [string, number, object]>([
    ['an internal error', 200, { error: { code: -32603, message: 'header not found' } }],
    ['too many requests', 200, { error: { code: -32005, message: 'limit exceeded' } }],
    ['an error of HTTP', 502, {}],
  ])('by the node: %s', async (_name, status, answer) => {
    const server = createServer((request, response) => {
      request
        .resume()
        .once('end', () =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 1, jsonrpc: '2.0', ...answer })),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await failure(`http://127.0.0.1:${port}`)).toBe(false);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(`http://127.0.0.1:${port}`)).toBe(false);
  });
});
