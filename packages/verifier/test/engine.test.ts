/** Circuits of random shape, proved by the engine: halo2, the TypeScript verifier and the Solidity verifier must agree on every verdict. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Circuit, CircuitBuilder, type Definition, type Expression, type Witness } from '@pentimento/circuit';
import { generateKeys, openProver, setupDevelopmentSrs, verifyNative } from '@pentimento/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepare, verifyProof } from '../src/index.ts';
import { type Anvil, startAnvil } from '../src/testing.ts';
import { deployVerifier } from './chain.ts';
import { rejections } from './fixtures.ts';

const K = 6;
/** Rows in which the gates hold: every rotation of a gate stays inside the smallest possible number of usable rows. */
const ACTIVE = { from: 3, to: 2 ** K - 16 };
let anvil: Anvil;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-verifier-'));
  anvil = await startAnvil();
});
afterAll(async () => {
  await anvil?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Deterministic numbers (mulberry32): `below(n)` is in `[0, n)`. */
function randomness(seed: number) {
  let state = seed;
  const below = (n: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

interface Shape {
  readonly advice: number;
  readonly equality: number;
  readonly instances: readonly number[];
  readonly challenges: number;
  readonly gates: number;
  readonly degree: number;
}

const SHAPES: Shape[] = [
  { advice: 2, equality: 0, instances: [], challenges: 0, gates: 1, degree: 3 },
  { advice: 3, equality: 2, instances: [4], challenges: 1, gates: 2, degree: 3 },
  { advice: 3, equality: 4, instances: [3], challenges: 2, gates: 3, degree: 3 },
  { advice: 4, equality: 5, instances: [5, 2], challenges: 2, gates: 4, degree: 5 },
  { advice: 5, equality: 1, instances: [0], challenges: 1, gates: 5, degree: 4 },
  { advice: 4, equality: 3, instances: [2], challenges: 3, gates: 6, degree: 6 },
];

/** Each gate says that a phase-1 column equals a random expression on the active rows; the column is defined by the same expression. */
function randomCircuit(shape: Shape, seed: number): { circuit: Circuit; witness: Witness } {
  const { below, pick } = randomness(seed);
  const b = new CircuitBuilder();
  const [selector, weights] = [b.fixed('active'), b.fixed('weights')];
  const columns = Array.from({ length: shape.advice }, (_, i) => b.advice(`a${i}`, 0));
  const results = Array.from({ length: shape.gates }, (_, i) => b.advice(`r${i}`, 1));
  const instances = shape.instances.map((rows, i) => b.instance(`i${i}`, rows));
  const challenges = Array.from({ length: shape.challenges }, (_, i) => b.challenge(`c${i}`));
  const equal = [...instances, ...columns, weights].slice(0, shape.equality);
  for (const column of equal) b.enableEquality(column);

  const leaf = (): Expression => {
    const kind = below(10);
    if (kind === 0) return b.constant(below(1000) - 500);
    if (kind <= 2 && challenges.length > 0) return pick(challenges);
    if (kind === 3) return b.query(weights);
    if (kind === 4 && instances.length > 0) return b.query(pick(instances), below(3) - 1);
    return b.query(pick(columns), pick([0, 0, 0, 1, -1, 2]));
  };
  const tree = (depth: number): Expression => {
    if (depth === 0) return leaf();
    const [x, y] = [tree(depth - 1), tree(depth - 1)];
    return x.degree + y.degree <= shape.degree - 1 && below(2) === 0 ? b.mul(x, y) : b.sub(x, y);
  };
  const definitions: Definition[] = [];
  results.forEach((column, i) => {
    const power = b.pow(b.query(columns[i % columns.length] as (typeof columns)[number]), shape.degree - 1);
    const all = columns.map((c, j) => b.mul(b.query(c), j + 2));
    const expression = b.add(power, tree(3), ...all, ...challenges.slice(0, 1));
    definitions.push({ kind: 'map', column: column.index, expr: expression.node });
    b.gate(`random/${i}`, b.mul(b.query(selector), b.sub(b.query(column), expression)));
  });

  const usable = 2 ** K - 12;
  const advice = columns.map(() => Int32Array.from({ length: usable }, () => below(4000) - 2000));
  const values = shape.instances.map((rows) => Array.from({ length: rows }, () => BigInt(1 + below(1 << 20))));
  const [instance] = instances;
  if (instance !== undefined && equal.includes(columns[0] as (typeof columns)[number])) {
    (values[0] as bigint[]).forEach((value, row) => {
      b.copy(instance, row, columns[0] as (typeof columns)[number], 2 * row);
      (advice[0] as Int32Array)[2 * row] = Number(value);
    });
  }
  const active = Int32Array.from({ length: usable }, (_, row) => Number(row >= ACTIVE.from && row < ACTIVE.to));
  const fixed = [active, Int32Array.from({ length: usable }, () => below(255) - 127)];
  return { circuit: { ir: { ...b.build(K), definitions }, fixed }, witness: { advice, instances: values } };
}

SHAPES.forEach((shape, i) => {
  test(`shape ${i}: halo2, TypeScript and Solidity agree`, { timeout: 240_000 }, async () => {
    const { circuit, witness } = randomCircuit(shape, i + 1);
    const srsPath = await setupDevelopmentSrs(K, folder);
    const keyDir = join(folder, `shape-${i}`);
    const { vk } = await generateKeys({ circuit, srsPath, keyDir });
    const prover = await openProver(keyDir, srsPath);
    const { proof } = await prover.prove(witness);
    prover.close();
    const { ir } = circuit;
    const instances = witness.instances.map((column) => [...column]);
    const prepared = prepare(ir, vk);
    const chain = await deployVerifier(anvil.url, ir, vk);
    const verdicts = async (bytes: Uint8Array, values: bigint[][]) => [
      verifyNative({ ir, vk, proof: bytes, instances: values }),
      verifyProof(prepared, bytes, values),
      await chain.verify(chain.key.address, bytes, values),
    ];
    expect(await verdicts(proof, instances)).toEqual([true, true, true]);
    const changes = rejections({ name: `shape ${i}`, ir, vk, plan: prepared.plan, proof, instances, challenges: [] });
    for (const change of changes.filter((_, position) => position % 3 === i % 3)) {
      expect(await verdicts(change.proof, change.instances), change.name).toEqual([false, false, false]);
    }
    console.log(
      `shape ${i}: degree ${ir.degree}, ${ir.nodes.length} nodes, proof ${proof.length} bytes, runtime ${chain.contract.runtimeBytes} bytes`,
    );
  });
});
