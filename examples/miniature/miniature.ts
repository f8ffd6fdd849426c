/**
 * The worked miniature of book/model-to-circuit.md: compiles a decoder that can be computed by hand, shows every cell that matters, proves
 * it with the engine and verifies the proof. `node examples/miniature/miniature.ts` prints the tables of the page.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockProve } from '../../packages/circuit/src/index.ts';
import { aigcDataOf, packWords } from '../../packages/core/src/index.ts';
import { generateKeys, openProver, setupDevelopmentSrs } from '../../packages/engine/src/index.ts';
import {
  assemble,
  compileDecoder,
  computeCells,
  type DecoderCircuit,
  decoderWitness,
  paintedImage,
  runDecoder,
} from '../../packages/layers/src/index.ts';
import { prepare, verifyProof } from '../../packages/verifier/src/index.ts';
import { LATENT, MODEL } from './model.ts';
import {
  type Coefficients,
  coefficientsOf,
  identity,
  lookups,
  outputs,
  positions,
  rows,
  type Table,
  tableText,
  weightRows,
  words,
} from './tables.ts';

const CONTEXT = { pose: 31, chainId: 31337n, collection: 5n, creator: 7n };

if (import.meta.main) for (const table of await miniature()) console.log(`${table.name}\n\n${tableText(table)}`);

/** All tables of the page, in its order. Throws when circuit and integer reference disagree. */
export async function miniature(): Promise<Table[]> {
  const circuit = compileDecoder(MODEL, { slots: 1, weightColumns: 4 });
  const witness = decoderWitness(circuit, LATENT, CONTEXT);
  const { image } = runDecoder(MODEL, LATENT);
  if (witness.image.join() !== image.join()) throw new RangeError(`the circuit paints ${witness.image}, the reference ${image}`);
  const cells = computeCells(circuit, LATENT);
  const coefficients = coefficientsOf(circuit, witness);
  return [
    rows(circuit),
    outputs(circuit, cells, 'fc'),
    outputs(circuit, cells, 'head'),
    weightRows(circuit, coefficients),
    positions(circuit, coefficients),
    identity(circuit, cells, coefficients),
    words(witness),
    lookups(circuit, witness),
    forgery(circuit, coefficients),
    await proof(circuit),
  ];
}

/** One more in `h` and `o` of the third element of the fully connected layer; what follows from it, the public image included, is honest. */
function forgery(circuit: DecoderCircuit, coefficients: Coefficients): Table {
  const { baseRow } = circuit.plan.placed.get('fc') as { baseRow: number };
  const row = baseRow + 2;
  const cells = computeCells(circuit, LATENT, (id, { h, o }) => {
    if (id !== 'fc') return;
    h[row] = (h[row] as number) + 1;
    o[row] = (o[row] as number) + 1;
  });
  const image = aigcDataOf(paintedImage(circuit.plan, cells));
  const instances = [[...packWords(LATENT), ...packWords(image), BigInt(CONTEXT.pose), CONTEXT.chainId, CONTEXT.collection, CONTEXT.creator]];
  const failures = mockProve(circuit, { ...assemble(circuit, cells), instances });
  const { left, right } = totals(identity(circuit, cells, coefficients));
  return {
    name: 'forgery',
    head: ['row', 'true o', 'claimed o', 'left side', 'right side', 'difference', 'rejected by'],
    rows: [[row, (cells.o[row] as number) - 1, cells.o[row] as number, left, right, left - right, failures.map(({ id }) => `\`${id}\``).join()]],
  };
}

function totals({ rows: all }: Table): { left: bigint; right: bigint } {
  const [, , left, , right] = all.at(-1) as readonly bigint[];
  return { left: left as bigint, right: right as bigint };
}

/** Keys, a proof, and the verifier's answers, with the insecure development setup. */
async function proof(circuit: DecoderCircuit): Promise<Table> {
  const { ir } = circuit;
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-miniature-'));
  try {
    const srsPath = await setupDevelopmentSrs(ir.k, join(folder, 'srs'));
    const { vk } = await generateKeys({ circuit, srsPath, keyDir: join(folder, 'keys') });
    const prover = await openProver(join(folder, 'keys'), srsPath);
    const witness = decoderWitness(circuit, LATENT, CONTEXT);
    const { proof: bytes } = await prover.prove(witness);
    prover.close();
    const prepared = prepare(ir, vk);
    const [publicWords] = witness.instances as [readonly bigint[]];
    const other = publicWords.map((word, i) => (i === 1 ? word + 1n : word));
    return {
      name: 'proof',
      head: ['k', 'usable rows', 'fixed columns', 'advice columns', 'gates', 'copies', 'proof bytes', 'accepted', 'accepted with another image'],
      rows: [
        [
          ir.k,
          circuit.usable,
          ir.fixed.length,
          ir.advice.length,
          ir.gates.length,
          ir.copies.length,
          bytes.length,
          verifyProof(prepared, bytes, [publicWords]) ? 'yes' : 'no',
          verifyProof(prepared, bytes, [other]) ? 'yes' : 'no',
        ],
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
