/** A real local chain for one test file: anvil on a free loopback port, stopped by its own process handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTestClient, http, publicActions, walletActions } from 'viem';
import { foundry } from 'viem/chains';
import { Recorder } from './lines/recorder.ts';

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

function clientAt(port: number, recorder: Recorder | undefined) {
  const plain = http(`http://127.0.0.1:${port}`, { timeout: recorder ? 600_000 : 60_000 });
  return createTestClient({ mode: 'anvil', chain: foundry, transport: recorder?.transport(plain) ?? plain, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);
}

export interface Anvil {
  readonly client: ReturnType<typeof clientAt>;
  stop(): Promise<void>;
}

/** The gas cap of one transaction, 2^24 (EIP-7825): what passes here fits a transaction of a real chain too. */
const GAS_LIMIT = '16777216';

/** Unoptimised code, of which the line coverage is taken, is over the limits of a chain. */
const FOR_UNOPTIMISED = ['--disable-code-size-limit', '--gas-limit', '100000000'];

/** With `PENTIMENTO_LINES` everything that runs is recorded into that folder (lines/recorder.ts). */
export async function startAnvil(): Promise<Anvil> {
  const folder = process.env.PENTIMENTO_LINES;
  const recorder = folder === undefined ? undefined : new Recorder();
  const limits = recorder ? FOR_UNOPTIMISED : ['--gas-limit', GAS_LIMIT];
  const child = spawn(binary, ['--host', '127.0.0.1', '--port', '0', ...limits], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await listeningPort(child);
  const stop = () =>
    new Promise<void>((resolve) => {
      if (folder !== undefined) recorder?.write(folder);
      child.removeAllListeners('exit');
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { client: clientAt(port, recorder), stop };
}
