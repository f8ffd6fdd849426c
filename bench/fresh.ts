/**
 * Measures a proof in processes of its own, so that peak memory is that of the work alone: one process makes the keys, the next one proves
 * and verifies, and where asked for another one verifies on a local chain. A job is an exported function of a bench module that takes one text and returns a circuit and its witness.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Circuit, Ir, Witness } from '../packages/circuit/src/index.ts';
import { generateKeys, openProver, setupDevelopmentSrs, verifyNative } from '../packages/engine/src/index.ts';
import { parseVk, prepare, verifyProof } from '../packages/verifier/src/index.ts';
import { startAnvil } from '../packages/verifier/src/testing.ts';
import { deployVerifier } from '../packages/verifier/test/chain.ts';
import { ROOT } from './record.ts';

export interface Job {
  readonly circuit: Circuit;
  readonly witness: () => Witness;
  /** Facts of the job that go with the measurement. */
  readonly facts?: Readonly<Record<string, number>>;
}

export interface Measured {
  /** Building circuit and fixed columns from the model. */
  readonly compileMs: number;
  readonly keygenMs: number;
  readonly witnessMs: number;
  /** In the engine, its own check of the proof included. */
  readonly proveMs: number;
  /** User and system time of the proving process during `proveMs`. */
  readonly proveCpuMs: number;
  readonly verifyMs: number;
  readonly proofBytes: number;
  readonly keygenRssBytes: number;
  readonly peakRssBytes: number;
  /** The whole transaction of a verification, with `gas`. */
  readonly verifyGas?: number;
  readonly facts: Readonly<Record<string, number>>;
}

export interface JobName {
  /** URL of the bench module. */
  readonly module: string;
  readonly job: string;
  readonly argument: string;
}

/** Where the development SRS is kept between runs: making it takes longer than proving. */
const SRS = join(ROOT, '.pentimento', 'srs');

/** Keys, proof and verification (in TypeScript and in the engine); rejects when a process ends with an error or a proof is not accepted. */
export async function measureJob(name: JobName, { gas = false }: { readonly gas?: boolean } = {}): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-job-'));
  try {
    const keys = await inProcess('keys', name, folder);
    const proof = await inProcess('prove', name, folder);
    const verifyGas = gas ? (await inProcess('gas', name, folder)).verifyGas : undefined;
    return { ...keys, ...proof, keygenRssBytes: keys.peakRssBytes, ...(verifyGas === undefined ? {} : { verifyGas }) } as Measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type StepResult = Record<string, number> & { peakRssBytes: number };

function inProcess(step: 'keys' | 'prove' | 'gas', { module, job, argument }: JobName, folder: string): Promise<StepResult> {
  const args = ['--max-old-space-size=16000', fileURLToPath(import.meta.url), step, module, job, argument, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (status, signal) =>
      status === 0
        ? resolve(JSON.parse(out) as StepResult)
        : reject(new Error(`${step} of ${job} ${argument} ended with ${signal ?? `status ${status}`}`)),
    );
  });
}

async function work(step: string, module: string, job: string, argument: string, folder: string): Promise<Record<string, unknown>> {
  if (step === 'gas') return { verifyGas: await verifyOnChain(folder) };
  const began = performance.now();
  const load = (await import(module)) as Record<string, (argument: string) => Promise<Job>>;
  const { circuit, witness, facts = {} } = await (load[job] as (argument: string) => Promise<Job>)(argument);
  const compileMs = performance.now() - began;
  await mkdir(SRS, { recursive: true });
  const srsPath = await setupDevelopmentSrs(circuit.ir.k, SRS);
  const keyDir = join(folder, 'keys');
  if (step === 'keys') {
    const { keygenMs } = await generateKeys({ circuit, srsPath, keyDir });
    return { compileMs, keygenMs, facts };
  }
  return prove(circuit, witness, { folder, keyDir, srsPath });
}

async function prove(
  circuit: Circuit,
  makeWitness: () => Witness,
  { folder, keyDir, srsPath }: { folder: string; keyDir: string; srsPath: string },
): Promise<Record<string, unknown>> {
  const prover = await openProver(keyDir, srsPath);
  const begun = performance.now();
  const witness = makeWitness();
  const witnessMs = performance.now() - begun;
  const before = process.cpuUsage();
  const { proof, proveMs } = await prover.prove(witness);
  const { user, system } = process.cpuUsage(before);
  const verifyBegan = performance.now();
  const accepted = verifyProof(prepare(circuit.ir, prover.vk), proof, witness.instances);
  const verifyMs = performance.now() - verifyBegan;
  if (!accepted || !verifyNative({ ir: circuit.ir, vk: prover.vk, instances: witness.instances, proof }))
    throw new Error('the proof is not accepted');
  prover.close();
  const statement = { proof: Buffer.from(proof).toString('hex'), instances: witness.instances.map((words) => words.map(String)) };
  await writeFile(join(folder, 'statement.json'), JSON.stringify(statement));
  return { witnessMs, proveMs, proveCpuMs: (user + system) / 1000, verifyMs, proofBytes: proof.length };
}

/** Gas of a transaction that calls the generated verifier with the proof of the step before. */
async function verifyOnChain(folder: string): Promise<number> {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const [ir, vk, statement] = [(await read('keys/circuit.json')) as Ir, parseVk(await read('keys/vk.json')), await read('statement.json')];
  const { proof, instances } = statement as { proof: string; instances: string[][] };
  const anvil = await startAnvil();
  try {
    const { transact } = await deployVerifier(anvil.url, ir, vk);
    const words = instances.map((column) => column.map(BigInt));
    return Number(await transact(new Uint8Array(Buffer.from(proof, 'hex')), words));
  } finally {
    await anvil.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [step, module, job, argument, folder] = process.argv.slice(2) as [string, string, string, string, string];
  // No await here: the job's module imports this one, which must have been evaluated by then.
  void work(step, module, job, argument, folder).then((result) =>
    process.stdout.write(JSON.stringify({ ...result, peakRssBytes: process.resourceUsage().maxRSS * 1024 })),
  );
}

/** Adds a measurement to a file of results, `{ name: measurement }`. */
export async function keepResult(file: string, name: string, measured: Measured): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...(await keptResults(file)), [name]: measured }, null, 2)}\n`);
}

/** What was measured so far, on this machine or on another one. */
export async function keptResults(file: string): Promise<Record<string, Measured>> {
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Record<string, Measured>) : {};
}
