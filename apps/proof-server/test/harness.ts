/** Real servers in processes of their own, on folders of their own, and requests to them. Keys and setups are the project's: making them is slow. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { home, PROJECT } from '@pentimento/core/node';

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const START_MS = 120_000;
export const MODEL = 'nouns-s';

export interface Proof {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly model: { readonly name: string; readonly commitment: string };
  readonly latent: string;
  readonly position: number | null;
  readonly phase: string | null;
  readonly progress: number;
  readonly etaMs: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null;
  readonly bundle: string | null;
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Standard error so far. */
  log(): string;
  /** Ids of the proving processes. */
  provers(): number[];
  /** Resolves to the exit code, or to null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function makeHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-proofs-'));
  for (const shared of ['keys', 'srs']) {
    mkdirSync(home(shared), { recursive: true });
    symlinkSync(home(shared), join(folder, shared));
  }
  return folder;
}

export const removeHome = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export function spawnServer(folder: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const settings = {
    PENTIMENTO_HOME: folder,
    PENTIMENTO_PROOF_PORT: '0',
    PENTIMENTO_RATE: '100000',
    PENTIMENTO_LOG: 'warn',
    PENTIMENTO_RPC: '',
    ...env,
  };
  return spawn(process.execPath, [PROGRAM], { env: { ...process.env, DATABASE_URL: '', ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Resolves when the server listens. */
export async function startServer(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawnServer(folder, env);
  const ended = once(child, 'exit');
  let log = '';
  child.stderr?.on('data', (data: Buffer) => {
    log += data;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let out = '';
    const late = setTimeout(() => reject(new Error(`the server does not listen: ${log}`)), START_MS);
    child.stdout?.on('data', (data: Buffer) => {
      out += data;
      const found = /^listening (\S+)$/m.exec(out)?.[1];
      if (found) resolve(found);
      if (found) clearTimeout(late);
    });
    void ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  const pid = child.pid as number;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await ended)[0] as number | null;
  };
  return { url, pid, end, log: () => log, provers: () => childrenOf(pid) };
}

/** Ids of the living processes that a process has started. */
export function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows.filter(([, ppid, stat]) => Number(ppid) === parent && !stat?.startsWith('Z')).map(([pid]) => Number(pid));
}

export const MANIFEST = JSON.parse(readFileSync(join(PROJECT, 'models', MODEL, 'manifest.json'), 'utf8')) as {
  readonly commitment: string;
  readonly latent: { readonly length: number };
};

/** A request whose latent begins with the digits of `seed`. */
export function submission(seed: number, changes: object = {}) {
  const bytes = Array.from({ length: MANIFEST.latent.length }, (_, i) => Math.floor(seed / 100 ** i) % 100);
  return {
    model: MODEL,
    latent: `0x${Buffer.from(bytes).toString('hex')}`,
    pose: 31,
    chainId: '31337',
    collection: '0x00000000000000000000000000000000000000c1',
    creator: '0x00000000000000000000000000000000000000c2',
    ...changes,
  };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export async function ask<T>(url: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

export function post<T>(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer<T>> {
  return ask<T>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function submit(server: Running, body: object, key?: string): Promise<Proof> {
  const { status, body: proof } = await post<Proof>(`${server.url}/v1/proofs`, body, key === undefined ? {} : { 'idempotency-key': key });
  if (status !== 202) throw new Error(`${status}: ${JSON.stringify(proof)}`);
  return proof;
}

export const proofOf = async (server: Running, id: string): Promise<Proof> => (await ask<Proof>(`${server.url}/v1/proofs/${id}`)).body;

export const TERMINAL = ['succeeded', 'failed', 'cancelled'];

/** The first state of the proof that `wanted` accepts. */
export async function until(server: Running, id: string, wanted: (proof: Proof) => boolean, limitMs = 60_000): Promise<Proof> {
  for (const deadline = Date.now() + limitMs; ; ) {
    const proof = await proofOf(server, id);
    if (wanted(proof)) return proof;
    if (Date.now() > deadline) throw new Error(`after ${limitMs} ms: ${JSON.stringify(proof)}; ${server.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const untilEnd = (server: Running, id: string, limitMs?: number): Promise<Proof> =>
  until(server, id, ({ status }) => TERMINAL.includes(status), limitMs);

export interface StreamedEvent {
  /** Absent where only the position in the queue has changed. */
  readonly id: number | undefined;
  readonly proof: Proof;
}

/** All events after `lastEventId` until the stream ends. */
export async function events(server: Running, id: string, lastEventId?: number): Promise<StreamedEvent[]> {
  const headers: HeadersInit = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
  const response = await fetch(`${server.url}/v1/proofs/${id}/events`, { headers });
  const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('event: proof'));
  return blocks.map((block) => {
    const found = /^id: (\d+)$/m.exec(block)?.[1];
    return { id: found === undefined ? undefined : Number(found), proof: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Proof };
  });
}
