/**
 * The server's side of one proving child: one piece of work at a time, progress, cancelling. A child that dies is replaced at the next work;
 * one that does not stop when told, or that is silent for too long, is killed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { BaseError, type Bundle } from '@pentimento/core';
import { type FromChild, type KitName, kitId, type ProofRequest, type ToChild } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./prover-child.ts', import.meta.url));
/** The child looks at a cancellation between stages; one of a small model takes less. */
const GRACE_MS = 500;
/** The longest stage of the largest model, and making its keys, take a few minutes. */
const SILENCE_MS = 15 * 60_000;

export interface WorkOptions {
  /** Takes `keys` while keys are opened or made, then the stages of the proof. */
  readonly onStage: (stage: string) => void;
  readonly signal: AbortSignal;
}

export interface OpenedCircuit {
  readonly ir: string;
  readonly vk: string;
}

interface Work {
  readonly onStage: (stage: string) => void;
  readonly done: (answer: FromChild) => void;
  readonly failed: (error: BaseError) => void;
}

export class Prover {
  readonly #threads: number;
  #child: ChildProcess | undefined;
  #work: Work | undefined;
  #kit = '';

  /** `provers` share the machine's cores. */
  constructor(provers: number) {
    this.#threads = Math.max(1, Math.floor(availableParallelism() / provers));
  }

  /** Starts the child, so that the first work does not wait for it. */
  warm(): void {
    this.#child ??= this.#fork();
  }

  /** Whether these keys were the last ones that the living child used. */
  holds(name: KitName): boolean {
    return this.#child !== undefined && this.#kit === kitId(name);
  }

  /** Resident memory of the child in bytes; 0 where the system does not tell. */
  residentBytes(): number {
    try {
      return Number(readFileSync(`/proc/${this.#child?.pid}/statm`, 'utf8').split(' ')[1]) * 4096;
    } catch {
      return 0;
    }
  }

  /** Opens the keys of a model, made first when there are none; gives the circuit and its verifying key as JSON. */
  async open(name: KitName, options: WorkOptions): Promise<OpenedCircuit> {
    const answer = await this.#ask({ type: 'open', ...name }, options);
    if (answer.type !== 'opened') throw unexpected(answer);
    this.#kit = kitId(name);
    return answer;
  }

  /** Throws the child's error, `prover/died` when it ended before it answered and `prover/cancelled` when the signal was given. */
  async prove(request: ProofRequest, options: WorkOptions): Promise<{ bundle: Bundle; proveMs: number; peakRssBytes: number }> {
    const answer = await this.#ask({ type: 'prove', ...request }, options);
    if (answer.type !== 'proof') throw unexpected(answer);
    return answer;
  }

  /** Kills the child; the prover can still be used. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async #ask(message: ToChild, { onStage, signal }: WorkOptions): Promise<FromChild> {
    if (signal.aborted) throw cancelled();
    this.warm();
    let timer = setTimeout(() => this.#kill(), SILENCE_MS);
    const alive = (stage: string) => {
      timer.refresh();
      onStage(stage);
    };
    const cancel = () => {
      this.#child?.send({ type: 'cancel' } satisfies ToChild, () => undefined);
      clearTimeout(timer);
      timer = setTimeout(() => this.#kill(), GRACE_MS);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<FromChild>((done, failed) => {
        this.#work = { onStage: alive, done, failed };
        this.#child?.send(message, (error) => error && this.#kill());
      });
    } catch (error) {
      throw signal.aborted ? cancelled() : error;
    } finally {
      this.#work = undefined;
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  }

  #kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #fork(): ChildProcess {
    const child = fork(PROGRAM, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--max-semi-space-size=2'],
      // With these two a proof of preset M takes a fifth to a quarter less memory in the same time (book/proving.md).
      env: { ...withoutSecrets(process.env), MALLOC_ARENA_MAX: '1', RAYON_NUM_THREADS: process.env.RAYON_NUM_THREADS ?? String(this.#threads) },
    });
    child.on('message', (message: FromChild) => this.#hear(message));
    child.once('error', () => child.kill('SIGKILL'));
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      this.#kit = '';
      const message = `Expected the proving process to answer, but it ended with ${signal ?? `exit code ${code}`}.`;
      this.#work?.failed(new BaseError({ code: 'prover/died', message, retryable: true }));
    });
    return child;
  }

  #hear(message: FromChild): void {
    if (message.type === 'stage') this.#work?.onStage(message.stage);
    else if (message.type === 'failed') this.#work?.failed(new BaseError({ code: message.code, message: message.message }));
    else this.#work?.done(message);
  }
}

/** The child gets no address of a database or a chain and no key. */
function withoutSecrets({ DATABASE_URL, PENTIMENTO_RPC, PENTIMENTO_PRIVATE_KEY, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}

function cancelled(): BaseError {
  return new BaseError({ code: 'prover/cancelled', message: 'Expected the proof to be made, but it was cancelled.' });
}

function unexpected({ type }: FromChild): BaseError {
  return new BaseError({ code: 'prover/failed', message: `Expected the proving process to answer what it was asked, got ${type}.` });
}
