/** Settings from the environment, checked once at the start; book/model-server.md lists them. */
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';

export interface Config {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** 0 for a free one. */
  readonly grpcPort: number;
  /** Folders of models, or folders of such folders. */
  readonly models: readonly string[];
  /** ONNX Runtime sessions that are open at the same time. */
  readonly sessions: number;
  /** Previews and uploads of one client in a minute. */
  readonly previewsPerMinute: number;
  readonly logLevel: string;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Throws `config/invalid` with one sentence on the first value that cannot be used. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const logLevel = env.PENTIMENTO_LOG ?? 'info';
  if (!LEVELS.includes(logLevel)) invalid('PENTIMENTO_LOG', `one of ${LEVELS.join(', ')}`, logLevel);
  return {
    host: env.PENTIMENTO_HOST ?? '127.0.0.1',
    port: integer(env, 'PENTIMENTO_MODEL_PORT', { fallback: 8000, min: 0, max: 65_535 }),
    grpcPort: integer(env, 'PENTIMENTO_GRPC_PORT', { fallback: 8001, min: 0, max: 65_535 }),
    models: (env.PENTIMENTO_MODELS || join(PROJECT, 'models')).split(',').map((folder) => folder.trim()),
    sessions: integer(env, 'PENTIMENTO_SESSIONS', { fallback: 32, min: 1, max: 10_000 }),
    previewsPerMinute: integer(env, 'PENTIMENTO_RATE', { fallback: 300, min: 1, max: 1_000_000 }),
    logLevel,
  };
}

type Env = Readonly<Record<string, string | undefined>>;

function integer(env: Env, name: string, { fallback, min, max }: { fallback: number; min: number; max: number }): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) invalid(name, `an integer in ${min}..${max}`, text);
  return value;
}

function invalid(name: string, expected: string, found: string): never {
  throw new BaseError({ code: 'config/invalid', message: `Expected ${name} to be ${expected}, got ${found}.` });
}
