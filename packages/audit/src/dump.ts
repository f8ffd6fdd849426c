/** Writes a circuit and its witness as the four files that `recheck.py` reads. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Circuit, Column, Witness } from '@pentimento/circuit';

export async function dumpCircuit(folder: string, { ir, fixed }: Circuit, witness: Witness): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));
  const texts = (columns: readonly Column[]) => columns.map((column) => Array.from(column, String));
  await Promise.all([
    write('ir.json', ir),
    write('fixed.json', texts(fixed)),
    write('advice.json', texts(witness.advice)),
    write('instances.json', texts(witness.instances)),
  ]);
}
