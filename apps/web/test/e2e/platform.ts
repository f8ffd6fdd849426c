/**
 * The platform that the tests look at: as a user starts it, or in parts that a test may kill. Both have a data folder of their own; keys and
 * setups, whose making is not the subject here, are those of this machine.
 */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Hex } from '@pentimento/core';
import { home, PROJECT } from '@pentimento/core/node';
import { type Anvil, isFree, startAnvil } from '@pentimento/verifier/testing';
import { announced, childrenOf, launch, PATIENCE_MS, type Program } from './processes.ts';

/** The smallest model: its proof takes a second on an idle machine. */
export const MODEL = 'nouns-s';
export const CHAIN_ID = 31337;

const CLI = join(PROJECT, 'apps', 'cli', 'src', 'main.ts');
const SERVE = join(PROJECT, 'apps', 'web', 'serve.ts');
const program = (name: string) => join(PROJECT, 'apps', name, 'src', 'main.ts');

export interface Platform {
  /** Address of the pages. */
  readonly url: string;
  readonly rpcUrl: string;
  readonly modelServer: string;
  readonly proofServer: string;
  /** Of the collection that it was started with. */
  readonly collection: Hex;
  /** Runs the command line on the same data folder; what it wrote with `--json`. */
  cli<T>(...args: readonly string[]): Promise<T>;
  /** Ids of the living proving processes. */
  readonly provers: () => readonly number[];
  stop(): Promise<void>;
}

/** `npm start` with a chosen model, on free ports. */
export async function startPlatform(model: string = MODEL): Promise<Platform> {
  const folder = await makeHome();
  const [chain, modelPort, proof, web] = await freePorts();
  const ports = ['--port', chain, '--model-port', modelPort, '--proof-port', proof, '--web-port', web].map(String);
  const start = launch([CLI, 'start', '--json', '--model', model, ...ports], { PENTIMENTO_HOME: folder, DATABASE_URL: '' });
  const stop = async () => {
    await start.end('SIGINT');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const facts = JSON.parse(await announced(start, /^(\{.*\})$/m)) as Pick<
      Platform,
      'url' | 'rpcUrl' | 'modelServer' | 'proofServer' | 'collection'
    >;
    const provers = () => childrenOf(start.pid, 'proof-server').flatMap((server) => childrenOf(server, 'prover-child'));
    return { ...facts, collection: lower(facts.collection), provers, stop, cli: commandLine(folder) };
  } catch (error) {
    // The logs go with the folder.
    const cause = `${(error as Error).message}\n${await endsOf(join(folder, 'logs'))}`;
    await stop();
    throw new Error(cause);
  }
}

/** The last lines of each log. */
async function endsOf(logs: string): Promise<string> {
  const names = await readdir(logs).catch(() => []);
  const ends = names.map(async (name) => `${name}:\n${(await readFile(join(logs, name), 'utf8')).slice(-2000)}`);
  return (await Promise.all(ends)).join('\n');
}

/** One that a test may end and start again, at the same address and on the same data. */
interface Part {
  end(signal?: NodeJS.Signals): Promise<unknown>;
  start(): Promise<unknown>;
}

export interface Parts extends Platform {
  readonly parts: { readonly chain: Part; readonly modelServer: Part; readonly proofServer: Part };
}

/** The same parts without the program that watches over them. */
export async function startParts(): Promise<Parts> {
  const folder = await makeHome();
  const [chainPort, modelPort, proofPort, webPort] = await freePorts();
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const [rpcUrl, modelServer, proofServer] = [url(chainPort), url(modelPort), url(proofPort)];
  const settings = { PENTIMENTO_HOME: folder, DATABASE_URL: '', PENTIMENTO_LOG: 'warn', ...settingsOf({ rpcUrl, modelServer, proofServer }) };
  const part = (args: readonly string[], ports: Readonly<Record<string, number>>) => service(args, { ...settings, ...inDigits(ports) });
  const chain = chainPart(chainPort, join(folder, 'chain.json'));
  const models = part([program('model-server')], { PENTIMENTO_MODEL_PORT: modelPort, PENTIMENTO_GRPC_PORT: modelPort + 1 });
  const proofs = part([program('proof-server')], { PENTIMENTO_PROOF_PORT: proofPort });
  const web = part([SERVE], { PENTIMENTO_WEB_PORT: webPort });
  const cli = commandLine(folder);
  const stop = async () => {
    await Promise.all([web, proofs, models].map((one) => one.end()));
    await chain.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([chain.start(), models.start()]);
    const { collection } = await cli<{ collection: Hex }>('deploy', '--model', MODEL, '--rpc', rpcUrl, '--name', 'Parts');
    await Promise.all([proofs.start(), web.start()]);
    const parts = { chain, modelServer: models, proofServer: proofs };
    const provers = () => childrenOf(proofs.pid(), 'prover-child');
    return { url: url(webPort), rpcUrl, modelServer, proofServer, collection: lower(collection), cli, provers, stop, parts };
  } catch (error) {
    await stop();
    throw error;
  }
}

function service(args: readonly string[], env: Readonly<Record<string, string>>): Part & { pid(): number } {
  let running: Program | undefined;
  return {
    pid: () => running?.pid ?? 0,
    start: () => {
      running = launch(args, env);
      return announced(running, /^listening (\S+)$/m);
    },
    end: async (signal) => running?.end(signal),
  };
}

/** Writes its state when it ends. */
function chainPart(port: number, state: string): Part {
  let running: Anvil | undefined;
  return {
    start: async () => {
      running = await startAnvil({ port, args: ['--state', state], timeoutMs: PATIENCE_MS });
    },
    end: async () => running?.stop(),
  };
}

/** The pages of a platform once more, in a browser without the wallet that local chains offer. */
export async function serveWithoutTestWallet(platform: Platform): Promise<{ url: string; stop(): Promise<unknown> }> {
  const web = launch([SERVE], { ...settingsOf(platform), PENTIMENTO_WEB_PORT: '0', PENTIMENTO_DEVELOPMENT_WALLET: 'off' });
  return { url: await announced(web, /^listening (\S+)$/m), stop: () => web.end() };
}

const settingsOf = ({ rpcUrl, modelServer, proofServer }: Pick<Platform, 'rpcUrl' | 'modelServer' | 'proofServer'>) => ({
  ...{ PENTIMENTO_RPC: rpcUrl, PENTIMENTO_CHAIN_ID: String(CHAIN_ID), PENTIMENTO_MODEL_URL: modelServer, PENTIMENTO_PROOF_URL: proofServer },
});

const inDigits = (ports: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));

/** Accounts of the chain, whose keys the node holds; the first one deployed the platform. */
export function accountsOf(platform: Pick<Platform, 'rpcUrl'>): Promise<Hex[]> {
  return askNode(platform, 'eth_accounts');
}

/** One call of the node, among them those that only a development node has. */
export async function askNode<T>({ rpcUrl }: Pick<Platform, 'rpcUrl'>, method: string, ...params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

function commandLine(folder: string): Platform['cli'] {
  return async <T>(...args: readonly string[]) => {
    const env = { ...process.env, PENTIMENTO_HOME: folder };
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, '--json'], { env, maxBuffer: 1 << 26 });
    return JSON.parse(stdout) as T;
  };
}

async function makeHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-e2e-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const shared of ['keys', 'srs']) {
    await mkdir(home(shared), { recursive: true });
    await symlink(home(shared), join(folder, shared));
  }
  return folder;
}

/** Chain, model server, proof server, pages; the model server's gRPC has the port after its own. */
type Ports = readonly [number, number, number, number];

/** Free ones below those that the system gives to connections, so that none of these takes one before it is listened on. */
async function freePorts(): Promise<Ports> {
  for (;;) {
    const first = randomInt(10_000, 32_000);
    const row = [first, first + 1, first + 2, first + 3, first + 4];
    if ((await Promise.all(row.map(isFree))).every(Boolean)) return [first, first + 1, first + 3, first + 4];
  }
}

const lower = (address: Hex): Hex => address.toLowerCase() as Hex;
