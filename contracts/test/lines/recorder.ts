/**
 * Which instructions of the contracts a test makes run: calls and transactions that pass this transport are traced by the node as well, with
 * a tracer that keeps the program counters of each code. Gas estimates are not traced: what they try is sent afterwards.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseError, type EIP1193RequestFn, type Hex, type HttpTransport } from 'viem';
import { compileTraced, type TracedContract } from './sources.ts';

/** Program counters that ran, by `contract:creation` or `contract:deployed`. */
export type Hits = Record<string, number[]>;

/**
 * Runs inside anvil. A code is told by the address that it lies at, or, while it creates a contract, by itself. `step` is called for each
 * instruction, so it does the least.
 */
const TRACER = `{
  codes: {}, frames: [], ran: null,
  of: function(key) { return this.codes[key] || (this.codes[key] = {}) },
  key: function(frame) { return frame.getType().indexOf('CREATE') === 0 ? toHex(frame.getInput()) : toHex(frame.getTo()) },
  enter: function(frame) { this.frames.push(this.ran); this.ran = this.of(this.key(frame)) },
  exit: function() { this.ran = this.frames.pop() },
  step: function(log) { (this.ran || (this.ran = this.of('top')))[log.getPC()] = 1 },
  fault: function() {},
  result: function(ctx) {
    var found = {};
    for (var key in this.codes) found[key === 'top' ? toHex(ctx.type.indexOf('CREATE') === 0 ? ctx.input : ctx.to) : key] = Object.keys(this.codes[key]).map(Number);
    return found;
  }
}`;

const [ADDRESS_DIGITS, SELECTOR_DIGITS] = [42, 10];

/**
 * Tracing is slow, so what has shown nothing new so often in a row is not traced again, nor is a call, which may draw a picture of many
 * pixels, above this gas. Fewer traces can only show less coverage, never more.
 */
const ENOUGH = 6;
const MOST_GAS = 3_000_000;

type Request = { readonly method: string; readonly params?: readonly unknown[] };
type Call = { readonly to?: Hex; readonly data?: Hex };
type Send = (request: Request) => Promise<unknown>;

export class Recorder {
  readonly #contracts = Object.entries(compileTraced()).filter(([, { runtimeSize }]) => runtimeSize > 0);
  readonly #hits = new Map<string, Set<number>>();
  /** Of all hits together. */
  #size = 0;
  /** How often in a row a trace added nothing. */
  readonly #useless = new Map<string, number>();
  readonly #names = new Map<string, string | undefined>();

  /** The same transport, traced. */
  transport(inner: HttpTransport): HttpTransport {
    return (options) => {
      const transport = inner(options);
      return { ...transport, request: this.#traced(transport.request as Send) as EIP1193RequestFn };
    };
  }

  /** Writes what was recorded into a new file of the folder. */
  write(folder: string): void {
    const hits: Hits = Object.fromEntries([...this.#hits].map(([name, counters]) => [name, [...counters]]));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${process.pid}-${performance.now()}.json`), JSON.stringify(hits));
  }

  #traced(send: Send): Send {
    return async (request) => {
      if (request.method !== 'eth_call' && request.method !== 'eth_sendTransaction') return send(request);
      const [call, block = 'latest', stateOverrides] = (request.params ?? []) as [Call, unknown, unknown];
      const traceCall = { method: 'debug_traceCall', params: [call, block, { tracer: TRACER, stateOverrides }] };
      try {
        const answer = await send(request);
        const traceAnswer = () => (request.method === 'eth_call' ? shortTrace(send, call, traceCall) : minedTrace(send, answer));
        await this.#add(send, keyOf(call, 'passed'), traceAnswer);
        return answer;
      } catch (error) {
        await this.#add(send, keyOf(call, revertOf(error)), async () => traceCall);
        throw error;
      }
    };
  }

  /** Traces, unless this function of this contract has shown nothing new with this outcome for some time. */
  async #add(send: Send, key: string, traceOf: () => Promise<Request | undefined>): Promise<void> {
    const useless = this.#useless.get(key) ?? 0;
    if (useless >= ENOUGH) return;
    const trace = await traceOf();
    if (trace === undefined) return;
    const before = this.#size;
    for (const [code, counters] of Object.entries((await send(trace)) as Record<Hex, number[]>)) {
      const name = code.length === ADDRESS_DIGITS ? await this.#deployedAt(send, code) : this.#creating(code);
      if (name !== undefined) this.#addTo(name, counters);
    }
    this.#useless.set(key, this.#size > before ? 0 : useless + 1);
  }

  #addTo(name: string, counters: readonly number[]): void {
    const known = this.#hits.get(name) ?? new Set();
    this.#size -= known.size;
    for (const counter of counters) known.add(counter);
    this.#size += known.size;
    this.#hits.set(name, known);
  }

  async #deployedAt(send: Send, address: string): Promise<string | undefined> {
    const code = (await send({ method: 'eth_getCode', params: [address, 'latest'] })) as Hex;
    if (!this.#names.has(code)) {
      const found = this.#contracts.find(([, contract]) => masked(code, contract) === masked(contract.deployedBytecode, contract));
      this.#names.set(code, found && `${found[0]}:deployed`);
    }
    return this.#names.get(code);
  }

  #creating(input: string): string | undefined {
    const found = this.#contracts.find(([, { bytecode }]) => input.startsWith(bytecode));
    return found && `${found[0]}:creation`;
  }
}

const keyOf = ({ to, data }: Call, outcome: string): string => `${to}:${to === undefined ? data : data?.slice(0, SELECTOR_DIGITS)}:${outcome}`;

/** The trace of a call that passes, where that takes seconds and not minutes. */
async function shortTrace(send: Send, call: Call, trace: Request): Promise<Request | undefined> {
  return Number(await send({ method: 'eth_estimateGas', params: [call] })) < MOST_GAS ? trace : undefined;
}

/** The node mines each transaction at once, but answers with its hash a moment earlier. */
async function minedTrace(send: Send, hash: unknown): Promise<Request> {
  for (let tries = 0; tries < 1000; tries++) {
    const receipt = await send({ method: 'eth_getTransactionReceipt', params: [hash] });
    if (receipt !== null) return { method: 'debug_traceTransaction', params: [hash, { tracer: TRACER }] };
    await sleep(10);
  }
  throw new Error(`Expected the node to mine ${hash} at once, but it has not.`);
}

/** Selector of the custom error that a call reverted with. */
function revertOf(error: unknown): string {
  const found = error instanceof BaseError ? error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string') : undefined;
  return String((found as { data?: string } | null | undefined)?.data).slice(0, SELECTOR_DIGITS);
}

/** Deployed code with its immutables blank. */
function masked(code: Hex, { immutables, deployedBytecode }: TracedContract): Hex {
  if (code.length !== deployedBytecode.length) return code;
  const bytes = Buffer.from(code.slice(2), 'hex');
  for (const [start, length] of immutables) bytes.fill(0, start, start + length);
  return `0x${bytes.toString('hex')}`;
}
