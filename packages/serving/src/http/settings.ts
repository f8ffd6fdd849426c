/** Settings of a server from the environment. What cannot be used throws `config/invalid` with one sentence that names the variable. */
import { join } from 'node:path';
import { BaseError, type Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';

export type Env = Readonly<Record<string, string | undefined>>;

/** What every server of ours is told. */
export interface CommonSettings {
  readonly host: string;
  /** Folders of models, or folders of such folders. */
  readonly models: readonly string[];
  readonly logLevel: string;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function commonSettings(env: Env): CommonSettings {
  const logLevel = env.PENTIMENTO_LOG ?? 'info';
  if (!LEVELS.includes(logLevel)) invalidSetting('PENTIMENTO_LOG', `one of ${LEVELS.join(', ')}`, logLevel);
  const models = (env.PENTIMENTO_MODELS || join(PROJECT, 'models')).split(',').map((folder) => folder.trim());
  return { host: env.PENTIMENTO_HOST ?? '127.0.0.1', models, logLevel };
}

/** An integer in `min..max`, or `fallback` when there is none. */
export function integerSetting(env: Env, name: string, { fallback, min, max }: { fallback: number; min: number; max: number }): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) invalidSetting(name, `an integer in ${min}..${max}`, text);
  return value;
}

/** A port; 0 takes a free one. */
export function portSetting(env: Env, name: string, fallback: number): number {
  return integerSetting(env, name, { fallback, min: 0, max: 65_535 });
}

/** An address with one of the protocols (`http:`), or undefined. The value itself stays out of the message: it may hold a password. */
export function urlSetting(env: Env, name: string, protocols: readonly string[]): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !protocols.includes(parsed.protocol)) invalidSetting(name, `an address that begins with ${protocols.join(' or ')}`, 'another text');
  return text;
}

/** An address on a chain, or undefined. */
export function addressSetting(env: Env, name: string): Hex | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) invalidSetting(name, 'an address, 0x and 40 hexadecimal digits', text.slice(0, 60));
  return text as Hex;
}

function invalidSetting(name: string, expected: string, found: string): never {
  throw new BaseError({ code: 'config/invalid', message: `Expected ${name} to be ${expected}, got ${found}.` });
}
