/** `pentimento verifier`: the generated Solidity verifier of a model: what each part of it costs, or its files. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, IDENTITY_POSE, instancesFor, type Objective } from '@pentimento/core';
import { modelFolder, writeWhole } from '@pentimento/core/node';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { openKit, proveLatent } from '@pentimento/prover';
import { type VerifierReport, verifierReport } from '@pentimento/verifier/report';
import { encodeVkRuntime, generateVerifier } from '@pentimento/verifier/solidity';
import { type Declare, modelOption, objectiveOption } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';

/** What the verifier of preset M shall and may cost: bytes of code, and gas of a whole transaction for each objective. */
const TARGET = { runtimeBytes: 9 * 1024, gas: { fast: 550_000, gas: 390_000, memory: 550_000 } } as const;
const LIMIT = { runtimeBytes: 16 * 1024, gas: { fast: 800_000, gas: 500_000, memory: 800_000 } } as const;

interface VerifierOptions {
  readonly model: string;
  readonly objective: Objective;
  readonly report?: boolean;
  readonly out?: string;
}

export function verifierCommand(command: Declare): void {
  command('verifier', "the model's generated verifier: its costs, its files", async (output, o: VerifierOptions) => {
    const model = await loadModel(modelFolder(o.model));
    const kit = await openKit(model, o.objective, output.progress);
    kit.prover.close();
    const { ir } = kit.circuit;
    const { verifier, shapeDigest } = generateVerifier(ir, kit.vk);
    if (o.out !== undefined) {
      await mkdir(o.out, { recursive: true });
      await writeWhole(join(o.out, 'Halo2Verifier.sol'), verifier);
      await writeWhole(join(o.out, 'circuit.json'), `${JSON.stringify(ir)}\n`);
      await writeWhole(join(o.out, 'vk.json'), `${JSON.stringify(kit.vk)}\n`);
      await writeWhole(join(o.out, 'vk.hex'), `${bytesToHex(encodeVkRuntime(ir, kit.vk))}\n`);
    }
    const report = o.report ? await measure(model, o.objective, output) : undefined;
    const where = o.out === undefined ? '' : `Written to ${o.out}.`;
    const text = [
      `Shape ${shapeDigest}, setup ${kit.vk.srs.name}${kit.vk.srs.insecure ? ' (INSECURE)' : ''}.`,
      where,
      report && table(report, o.objective),
    ];
    output.result({ shapeDigest, srs: kit.vk.srs, ...report }, text.filter(Boolean).join('\n'));
    return EXIT.ok;
  })
    .addOption(modelOption())
    .addOption(objectiveOption())
    .option('--report', 'prove once and print bytes and gas of each part')
    .option('--out <folder>', 'write the source, the circuit and the key');
}

async function measure(model: Model, objective: Objective, output: Output): Promise<VerifierReport> {
  const latent = new Uint8Array(model.manifest.latent.length).fill(64);
  const context = { pose: IDENTITY_POSE, chainId: 31337n, collection: 0n, creator: 0n };
  const { bundle } = await proveLatent(model, objective, { latent, ...context }, output.progress);
  const kit = await openKit(model, objective, output.progress);
  kit.prover.close();
  return verifierReport({ ir: kit.circuit.ir, vk: kit.vk, proof: hexToBytes(bundle.proof), instances: [instancesFor(bundle, model.manifest)] });
}

function table({ sections, runtimeBytes, vkBytes, proofBytes, executionGas, transactionGas }: VerifierReport, objective: Objective): string {
  const line = (name: string, bytes: number | string, gas: number | string) =>
    `${name.padEnd(12)}${String(bytes).padStart(8)}${String(gas).padStart(10)}`;
  const total = executionGas + transactionGas;
  return [
    line('', 'bytes', 'gas'),
    ...sections.map(({ name, bytes, gas }) => line(name, bytes, gas)),
    line('calldata', '', transactionGas),
    line('total', runtimeBytes, total),
    line('target', TARGET.runtimeBytes, TARGET.gas[objective]),
    line('limit', LIMIT.runtimeBytes, LIMIT.gas[objective]),
    `Proof ${proofBytes} bytes, key ${vkBytes} bytes.`,
  ].join('\n');
}
