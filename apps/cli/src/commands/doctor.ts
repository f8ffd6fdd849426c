/** What works on this machine: each check is a real use of the part. */

import { access } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { home, modelFolder, PROJECT } from '@pentimento/core/node';
import { loadEngine } from '@pentimento/engine';
import { loadModel } from '@pentimento/layers/node';
import { startAnvil } from '@pentimento/verifier/testing';
import type { Declare } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';

interface Check {
  readonly name: string;
  readonly run: () => Promise<string>;
  readonly cure: string;
}

const CHECKS: readonly Check[] = [
  { name: 'engine', run: async () => `loaded (${Object.keys(loadEngine()).length} functions)`, cure: 'node scripts/setup.mjs' },
  {
    name: 'contracts',
    run: async () => access(`${PROJECT}/contracts/out/PentimentoCollection.json`).then(() => 'compiled'),
    cure: 'node scripts/setup.mjs',
  },
  { name: 'model', run: async () => (await loadModel(modelFolder('nouns-m'))).manifest.commitment, cure: 'git checkout -- models' },
  {
    name: 'local chain',
    run: async () => {
      const anvil = await startAnvil();
      await anvil.stop();
      return 'starts';
    },
    cure: 'npm ci',
  },
  {
    name: 'memory',
    run: async () => {
      if (totalmem() < 2 ** 31) throw new RangeError(`expected 2 GiB, got ${(totalmem() / 2 ** 30).toFixed(1)} GiB`);
      return `${(freemem() / 2 ** 30).toFixed(1)} GiB free`;
    },
    cure: 'a machine with at least 2 GiB of memory',
  },
];

async function doctor(output: Output): Promise<number> {
  const results = [];
  for (const { name, run, cure } of CHECKS) {
    results.push(
      await run().then(
        (found) => ({ name, ok: true, found, cure: null }),
        (error: Error) => ({ name, ok: false, found: error.message, cure }),
      ),
    );
  }
  const lines = results.map(
    ({ name, ok, found, cure }) => `${ok ? 'ok     ' : 'missing'} ${name.padEnd(12)} ${found}${cure ? ` — try: ${cure}` : ''}`,
  );
  output.result({ home: home(), checks: results }, lines.join('\n'));
  return results.every((r) => r.ok) ? EXIT.ok : EXIT.environment;
}

export function doctorCommand(command: Declare): void {
  command('doctor', 'say what works on this machine and what is missing', doctor);
}
