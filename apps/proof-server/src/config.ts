/** Settings from the environment, checked once at the start; book/proof-service.md lists them. */
import type { Hex } from '@pentimento/core';
import { addressSetting, type CommonSettings, commonSettings, type Env, integerSetting, portSetting, urlSetting } from '@pentimento/serving/http';

export interface Config extends CommonSettings {
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
  /** Proofs that may wait. */
  readonly queueLimit: number;
  /** Submissions of one client in a minute; it may read twenty times as often. */
  readonly submitsPerMinute: number;
}

/** Throws `config/invalid` with one sentence on the first value that cannot be used. */
export function readConfig(env: Env): Config {
  return {
    ...commonSettings(env),
    port: portSetting(env, 'PENTIMENTO_PROOF_PORT', 8100),
    databaseUrl: urlSetting(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    rpcUrl: urlSetting(env, 'PENTIMENTO_RPC', ['http:', 'https:']),
    factory: addressSetting(env, 'PENTIMENTO_FACTORY'),
    provers: integerSetting(env, 'PENTIMENTO_PROVERS', { fallback: 1, min: 1, max: 64 }),
    queueLimit: integerSetting(env, 'PENTIMENTO_QUEUE', { fallback: 100, min: 1, max: 1_000_000 }),
    submitsPerMinute: integerSetting(env, 'PENTIMENTO_RATE', { fallback: 60, min: 1, max: 1_000_000 }),
  };
}
