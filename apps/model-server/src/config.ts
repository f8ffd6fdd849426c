/** Settings from the environment, checked once at the start; book/model-server.md lists them. */
import { type CommonSettings, commonSettings, type Env, integerSetting, portSetting } from '@pentimento/serving/http';

export interface Config extends CommonSettings {
  /** 0 for a free one. */
  readonly port: number;
  /** 0 for a free one. */
  readonly grpcPort: number;
  /** ONNX Runtime sessions that are open at the same time. */
  readonly sessions: number;
  /** Previews and uploads of one client in a minute. */
  readonly previewsPerMinute: number;
}

/** Throws `config/invalid` with one sentence on the first value that cannot be used. */
export function readConfig(env: Env): Config {
  return {
    ...commonSettings(env),
    port: portSetting(env, 'PENTIMENTO_MODEL_PORT', 8000),
    grpcPort: portSetting(env, 'PENTIMENTO_GRPC_PORT', 8001),
    sessions: integerSetting(env, 'PENTIMENTO_SESSIONS', { fallback: 32, min: 1, max: 10_000 }),
    previewsPerMinute: integerSetting(env, 'PENTIMENTO_RATE', { fallback: 300, min: 1, max: 1_000_000 }),
  };
}
