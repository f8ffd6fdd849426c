/**
 * `node bench/prove.ts [model] [fast|gas|memory] [proofs]`: the time of each stage of a proof with warm keys, wall and processor time, peak
 * memory, and how many proofs a minute holds, one at a time and two at a time. Each proof is of another latent. Prints JSON at the end.
 */

import { pathToFileURL } from 'node:url';
import type { Objective } from '../packages/core/src/index.ts';
import { decoderWitness } from '../packages/layers/src/index.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { openKit } from '../packages/prover/src/index.ts';
import { ROOT } from './record.ts';

export interface ProveFigures {
  /** Median over the proofs, in the engine. */
  readonly proveMs: number;
  /** User and system time of a proof. */
  readonly proveCpuMs: number;
  /** Median of each stage. */
  readonly stagesMs: Readonly<Record<string, number>>;
  /** Compiling the witness and handing it over: what is not the engine's. */
  readonly witnessMs: number;
  readonly openMs: number;
  readonly peakRssBytes: number;
  readonly proofsPerMinute: number;
  readonly proofsPerMinuteTwoAtOnce: number;
}

export async function measureProving(name: string, objective: Objective, proofs: number): Promise<ProveFigures> {
  const model = await loadModel(`${ROOT}models/${name}`);
  const began = performance.now();
  const kit = await openKit(model, objective, () => undefined);
  const openMs = performance.now() - began;
  const latents = Array.from({ length: proofs }, (_, seed) =>
    Array.from({ length: model.manifest.latent.length }, (_, i) => (17 * i + 29 * seed) % 128),
  );
  const proveOne = async (latent: readonly number[]) => {
    const start = performance.now();
    const witness = decoderWitness(kit.circuit, Uint8Array.from(latent), { pose: 31, chainId: 31337n, collection: 5n, creator: 7n });
    const witnessMs = performance.now() - start;
    return { ...(await kit.prover.prove(witness)), witnessMs };
  };
  await proveOne(latents[0] as readonly number[]);
  const results: Awaited<ReturnType<typeof proveOne>>[] = [];
  const [cpuBefore, oneByOne] = [process.cpuUsage(), performance.now()];
  for (const latent of latents) results.push(await proveOne(latent));
  const oneByOneMs = performance.now() - oneByOne;
  const cpu = process.cpuUsage(cpuBefore);
  const together = performance.now();
  for (let i = 0; i + 1 < proofs; i += 2) await Promise.all(latents.slice(i, i + 2).map(proveOne));
  const togetherMs = performance.now() - together;
  kit.prover.close();
  const stages = results[0]?.phases.map((phase) => phase.name) ?? [];
  return {
    proveMs: median(results.map((r) => r.proveMs)),
    proveCpuMs: (cpu.user + cpu.system) / 1000 / proofs,
    stagesMs: Object.fromEntries(stages.map((stage, i) => [stage, median(results.map((r) => r.phases[i]?.ms ?? 0))])),
    witnessMs: median(results.map((r) => r.witnessMs)),
    openMs,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    proofsPerMinute: (60_000 * proofs) / oneByOneMs,
    proofsPerMinuteTwoAtOnce: (60_000 * (proofs - (proofs % 2))) / togetherMs,
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function table(figures: ProveFigures): string {
  const row = (name: string, ms: number) =>
    `${name.padEnd(12)} ${ms.toFixed(1).padStart(9)} ms  ${((100 * ms) / figures.proveMs).toFixed(1).padStart(5)} %`;
  return [...Object.entries(figures.stagesMs), ['proof', figures.proveMs] as const, ['processor', figures.proveCpuMs] as const]
    .map(([n, ms]) => row(n, ms))
    .join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [model = 'nouns-m', objective = 'fast', proofs = '6'] = process.argv.slice(2);
  const figures = await measureProving(model, objective as Objective, Math.max(2, Number(proofs)));
  process.stderr.write(`${table(figures)}\n`);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
