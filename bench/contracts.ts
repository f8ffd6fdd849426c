/**
 * What the contracts cost for preset M (fast) with real proofs on a local chain, and how much of contracts/src their tests run. The mints are
 * an account's first in a collection, whole transactions. Lines that no test runs are printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectionFactoryAbi } from '../contracts/abi/contracts.ts';
import { coverageOf } from '../contracts/test/lines/coverage.ts';
import { type Connection, connect, deploy, mint } from '../packages/chain/src/index.ts';
import { home } from '../packages/core/src/node.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { openKit, proveIn } from '../packages/prover/src/index.ts';
import { startAnvil } from '../packages/verifier/src/testing.ts';
import { type Figures, ROOT } from './record.ts';

export async function contractFigures(): Promise<Figures> {
  return { ...(await inPassingHome(gas)), contractLineCoveragePct: await lineCoverage() };
}

async function gas(): Promise<Figures> {
  const model = await loadModel(`${ROOT}models/nouns-m`);
  const kit = await openKit(model, 'fast', () => undefined);
  const anvil = await startAnvil();
  try {
    const connection = await connect(anvil.url);
    const figures: Record<string, number> = {};
    for (const images of ['onchain', 'hash'] as const) {
      const options = { model, objective: 'fast', ir: kit.circuit.ir, vk: kit.vk, name: `Bench ${images}`, symbol: 'BENCH', images };
      const { factory, collection } = await deploy(connection, options);
      const latent = Uint8Array.from({ length: model.manifest.latent.length }, (_, i) => (37 * i + 11) % 128);
      const context = { pose: 31, chainId: BigInt(connection.chainId), collection: BigInt(collection), creator: BigInt(connection.account.address) };
      const { bundle } = await proveIn(kit, { model, objective: 'fast', statement: { latent, ...context }, onStage: () => undefined });
      const { claimGas, mintGas } = await mint(connection, bundle);
      Object.assign(figures, { claimGas: Number(claimGas), cloneGas: await cloneGas(connection, factory), [`mintGas.${images}`]: Number(mintGas) });
    }
    return figures;
  } finally {
    kit.prover.close();
    await anvil.stop();
  }
}

/** Gas of the dearest deployment of a collection by this factory. */
async function cloneGas({ reader }: Connection, factory: `0x${string}`): Promise<number> {
  const created = await reader.getContractEvents({ address: factory, abi: collectionFactoryAbi, eventName: 'CollectionCreated', fromBlock: 0n });
  const receipts = await Promise.all(created.map(({ transactionHash }) => reader.getTransactionReceipt({ hash: transactionHash })));
  return Math.max(...receipts.map(({ gasUsed }) => Number(gasUsed)));
}

/** With the kept keys and setups, and an address book that is gone afterwards. */
async function inPassingHome<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env.PENTIMENTO_HOME;
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-contracts-'));
  for (const shared of ['keys', 'srs']) {
    await mkdir(home(shared), { recursive: true });
    await symlink(home(shared), join(folder, shared));
  }
  process.env.PENTIMENTO_HOME = folder;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.PENTIMENTO_HOME;
    else process.env.PENTIMENTO_HOME = before;
    await rm(folder, { recursive: true });
  }
}

/** Per cent of the lines of contracts/src on which every statement runs in the contracts' tests. Throws when a test fails. */
async function lineCoverage(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-lines-'));
  try {
    // Gas and sizes are those of optimised code, which is not what is traced. The random sequences run what the other tests run, for minutes.
    const others = ['--exclude', 'contracts/test/{gas,invariants.prop}.test.ts', '--testNamePattern', '^(?!.*gas of )'];
    const args = ['run', 'contracts/test', ...others, '--testTimeout=900000', '--reporter=dot'];
    const { status } = spawnSync(process.execPath, [`${ROOT}node_modules/vitest/vitest.mjs`, ...args], {
      cwd: ROOT,
      env: { ...process.env, PENTIMENTO_LINES: folder },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`Expected the contracts' tests to pass, got status ${status}.`);
    const { lines, covered, uncovered } = coverageOf(folder);
    process.stderr.write(
      `${covered} of ${lines} lines of contracts/src run in tests${uncovered.map((line) => `\n  not: contracts/${line}`).join('')}\n`,
    );
    return Math.round((1000 * covered) / lines) / 10;
  } finally {
    await rm(folder, { recursive: true });
  }
}
