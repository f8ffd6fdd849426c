/** A local Ethereum node (anvil) for tests and development: started on the loopback interface, ready when the call returns. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { BaseError } from '@pentimento/core';
import { endWithThisProcess } from '@pentimento/core/node';

export interface AnvilOptions {
  /** Default 31337. */
  readonly chainId?: number;
  /** Default: a free port. */
  readonly port?: number;
  /** Further command-line arguments. */
  readonly args?: readonly string[];
  /** Default 20 s. */
  readonly timeoutMs?: number;
  /** Open file for what the node says; default: nothing is kept. */
  readonly log?: number;
  /** In a process group of its own, which Ctrl-C in the terminal does not reach. */
  readonly detached?: boolean;
}

export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly chainId: number;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends this process and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

/** BaseError `verifier/port-busy`; `verifier/anvil-not-ready` when the node exits or does not answer in time. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const chainId = options.chainId ?? 31337;
  const port = options.port ?? (await freePort());
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--silent', ...(options.args ?? [])];
  if (!(await isFree(port))) {
    throw new BaseError({ code: 'verifier/port-busy', message: `Expected port ${port} to be free, but another program listens on it.` });
  }
  const said = options.log ?? 'ignore';
  const child = spawn(anvilBinary(), args, { stdio: ['ignore', said, said], detached: options.detached === true });
  endWithThisProcess(child);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async () => {
    process.removeListener('exit', kill);
    child.kill('SIGTERM');
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(url, chainId, child, options.timeoutMs ?? 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port, chainId, pid: child.pid as number, ended, stop };
}

/** Whether nothing listens on this loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The native executable of the installed `@foundry-rs/anvil`, so that the child's pid is the node's own. */
function anvilBinary(): string {
  const require = createRequire(import.meta.url);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const extension = process.platform === 'win32' ? '.exe' : '';
  const fromAnvil = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
  return fromAnvil.resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil${extension}`);
}

async function waitUntilReady(url: string, chainId: number, child: ChildProcess, timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline && child.exitCode === null && child.pid !== undefined; ) {
    if ((await askChainId(url)) === chainId && child.exitCode === null) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new BaseError({
    code: 'verifier/anvil-not-ready',
    message: `Expected anvil to answer at ${url} within ${timeoutMs} ms, got ${child.exitCode === null ? 'no answer' : `exit code ${child.exitCode}`}.`,
    retryable: true,
  });
}

async function askChainId(url: string): Promise<number | undefined> {
  try {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(2000) });
    return Number(((await response.json()) as { result?: string }).result);
  } catch {
    return undefined;
  }
}
