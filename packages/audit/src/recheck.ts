/** The second checker `recheck.py`, run on a circuit and a witness. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Circuit, Witness } from '@pentimento/circuit';
import { dumpCircuit } from './dump.ts';

const PROGRAM = fileURLToPath(new URL('../recheck.py', import.meta.url));
const PYTHON = process.env.PENTIMENTO_PYTHON ?? 'python3';

export interface Report {
  readonly ok: boolean;
  readonly constraints: number;
  readonly rows: number;
  readonly cells: number;
  /** At most 20. */
  readonly failures: readonly { readonly id: string; readonly row: number }[];
}

/** Every constraint on every row, by a program that shares no code with this one. Throws when it does not end with a verdict. */
export async function recheck(circuit: Circuit, witness: Witness): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-recheck-'));
  try {
    await dumpCircuit(folder, circuit, witness);
    const { status, stdout, stderr } = await new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) =>
      execFile(PYTHON, [PROGRAM, folder], (error, stdout, stderr) => resolve({ status: error?.code ?? 0, stdout, stderr })),
    );
    if (stderr !== '' || stdout === '') throw new Error(`the second checker gave no verdict: ${stderr}`);
    const report = JSON.parse(stdout) as Report;
    if (status !== (report.ok ? 0 : 1)) throw new Error(`the second checker ended with status ${status} and ok ${report.ok}`);
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
