/** A real local chain for one test file: anvil on a free loopback port, stopped by its own process handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTestClient, http, publicActions, walletActions } from 'viem';
import { foundry } from 'viem/chains';

const binary = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url));

function listeningPort(process: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    process.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (match) resolve(Number(match[1]));
    });
    process.on('error', reject);
    process.on('exit', (code) => reject(new Error(`anvil ended with code ${code} before it listened: ${text}`)));
  });
}

function clientAt(port: number) {
  return createTestClient({ mode: 'anvil', chain: foundry, transport: http(`http://127.0.0.1:${port}`, { timeout: 60_000 }), pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);
}

export interface Anvil {
  readonly client: ReturnType<typeof clientAt>;
  stop(): Promise<void>;
}

/** The gas cap of one transaction, 2^24 (EIP-7825): what passes here fits a transaction of a real chain too. */
const GAS_LIMIT = '16777216';

export async function startAnvil(): Promise<Anvil> {
  const child = spawn(binary, ['--host', '127.0.0.1', '--port', '0', '--gas-limit', GAS_LIMIT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await listeningPort(child);
  const stop = () =>
    new Promise<void>((resolve) => {
      child.removeAllListeners('exit');
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { client: clientAt(port), stop };
}
