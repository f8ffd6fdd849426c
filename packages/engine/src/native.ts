/** The addon: what it exports, how it is found, and how its errors read on this side. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BaseError } from '@pentimento/core';

/** Exactly one of the two is set. */
export interface NativeColumn {
  readonly ints?: Int32Array;
  readonly packed?: Uint8Array;
}

export interface NativeCancelToken {
  cancel(): void;
}

export interface NativeProver {
  prove(
    advice: readonly NativeColumn[],
    instances: readonly NativeColumn[],
    onProgress: ((stage: string) => void) | undefined,
    cancel: NativeCancelToken | undefined,
  ): Promise<{ proof: Uint8Array; phases: { name: string; ms: number }[] }>;
  descriptor(): string;
  close(): void;
}

export interface NativeEngine {
  readonly CancelToken: new () => NativeCancelToken;
  setupDevelopmentSrs(k: number, dir: string): Promise<string>;
  srsInfo(path: string): Promise<string>;
  checkSrs(path: string): Promise<string>;
  importSrs(path: string, dir: string, k: number | undefined, sha256: string | undefined): Promise<string>;
  generateKeys(
    ir: string,
    fixed: readonly NativeColumn[],
    srs: string,
    dir: string,
    onProgress: ((stage: string) => void) | undefined,
  ): Promise<string>;
  openProver(dir: string, srs: string): Promise<NativeProver>;
  verifyNative(ir: string, vk: string, instances: readonly NativeColumn[], proof: Uint8Array): boolean;
}

let loaded: NativeEngine | undefined;

/** Loads the addon once; `engine/not-built` when there is none. Every other function calls it by itself. */
export function loadEngine(): NativeEngine {
  if (loaded) return loaded;
  const path = fileURLToPath(new URL('../pentimento-engine.node', import.meta.url));
  if (!existsSync(path)) {
    throw new BaseError({
      code: 'engine/not-built',
      message: 'Expected the engine addon, found none: run `node packages/engine/build.mjs`.',
    });
  }
  try {
    loaded = createRequire(import.meta.url)(path) as NativeEngine;
  } catch (cause) {
    throw new BaseError({
      code: 'engine/not-loadable',
      message: 'The engine addon cannot be loaded here: rebuild it with `node packages/engine/build.mjs`.',
      cause,
    });
  }
  return loaded;
}

/** The addon's error as the project's: kind and message come as JSON. */
export function fromNative(cause: unknown): BaseError {
  if (cause instanceof BaseError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    const { kind, message } = JSON.parse(text) as { kind: string; message: string };
    return new BaseError({ code: `engine/${kind}`, message });
  } catch {
    return new BaseError({ code: 'engine/internal', message: `The engine failed: ${text}`, cause });
  }
}
