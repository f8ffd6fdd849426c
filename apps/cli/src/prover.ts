/** Circuits, keys and proofs of a model. Keys are kept by the digest of the circuit, so a changed model or layout never meets old keys. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Column, type Ir, usableRows } from '@pentimento/circuit';
import { generateKeys, openProver, type Prover, setupDevelopmentSrs, type VkDescriptor } from '@pentimento/engine';
import { compileDecoder, type DecoderCircuit, type Model } from '@pentimento/layers';
import { home, writeWhole } from './home.ts';
import type { Output } from './output.ts';

export type Objective = 'fast' | 'gas';

export interface ProvingKit {
  readonly circuit: DecoderCircuit;
  readonly prover: Prover;
  readonly vk: VkDescriptor;
  /** Time that making the keys took, now or when they were made. */
  readonly keygenMs: number;
}

export function compileFor(model: Model, objective: Objective): DecoderCircuit {
  return compileDecoder(model, { slots: objective === 'fast' ? 2 : 1 });
}

/** Opens the keys of the model's circuit, made first when there are none. */
export async function openKit(model: Model, objective: Objective, output: Output): Promise<ProvingKit> {
  const circuit = compileFor(model, objective);
  const { k } = circuit.ir;
  output.progress(`Circuit of ${model.manifest.name}: 2^${k} rows, ${circuit.ir.advice.length} advice columns`);
  const srsPath = await setupDevelopmentSrs(k, home('srs'));
  output.progress('INSECURE development SRS: its secret is known to everybody; use it on local chains only');
  const keyDir = home('keys', circuitDigest(circuit.ir, circuit.fixed).slice(0, 24));
  const record = `${keyDir}.json`;
  if (!existsSync(`${keyDir}/manifest.json`) || !existsSync(record)) {
    output.progress('Making the keys (once for each model)');
    const made = await generateKeys({ circuit, srsPath, keyDir, onProgress: (stage) => output.progress(`  keys: ${stage}`) });
    await writeWhole(record, JSON.stringify({ keygenMs: made.keygenMs }));
  }
  const { keygenMs } = JSON.parse(await readFile(record, 'utf8')) as { keygenMs: number };
  const prover = await openProver(keyDir, srsPath);
  return { circuit, prover, vk: prover.vk, keygenMs };
}

function circuitDigest(ir: Ir, fixed: readonly Column[]): string {
  const hash = createHash('sha256').update(JSON.stringify(ir));
  for (const column of fixed)
    hash.update(column instanceof Int32Array ? new Uint8Array(column.buffer, column.byteOffset, column.byteLength) : column.join(','));
  return hash.digest('hex');
}

/** Exact counts of a circuit, before any key exists. */
export function countersOf({ ir, plan }: DecoderCircuit): Readonly<Record<string, number>> {
  return {
    k: ir.k,
    rows: plan.rows,
    usableRows: usableRows(ir),
    tableEntries: plan.tables.entries.length,
    lookups: 2 * plan.slots * (usableRows(ir) - 1),
    degree: ir.degree,
    constraints: ir.gates.length,
    copies: ir.copies.length,
    fixedColumns: ir.fixed.length,
    adviceColumns: ir.advice.length,
    equalityColumns: ir.equality.length,
    instances: plan.instanceCount,
    proofBytes: proofBytes(ir),
  };
}

/** Length of a SHPLONK proof: two words a commitment, one an evaluation (book/formats.md, section 4). */
function proofBytes(ir: Ir): number {
  const queries = { advice: new Set<string>(), fixed: new Set<string>(), instance: new Set<string>() };
  for (const node of ir.nodes)
    if (node[0] === 'advice' || node[0] === 'fixed' || node[0] === 'instance') queries[node[0]].add(`${node[1]}@${node[2]}`);
  const chunks = Math.ceil(ir.equality.length / (ir.degree - 2));
  const points = ir.advice.length + chunks + 1 + (ir.degree - 1) + 2;
  const evaluations = queries.advice.size + queries.fixed.size + 1 + ir.equality.length + 3 * chunks - 1;
  return 32 * (2 * points + evaluations);
}
