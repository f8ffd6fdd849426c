/** One random circuit, proved by the engine, and the verdicts of halo2, the TypeScript verifier and the Solidity verifier on many inputs. */
import { join } from 'node:path';
import { generateKeys, openProver, setupDevelopmentSrs, verifyNative } from '@pentimento/engine';
import { prepare, verifyProof } from '../../src/index.ts';
import type { Evm } from '../evm.ts';
import { randomSample } from './circuit.ts';
import { Random } from './random.ts';
import { brokenInput, forgedInput, type Honest, type Input, tamperedInput } from './tamper.ts';

export interface Disagreement {
  readonly seed: number;
  /** Position and name of the input among those of this seed. */
  readonly input: string;
  readonly expected: boolean;
  /** Of halo2, TypeScript and Solidity. */
  readonly verdicts: readonly (boolean | string)[];
}

export interface Comparison {
  readonly shape: string;
  readonly accepted: number;
  readonly refused: number;
  readonly disagreements: readonly Disagreement[];
}

export interface CompareOptions {
  readonly seed: number;
  readonly tampered: number;
  readonly folder: string;
  readonly evm: Evm;
}

export async function compareVerifiers({ seed, tampered, folder, evm }: CompareOptions): Promise<Comparison> {
  const { circuit, witness } = randomSample(seed);
  const { ir } = circuit;
  const srsPath = await setupDevelopmentSrs(ir.k, folder);
  const keyDir = join(folder, `seed-${seed}`);
  const { vk } = await generateKeys({ circuit, srsPath, keyDir });
  const prover = await openProver(keyDir, srsPath);
  const [first, second] = [await prover.prove(witness), await prover.prove(witness)];
  prover.close();
  const honest: Honest = { proofs: [first.proof, second.proof], instances: witness.instances.map((column) => [...column]) };
  const prepared = prepare(ir, vk);
  await evm.place(ir, vk);

  const random = new Random(BigInt(seed) << 32n);
  const inputs: Input[] = honest.proofs.map((proof, i) => ({ name: `honest ${i}`, proof, instances: honest.instances, valid: true }));
  for (let i = 0; i < 3; i++) inputs.push(forgedInput(prepared, random));
  for (let i = 0; i < tampered; ) {
    const input = random.chance(10) ? brokenInput(prepared, random) : tamperedInput(prepared.plan, honest, random);
    if (input === undefined) continue;
    inputs.push(input);
    i++;
  }
  const solidity = await evm.verify(inputs);
  const disagreements = inputs.flatMap(({ name, proof, instances, valid }, i): Disagreement[] => {
    const verdicts = [verifyNative({ ir, vk, proof, instances }), verifyProof(prepared, proof, instances), solidity[i] as boolean | string];
    return verdicts.every((verdict) => verdict === valid) ? [] : [{ seed, input: `${i} ${name}`, expected: valid, verdicts }];
  });
  const { plan } = prepared;
  const shape = [
    `k ${ir.k}`,
    `degree ${ir.degree}`,
    `phases ${ir.advice.some((column) => column.phase === 1) ? 2 : 1}`,
    `challenges ${ir.challenges.length}`,
    `instances ${plan.instanceRows.join('+') || 0}`,
    `equality ${ir.equality.length} in ${plan.permutation.products}`,
    `rotations ${plan.rotations.length} in ${plan.sets.length} sets`,
  ].join(', ');
  return { shape, accepted: inputs.length - tampered, refused: tampered, disagreements };
}
