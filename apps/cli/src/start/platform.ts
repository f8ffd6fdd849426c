/** What stands when `start` is up: chain, contracts, servers; started in order and ended in the reverse one. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Connection, connect, type Deployment, deploy } from '@pentimento/chain';
import { BaseError, type Objective } from '@pentimento/core';
import { home, PROJECT } from '@pentimento/core/node';
import type { Model } from '@pentimento/layers';
import { openKit } from '@pentimento/prover';
import type { Anvil } from '@pentimento/verifier/testing';
import type { Output } from '../output.ts';
import { chainEnded, startKeptChain, startPassingChain } from './chain.ts';
import { assertFree, type Ports } from './ports.ts';
import { type Service, startService } from './services.ts';
import { buildWeb, WEB } from './web.ts';

export interface Wanted {
  readonly model: Model;
  readonly modelDir: string;
  readonly objective: Objective;
}

export interface Platform {
  readonly chain: Anvil;
  readonly connection: Connection;
  readonly deployment: Deployment;
  readonly keygenMs: number;
  readonly modelServer: Service;
  readonly proofServer: Service;
  /** Undefined in a self-check. */
  readonly web: Service | undefined;
  /** Resolves to one sentence when a part has ended by itself. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

export interface KeptOptions {
  readonly ports: Ports;
  /** Takes effect between two steps. */
  readonly signal: AbortSignal;
}

/** For a user: all of it, on these ports, going on where it ended. Throws `cli/cancelled` at the signal. */
export async function startKept(wanted: Wanted, { ports, signal }: KeptOptions, output: Output): Promise<Platform> {
  await assertFree(ports);
  const running = new Running(signal);
  return running.orStop(async () => {
    output.progress(`Starting the chain on port ${ports.chain}`);
    const chain = running.add(await startKeptChain(ports.chain));
    const building = buildWeb(output);
    building.catch(() => undefined);
    const deployed = await deployOn(chain, wanted, output);
    await building;
    running.assertWanted();
    output.progress('Starting model server, proof server and web server');
    const models = [join(PROJECT, 'models'), ...(isBundled(wanted.modelDir) ? [] : [wanted.modelDir])];
    const [modelServer, proofServer] = await running.addAll([startModelServer(ports, models), startProofServer(ports.proof, chain.url, models)]);
    const addresses = { PENTIMENTO_MODEL_URL: modelServer.url, PENTIMENTO_PROOF_URL: proofServer.url };
    const env = { PENTIMENTO_WEB_PORT: String(ports.web), PENTIMENTO_RPC: chain.url, PENTIMENTO_CHAIN_ID: String(chain.chainId), ...addresses };
    const web = running.add(await startService({ name: 'the web server', args: [join(WEB, 'serve.ts')], env }));
    const broken = Promise.race([chain.ended.then(chainEnded), modelServer.ended, proofServer.ended, web.ended]);
    return { chain, ...deployed, modelServer, proofServer, web, broken, stop: () => running.stop() };
  });
}

/**
 * For the self-check: what a proof and a mint need, on free ports, with a chain, an address book and a database that are gone afterwards. Keys,
 * setups, logs and results are those of the kept home.
 */
export async function startPassing(wanted: Wanted, chainPort: number | undefined, output: Output): Promise<Platform> {
  const running = new Running();
  return running.orStop(async () => {
    running.add(await enterPassingHome());
    output.progress('Starting a chain');
    const chain = running.add(await startPassingChain(chainPort));
    const deployed = await deployOn(chain, wanted, output);
    output.progress('Starting model server and proof server');
    const models = [wanted.modelDir];
    const [modelServer, proofServer] = await running.addAll([
      startModelServer({ model: 0, grpc: 0 }, models),
      startProofServer(0, chain.url, models),
    ]);
    const broken = Promise.race([chain.ended.then(chainEnded), modelServer.ended, proofServer.ended]);
    return { chain, ...deployed, modelServer, proofServer, web: undefined, broken, stop: () => running.stop() };
  });
}

/** Makes a home of its own the one of this process and of its children. */
async function enterPassingHome(): Promise<Part> {
  const before = process.env.PENTIMENTO_HOME;
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-once-'));
  for (const shared of ['keys', 'srs', 'logs', 'runs']) {
    await mkdir(home(shared), { recursive: true });
    await symlink(home(shared), join(folder, shared));
  }
  Object.assign(process.env, { PENTIMENTO_HOME: folder, DATABASE_URL: '' });
  return {
    stop: async () => {
      if (before === undefined) delete process.env.PENTIMENTO_HOME;
      else process.env.PENTIMENTO_HOME = before;
      await rm(folder, { recursive: true });
    },
  };
}

async function deployOn(chain: Anvil, { model, objective }: Wanted, output: Output) {
  const connection = await connect(chain.url);
  const kit = await openKit(model, objective, output.progress);
  kit.prover.close();
  output.progress('Deploying verifier, verifying key, registry, factory and collection; what is there is found again');
  const deployment = await deploy(connection, { model, objective, ir: kit.circuit.ir, vk: kit.vk, ...namesFor(model) });
  return { connection, deployment, keygenMs: kit.keygenMs };
}

/** `nouns-m` paints `Pentimento Nouns`. */
function namesFor({ manifest }: Model): { name: string; symbol: string } {
  const kind = manifest.name.split('-')[0] ?? manifest.name;
  return { name: `Pentimento ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`.slice(0, 60), symbol: 'PENTI' };
}

const isBundled = (dir: string): boolean => !relative(join(PROJECT, 'models'), dir).startsWith('..');

const program = (name: string) => join(PROJECT, 'apps', name, 'src', 'main.ts');

function startModelServer({ model, grpc }: Pick<Ports, 'model' | 'grpc'>, models: readonly string[]): Promise<Service> {
  const env = { PENTIMENTO_MODEL_PORT: String(model), PENTIMENTO_GRPC_PORT: String(grpc), PENTIMENTO_MODELS: models.join(',') };
  return startService({ name: 'the model server', args: [program('model-server')], env });
}

function startProofServer(port: number, rpcUrl: string, models: readonly string[]): Promise<Service> {
  const env = { PENTIMENTO_PROOF_PORT: String(port), PENTIMENTO_RPC: rpcUrl, PENTIMENTO_MODELS: models.join(',') };
  return startService({ name: 'the proof server', args: [program('proof-server')], env });
}

interface Part {
  stop(): Promise<void>;
}

/** What has been started, so that none of it is left over. */
class Running {
  readonly #parts: Part[] = [];
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  add<P extends Part>(part: P): P {
    this.#parts.push(part);
    this.assertWanted();
    return part;
  }

  /** Throws `cli/cancelled` after the signal. */
  assertWanted(): void {
    if (this.#signal?.aborted) throw new BaseError({ code: 'cli/cancelled', message: 'Ended before everything was up; what was made is kept.' });
  }

  /** Parts that start at the same time; when one fails, the others are waited for and kept for `stop`. */
  async addAll(starting: readonly [Promise<Service>, Promise<Service>]): Promise<[Service, Service]> {
    const settled = await Promise.allSettled(starting);
    for (const result of settled) if (result.status === 'fulfilled') this.#parts.push(result.value);
    this.assertWanted();
    return Promise.all(starting);
  }

  async orStop<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The last first: nothing loses what it needs before it has ended. */
  async stop(): Promise<void> {
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) await part.stop();
  }
}
