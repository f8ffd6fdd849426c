/**
 * The long differential run: `npm run fuzz -w packages/verifier -- --shapes 200 --tampered 50000 [--seed 1] [--record]`. Prints each seed
 * with its shape; ends with status 1 at a disagreement. `--record` writes bench/verifier-fuzz.json.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAnvil } from '../../src/testing.ts';
import { Evm } from '../evm.ts';
import { compareVerifiers, type Disagreement } from './compare.ts';

const RECORD = new URL('../../../../bench/verifier-fuzz.json', import.meta.url);

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '200' },
    tampered: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});
const [shapes, tampered, first] = [Number(values.shapes), Number(values.tampered), Number(values.seed)];
const folder = mkdtempSync(join(tmpdir(), 'pentimento-fuzz-'));
const anvil = await startAnvil();
const disagreements: Disagreement[] = [];
const totals = { accepted: 0, refused: 0 };
try {
  const evm = new Evm(anvil.url);
  for (let i = 0; i < shapes; i++) {
    const share = Math.floor((tampered * (i + 1)) / shapes) - Math.floor((tampered * i) / shapes);
    const result = await compareVerifiers({ seed: first + i, tampered: share, folder, evm });
    totals.accepted += result.accepted;
    totals.refused += result.refused;
    disagreements.push(...result.disagreements);
    console.log(`seed ${first + i}: ${result.shape}; ${result.refused} changed inputs, ${result.disagreements.length} disagreements`);
    for (const disagreement of result.disagreements) console.log(JSON.stringify(disagreement));
    rmSync(join(folder, `seed-${first + i}`), { recursive: true, force: true });
  }
} finally {
  await anvil.stop();
  rmSync(folder, { recursive: true, force: true });
}
const record = {
  firstSeed: first,
  lastSeed: first + shapes - 1,
  accepted: totals.accepted,
  figures: { differentialShapes: shapes, differentialTampered: totals.refused, differentialDisagreements: disagreements.length },
};
console.log(JSON.stringify(record));
if (values.record) writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
process.exitCode = disagreements.length > 0 ? 1 : 0;
