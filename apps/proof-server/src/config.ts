/** Settings from the environment, checked once at the start; book/proof-service.md lists them. */
import { join } from 'node:path';
import { BaseError, type Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';

export interface Config {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** PostgreSQL; undefined for the embedded database. */
  readonly databaseUrl: string | undefined;
  /** Chain that is indexed and that requests are checked against; undefined for neither. */
  readonly rpcUrl: string | undefined;
  /** Factory of the platform on it; undefined for the one in the address book of this machine. */
  readonly factory: Hex | undefined;
  /** Child processes that prove at the same time. */
  readonly provers: number;
  /** Folders of models, or folders of such folders. */
  readonly models: readonly string[];
  /** Proofs that may wait. */
  readonly queueLimit: number;
  /** Submissions of one client in a minute; it may read twenty times as often. */
  readonly submitsPerMinute: number;
  readonly logLevel: string;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Throws `config/invalid` with one sentence on the first value that cannot be used. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const logLevel = env.PENTIMENTO_LOG ?? 'info';
  if (!LEVELS.includes(logLevel)) invalid('PENTIMENTO_LOG', `one of ${LEVELS.join(', ')}`, logLevel);
  return {
    host: env.PENTIMENTO_HOST ?? '127.0.0.1',
    port: integer(env, 'PENTIMENTO_PROOF_PORT', { fallback: 8100, min: 0, max: 65_535 }),
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    rpcUrl: url(env, 'PENTIMENTO_RPC', ['http:', 'https:']),
    factory: address(env, 'PENTIMENTO_FACTORY'),
    provers: integer(env, 'PENTIMENTO_PROVERS', { fallback: 1, min: 1, max: 64 }),
    models: (env.PENTIMENTO_MODELS || join(PROJECT, 'models')).split(',').map((folder) => folder.trim()),
    queueLimit: integer(env, 'PENTIMENTO_QUEUE', { fallback: 100, min: 1, max: 1_000_000 }),
    submitsPerMinute: integer(env, 'PENTIMENTO_RATE', { fallback: 60, min: 1, max: 1_000_000 }),
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

/** The value itself stays out of the message: it may hold a password. */
function url(env: Env, name: string, protocols: readonly string[]): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !protocols.includes(parsed.protocol)) invalid(name, `an address that begins with ${protocols.join(' or ')}`, 'another text');
  return text;
}

function address(env: Env, name: string): Hex | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) invalid(name, 'an address, 0x and 40 hexadecimal digits', text.slice(0, 60));
  return text as Hex;
}

function invalid(name: string, expected: string, found: string): never {
  throw new BaseError({ code: 'config/invalid', message: `Expected ${name} to be ${expected}, got ${found}.` });
}
