/** A model's decoder in a worker, and the painting of the latest latent: while one is painted, only the last of those that follow waits. */

import type { Service } from '../services/http.ts';
import { type ModelInfo, modelFileUrl } from '../services/model-server.ts';
import { askerOf } from './ask.ts';
import type { Direction } from './directions.ts';
import type { DecoderAnswers, DecoderRequest } from './messages.ts';

export interface Decoder {
  /** Resolves when the model's files are fetched and agree with the commitment. */
  readonly ready: Promise<DecoderAnswers['open']>;
  /** Picture of a latent, before its pose. */
  decode(latent: Uint8Array): Promise<Uint8Array>;
  /** The same, but undefined when a later call has made it needless. */
  decodeLatest(latent: Uint8Array): Promise<Uint8Array | undefined>;
  directions(latent: Uint8Array, count: number): Promise<readonly Direction[]>;
  stop(): void;
}

export function openDecoder(service: Service, model: Pick<ModelInfo, 'name' | 'commitment'>): Decoder {
  const asker = askerOf(new Worker(new URL('./decoder.worker.ts', import.meta.url), { type: 'module' }));
  const ask = <Kind extends DecoderRequest['kind']>(request: Extract<DecoderRequest, { kind: Kind }>) => asker.ask<DecoderAnswers[Kind]>(request);
  const url = (file: string) => modelFileUrl(service, model.name, file);
  const ready = ask<'open'>({
    kind: 'open',
    manifestUrl: url('manifest.json'),
    weightsUrl: url('weights.safetensors'),
    commitment: model.commitment,
  });
  ready.catch(() => undefined);
  const decode = async (latent: Uint8Array) => {
    await ready;
    return (await ask<'decode'>({ kind: 'decode', latent })).picture;
  };
  return {
    ready,
    decode,
    decodeLatest: latestOnly(decode),
    directions: async (latent, count) => {
      await ready;
      return (await ask<'directions'>({ kind: 'directions', latent, count })).directions;
    },
    stop: asker.stop,
  };
}

/** Runs one call at a time; of the calls that arrive meanwhile only the last is run, the others give undefined. */
export function latestOnly<In, Out>(run: (input: In) => Promise<Out>): (input: In) => Promise<Out | undefined> {
  let running = Promise.resolve<unknown>(undefined);
  let latest = 0;
  return (input) => {
    latest += 1;
    const turn = latest;
    const result = running.then(() => (turn === latest ? run(input) : undefined));
    running = result.catch(() => undefined);
    return result;
  };
}
