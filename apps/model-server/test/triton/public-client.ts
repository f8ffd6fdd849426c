/** The public Python client `tritonclient` against a server, with the answers of the integer reference. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { specificationsOf } from '@pentimento/serving';
import { bytesOfFloats, encoded, latentOf, modelNames, modelOf, painted, photoOf } from '../cases.ts';
import type { Endpoint } from '../endpoint.ts';
import type { TritonEnvironment } from './environment.ts';

const SCRIPT = fileURLToPath(new URL('./client.py', import.meta.url));
const ROWS = 5;

export interface ClientCase {
  readonly model: string;
  /** Shape, data type and base64 of the bytes, by name. */
  readonly inputs: Readonly<Record<string, readonly [readonly number[], string, string]>>;
  /** Shape and base64 of the expected bytes, by name. */
  readonly outputs: Readonly<Record<string, readonly [readonly number[], string]>>;
}

/** Encoder, decoder and ensemble of every committed model, in batches of five. */
export async function publicClientCases(): Promise<ClientCase[]> {
  const cases: ClientCase[] = [];
  for (const name of modelNames) {
    const model = await modelOf(name);
    const photos = Array.from({ length: ROWS }, (_, i) => photoOf(3 * i + 1));
    const latents = await encoded(name, photos);
    const chosen = photos.map((_, i) => latentOf(11 * i));
    const values = {
      image: Buffer.concat(photos.map(bytesOfFloats)),
      latents: Buffer.concat(latents),
      chosen: Buffer.concat(chosen),
      ofLatents: Buffer.concat(latents.map((latent) => painted(model, latent))),
      ofChosen: Buffer.concat(chosen.map((latent) => painted(model, latent))),
    };
    const [encoder, decoder, ensemble] = specificationsOf(model.manifest);
    const bytes = [
      [encoder, [values.image], [values.latents]],
      [decoder, [values.chosen], [values.ofChosen]],
      [ensemble, [values.image], [values.latents, values.ofLatents]],
    ] as const;
    for (const [spec, inputs, outputs] of bytes)
      cases.push({
        model: spec.name,
        inputs: Object.fromEntries(
          spec.inputs.map(({ name, datatype, dims }, i) => [name, [[ROWS, ...dims], datatype, (inputs[i] as Buffer).toString('base64')]]),
        ),
        outputs: Object.fromEntries(spec.outputs.map(({ name, dims }, i) => [name, [[ROWS, ...dims], (outputs[i] as Buffer).toString('base64')]])),
      });
  }
  return cases;
}

/** How many outputs differ, each asked for in three ways. Throws when the client does. */
export async function runPublicClient(
  { python }: TritonEnvironment,
  { url, grpc }: Endpoint,
  cases: readonly ClientCase[],
): Promise<{ cases: number; mismatches: number }> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ http: url.replace('http://', ''), grpc, cases }));
  const [out, status] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('close', resolve))]);
  if (status !== 0) throw new Error(`the public client ended with the status ${status}`);
  return JSON.parse(out) as { cases: number; mismatches: number };
}
