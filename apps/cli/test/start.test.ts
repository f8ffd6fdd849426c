/** `start` as a user has it: up, Ctrl-C, up again with the same tokens; a part that dies; a file of the chain's state that is broken. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { home } from '@pentimento/core/node';
import { freePort, isFree } from '@pentimento/verifier/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LIMIT_MS = 90_000;

interface Facts {
  readonly url: string;
  readonly rpcUrl: string;
  readonly modelServer: string;
  readonly proofServer: string;
  readonly collection: string;
  readonly seeded: number;
}

interface Tokens {
  readonly total: number;
  readonly items: readonly { readonly tokenId: string; readonly picture: string; readonly transaction: string; readonly verified: boolean }[];
}

let folder: string;
let ports: number[];
let running: Started | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-start-'));
  // Making keys and setups is not the subject here.
  for (const shared of ['keys', 'srs']) {
    await mkdir(home(shared), { recursive: true });
    await symlink(home(shared), join(folder, shared));
  }
  ports = await fourPorts();
});

// A test that failed leaves nothing to the next one.
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  await untilFree();
});

afterAll(() => rm(folder, { recursive: true }));

/** Free ones; the model server's gRPC takes the one after its own. */
async function fourPorts(): Promise<number[]> {
  for (;;) {
    const found = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    if (new Set([...found, (found[1] as number) + 1]).size === 5 && (await isFree((found[1] as number) + 1))) return found;
  }
}

interface Started {
  readonly child: ChildProcess;
  /** Standard error so far. */
  err(): string;
  /** Resolves to the exit status. */
  readonly ended: Promise<number | null>;
  /** Resolves when everything is up. */
  ready(): Promise<Facts>;
}

function start(): Started {
  const [port, modelPort, proofPort, webPort] = ports.map(String) as [string, string, string, string];
  const args = ['--port', port, '--model-port', modelPort, '--proof-port', proofPort, '--web-port', webPort, '--model', 'nouns-s', '--json'];
  const child = spawn(process.execPath, [MAIN, 'start', ...args], {
    cwd: tmpdir(),
    env: { ...process.env, PENTIMENTO_HOME: folder, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data;
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data;
  });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const ready = async () => {
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline && child.exitCode === null; await sleep(50)) {
      if (out.includes('\n')) return JSON.parse(out) as Facts;
    }
    throw new Error(`not up: ${err}`);
  };
  running = { child, err: () => err, ended, ready };
  return running;
}

const tokensOf = async ({ proofServer, collection }: Facts): Promise<Tokens> =>
  (await (await fetch(`${proofServer}/v1/collections/${collection}/tokens`)).json()) as Tokens;

function childOf(parent: number | undefined, program: string): number {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args=']).toString().split('\n');
  const found = processes.map((line) => line.trim().split(/\s+/)).find(([, ppid, path = '']) => ppid === String(parent) && path.includes(program));
  return Number(found?.[0]);
}

const allFree = async () => (await Promise.all(ports.map(isFree))).every(Boolean);

/** Whether they were free within some seconds: what is killed takes its children with it, but not in the same instant. */
async function untilFree(): Promise<boolean> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(100)) if (await allFree()) return true;
  return false;
}

it('comes up with proven tokens, ends at Ctrl-C with nothing left over, and goes on with the same tokens', async () => {
  const first = start();
  const facts = await first.ready();
  expect(facts.seeded).toBe(3);
  const tokens = await tokensOf(facts);
  expect(tokens.total).toBe(3);
  expect(tokens.items.every(({ verified, picture }) => verified && picture.length === 2 + 2 * 1024)).toBe(true);
  expect(new Set(tokens.items.map(({ picture }) => picture)).size).toBe(3);
  expect(await (await fetch(facts.url)).text()).toContain('<div id="root"');
  expect(await (await fetch(`${facts.url}/config.json`)).json()).toMatchObject({ proofServer: facts.proofServer, chain: { rpcUrl: facts.rpcUrl } });
  const other = start();
  expect([await other.ended, other.err()]).toEqual([3, expect.stringContaining('Expected port')]);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(await allFree()).toBe(true);

  const second = start();
  expect(await tokensOf(await second.ready())).toEqual(tokens);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  // A kill in the middle of a write: the copy of the last start has the same tokens.
  const state = join(folder, 'chain', 'state.json');
  const whole = await readFile(state);
  await writeFile(state, whole.subarray(0, whole.length / 2));
  const third = start();
  const again = await third.ready();
  expect([again.seeded, await tokensOf(again)]).toEqual([0, tokens]);

  const chain = childOf(third.child.pid, 'anvil');
  process.kill(chain, 'SIGKILL');
  expect(await third.ended).toBe(3);
  expect(third.err()).toMatch(/"cli\/service-ended","message":"Expected every part to stay up, but the chain ended; its log is /);
  expect(await allFree()).toBe(true);
}, 240_000);

it('ends before it is up, when it is asked to', async () => {
  const early = start();
  while (!early.err().includes('Deploying') && early.child.exitCode === null) await sleep(20);
  early.child.kill('SIGINT');
  expect(await early.ended).toBe(130);
  expect(await allFree()).toBe(true);
}, 120_000);

it('takes everything with it when it is killed, and goes on with the same tokens', async () => {
  const killed = start();
  const facts = await killed.ready();
  const tokens = await tokensOf(facts);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(await untilFree()).toBe(true);
  const next = start();
  expect(await tokensOf(await next.ready())).toEqual(tokens);
  next.child.kill('SIGINT');
  expect(await next.ended).toBe(0);
}, 240_000);
