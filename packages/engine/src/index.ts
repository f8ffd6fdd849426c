/** Keys, proofs and native verification for circuits as data. Long work runs beside the event loop. */
import { setImmediate } from 'node:timers/promises';
import type { Circuit, Ir, VkDescriptor, Witness } from '@pentimento/circuit';
import { BaseError } from '@pentimento/core';
import { toNativeAll } from './columns.ts';
import { fromNative, loadEngine, type NativeProver } from './native.ts';

export type { VkDescriptor } from '@pentimento/circuit';
export { loadEngine } from './native.ts';

export type OnProgress = (stage: string) => void;

/** Version of the files in a key folder: keys of another one are made anew, so a cache names it in its folders. */
export const KEY_FORMAT = 2;

/** Makes the development SRS of 2^k points in `cacheDir`, or finds it there; resolves to its path. Its secret is public. */
export function setupDevelopmentSrs(k: number, cacheDir: string): Promise<string> {
  return attempt(() => loadEngine().setupDevelopmentSrs(k, cacheDir));
}

export interface SrsInfo {
  readonly format: 'halo2' | 'ptau';
  readonly k: number;
  /** `insecure` unless the setup is a known ceremony's. */
  readonly srs: { readonly name: string; readonly insecure: boolean };
  /** Of the file. */
  readonly sha256: string;
  readonly sG2: VkDescriptor['sG2'];
}

/** What an SRS file (halo2's raw layout or `.ptau`) says it holds; only its first points are read. */
export async function readSrsInfo(path: string): Promise<SrsInfo> {
  return JSON.parse(await attempt(() => loadEngine().srsInfo(path))) as SrsInfo;
}

/** The same after checking every point; `engine/srs-corrupted` when the points are not powers of one secret. */
export async function checkSrs(path: string): Promise<SrsInfo> {
  return JSON.parse(await attempt(() => loadEngine().checkSrs(path))) as SrsInfo;
}

export interface ImportSrsOptions {
  readonly path: string;
  /** Written to under the setup's name. */
  readonly cacheDir: string;
  /** Size to cut to; default: all of it. */
  readonly k?: number;
  /** Digest that the file must have, in hexadecimal. */
  readonly sha256?: string;
}

/** Checks a file's powers and writes them where the engine finds them; resolves to the path. */
export function importSrs({ path, cacheDir, k, sha256 }: ImportSrsOptions): Promise<string> {
  return attempt(() => loadEngine().importSrs(path, cacheDir, k, sha256));
}

export interface GenerateKeysOptions {
  readonly circuit: Circuit;
  /** An SRS of the circuit's size or larger. */
  readonly srsPath: string;
  /** Written to; made when it does not exist. */
  readonly keyDir: string;
  /** Stages: `srs`, `fixed-columns`, `permutation`, `write`. */
  readonly onProgress?: OnProgress;
}

export async function generateKeys(options: GenerateKeysOptions): Promise<{ vk: VkDescriptor; keygenMs: number }> {
  const { circuit, srsPath, keyDir } = options;
  const reporter = new Reporter(options.onProgress);
  const began = performance.now();
  const fixed = toNativeAll(circuit.fixed, 'fixed column');
  const { ir } = circuit;
  const vk = await reporter.during(() => loadEngine().generateKeys(JSON.stringify(ir), fixed, srsPath, keyDir, reporter.callback));
  return { vk: JSON.parse(vk) as VkDescriptor, keygenMs: performance.now() - began };
}

export interface ProveOptions {
  /** Stages: `witness`, `definitions`, `commit`, `permutation`, `quotient`, `opening`, `check`. */
  readonly onProgress?: OnProgress;
  /** Takes effect before the next stage, with `engine/cancelled`. */
  readonly signal?: AbortSignal;
}

export interface ProveResult {
  readonly proof: Uint8Array;
  /** Time in the engine, its own check of the proof included. */
  readonly proveMs: number;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
}

/** Loads the keys in `keyDir` into memory, for many proofs. */
export async function openProver(keyDir: string, srsPath: string): Promise<Prover> {
  return new Prover(await attempt(() => loadEngine().openProver(keyDir, srsPath)));
}

export class Prover {
  readonly vk: VkDescriptor;
  readonly #native: NativeProver;

  /** @internal */
  constructor(native: NativeProver) {
    this.#native = native;
    this.vk = JSON.parse(native.descriptor()) as VkDescriptor;
  }

  /** Resolves to a proof that the engine has verified; `engine/witness-rejected` when the witness does not satisfy the circuit. */
  async prove(witness: Witness, options: ProveOptions = {}): Promise<ProveResult> {
    const { signal } = options;
    const token = new (loadEngine().CancelToken)();
    const cancel = () => token.cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const reporter = new Reporter(options.onProgress, cancel);
    try {
      const advice = toNativeAll(witness.advice, 'advice column');
      const instances = toNativeAll(witness.instances, 'instance column');
      const { proof, phases } = await reporter.during(() => this.#native.prove(advice, instances, reporter.callback, token));
      return { proof, proveMs: phases.reduce((sum, phase) => sum + phase.ms, 0), phases };
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Frees the keys, once the proofs that are under way have ended. */
  close(): void {
    this.#native.close();
  }
}

export interface VerifyNativeOptions {
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  readonly instances: readonly (readonly bigint[])[];
  readonly proof: Uint8Array;
}

/**
 * Verifies with halo2 itself, from data alone. False for whatever is not a valid proof of these instances; an error only when
 * circuit and key are unusable (`engine/ir-invalid`, `engine/vk-invalid`).
 */
export function verifyNative({ ir, vk, instances, proof }: VerifyNativeOptions): boolean {
  try {
    const columns = toNativeAll(instances, 'instance column');
    return loadEngine().verifyNative(JSON.stringify(ir), JSON.stringify(vk), columns, proof);
  } catch (cause) {
    const error = fromNative(cause);
    if (error.code === 'engine/not-canonical') return false;
    throw error;
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fromNative(cause);
  }
}

/** The caller's callback during one piece of work: whatever it throws does not end the process, which the addon calls it from. */
class Reporter {
  readonly callback: OnProgress | undefined;
  #failure: { cause: unknown } | undefined;

  constructor(onProgress: OnProgress | undefined, stop?: () => void) {
    this.callback =
      onProgress &&
      ((stage) => {
        try {
          onProgress(stage);
        } catch (cause) {
          this.#failure ??= { cause };
          stop?.();
        }
      });
  }

  /** The work's result or error, or the callback's exception as `engine/callback-failed`; the callback is not called after it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const [settled] = await Promise.allSettled([attempt(work)]);
    // Stages and the end reach the event loop on two ways; when it was busy, the end may come first in the same turn.
    await setImmediate();
    const failure = this.#failure;
    if (failure) throw new BaseError({ code: 'engine/callback-failed', message: 'The progress callback threw an exception.', ...failure });
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  }
}
