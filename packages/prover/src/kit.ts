/** Circuits, keys and proofs of a model. Keys are kept by the digest of the circuit, so a changed model or layout never meets old keys. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Column, Ir } from '@pentimento/circuit';
import type { Objective } from '@pentimento/core';
import { home, writeWhole } from '@pentimento/core/node';
import { generateKeys, KEY_FORMAT, openProver, type Prover, readSrsInfo, setupDevelopmentSrs, type VkDescriptor } from '@pentimento/engine';
import { chooseLayout, compilePlan, costOf, type DecoderCircuit, type Model, searchLayouts } from '@pentimento/layers';

const DEVELOPMENT = 'insecure-development';
/** Why a setup proves nothing to strangers. */
const INSECURE: Readonly<Record<string, string>> = {
  [DEVELOPMENT]: 'its secret is known to everybody; use it on local chains only',
  other: 'nobody here knows who made it; use it on local chains only',
};

/** Takes one step of a long task, in words. */
export type Progress = (step: string) => void;

export interface ProvingKit {
  readonly circuit: DecoderCircuit;
  readonly prover: Prover;
  readonly vk: VkDescriptor;
  /** Time that making the keys took, now or when they were made. */
  readonly keygenMs: number;
}

export function compileFor(model: Model, objective: Objective): DecoderCircuit {
  const { plan, layout } = chooseLayout(searchLayouts(model), objective);
  return compilePlan(plan, layout);
}

/** Opens the keys of the model's circuit, made first when there are none, under the setup in PENTIMENTO_SRS or the development one. */
export async function openKit(model: Model, objective: Objective, onProgress: Progress): Promise<ProvingKit> {
  const circuit = compileFor(model, objective);
  const { k } = circuit.ir;
  onProgress(`Circuit of ${model.manifest.name}: 2^${k} rows, ${circuit.ir.advice.length} advice columns`);
  const srsPath = process.env.PENTIMENTO_SRS ?? (await setupDevelopmentSrs(k, home('srs')));
  const { srs, sG2 } = await readSrsInfo(srsPath);
  onProgress(srs.insecure ? `INSECURE setup ${srs.name}: ${INSECURE[srs.name] ?? INSECURE.other}` : `Trusted setup: ${srs.name}`);
  const keyDir = home(
    'keys',
    `${circuitDigest(circuit.ir, circuit.fixed).slice(0, 24)}${srs.name === DEVELOPMENT ? '' : `-${sG2[0][0].slice(2, 18)}`}`,
  );
  const record = `${keyDir}.json`;
  if (!existsSync(`${keyDir}/manifest.json`) || !existsSync(record)) {
    onProgress('Making the keys (once for each model)');
    const made = await generateKeys({ circuit, srsPath, keyDir, onProgress: (stage) => onProgress(`  keys: ${stage}`) });
    await writeWhole(record, JSON.stringify({ keygenMs: made.keygenMs }));
  }
  const { keygenMs } = JSON.parse(await readFile(record, 'utf8')) as { keygenMs: number };
  const prover = await openProver(keyDir, srsPath);
  return { circuit, prover, vk: prover.vk, keygenMs };
}

function circuitDigest(ir: Ir, fixed: readonly Column[]): string {
  const hash = createHash('sha256').update(`keys ${KEY_FORMAT}\0`).update(JSON.stringify(ir));
  for (const column of fixed)
    hash.update(column instanceof Int32Array ? new Uint8Array(column.buffer, column.byteOffset, column.byteLength) : column.join(','));
  return hash.digest('hex');
}

/** Exact counts of a compiled circuit. */
export function countersOf({ ir, plan, layout }: DecoderCircuit): Readonly<Record<string, number>> {
  const { proveMs, memoryBytes, verifyGas, ...counts } = costOf(plan, layout);
  return { ...counts, tableEntries: plan.tables.entries.length, constraints: ir.gates.length, copies: ir.copies.length };
}
