/** What the generated verifier of preset M costs for each layout, on the stored proofs: snapshots.json, compared by golden.test.ts. */
import { readFileSync } from 'node:fs';
import { verifierReport } from '../../src/report.ts';
import { inputOf, readVector, VECTOR_OBJECTIVES, type VectorObjective } from './vector.ts';

export const SNAPSHOTS: URL = new URL('../snapshots.json', import.meta.url);

export interface Snapshot {
  readonly verifierBytes: number;
  readonly vkBytes: number;
  readonly proofBytes: number;
  /** Gas of a whole transaction: 21,000, calldata and execution. */
  readonly verifyGas: number;
  /** Gas of the execution alone, which does not depend on the bytes of a proof. */
  readonly executionGas: number;
}

export async function takeSnapshots(): Promise<Record<VectorObjective, Snapshot>> {
  const taken = await Promise.all(VECTOR_OBJECTIVES.map(async (objective) => [objective, await takeSnapshot(objective)] as const));
  return Object.fromEntries(taken) as Record<VectorObjective, Snapshot>;
}

async function takeSnapshot(objective: VectorObjective): Promise<Snapshot> {
  const { runtimeBytes, vkBytes, proofBytes, executionGas, transactionGas } = await verifierReport(inputOf(readVector(objective)));
  return { verifierBytes: runtimeBytes, vkBytes, proofBytes, verifyGas: executionGas + transactionGas, executionGas };
}

export function readSnapshots(): Record<VectorObjective, Snapshot> {
  return (JSON.parse(readFileSync(SNAPSHOTS, 'utf8')) as { M: Record<VectorObjective, Snapshot> }).M;
}
