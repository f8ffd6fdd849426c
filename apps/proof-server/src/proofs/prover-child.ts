/**
 * The process that proves, forked by `prover.ts`: it has no database, no network and no wallet, and can be killed at any moment. It keeps the
 * keys that were used last open; it ends when the server does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { BaseError, hexToBytes } from '@pentimento/core';
import type { Model } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { openKit, type ProvingKit, proveIn } from '@pentimento/prover';
import { type FromChild, type KitName, kitId, type ProofRequest, type ToChild } from './messages.ts';

/** Keys of one model are some hundred megabytes. */
const OPEN_KITS = 2;

interface OpenKit {
  readonly model: Model;
  readonly kit: ProvingKit;
}

/** By folder and objective, the one used last at the end. */
const kits = new Map<string, OpenKit>();
let cancel = new AbortController();

/** The kit, opened when it is not, in place of the one that was used longest ago. */
async function kitOf(name: KitName): Promise<OpenKit> {
  const key = kitId(name);
  const open = kits.get(key) ?? (await load(name));
  kits.delete(key);
  kits.set(key, open);
  return open;
}

async function load({ folder, objective }: KitName): Promise<OpenKit> {
  for (const [key, { kit }] of [...kits].slice(0, Math.max(0, kits.size + 1 - OPEN_KITS))) {
    kits.delete(key);
    kit.prover.close();
  }
  const model = await loadModel(folder);
  return { model, kit: await openKit(model, objective, () => tell({ type: 'stage', stage: 'keys' })) };
}

async function open(name: KitName): Promise<FromChild> {
  const { kit } = await kitOf(name);
  return { type: 'opened', ir: JSON.stringify(kit.circuit.ir), vk: JSON.stringify(kit.vk) };
}

async function prove(request: ProofRequest): Promise<FromChild> {
  const { model, kit } = await kitOf(request);
  const { latent, pose, chainId, collection, creator, objective } = request;
  const statement = { latent: hexToBytes(latent), pose, chainId: BigInt(chainId), collection: BigInt(collection), creator: BigInt(creator) };
  const onStage = (stage: string) => tell({ type: 'stage', stage });
  const { bundle, proveMs } = await proveIn(kit, { model, objective, statement, onStage, signal: cancel.signal });
  return { type: 'proof', bundle, proveMs, peakRssBytes: peakRssBytes() };
}

/** Most memory that this process has held. Linux's `maxRSS` begins with the parent's, which `VmHWM` does not. */
function peakRssBytes(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

async function answer(message: Exclude<ToChild, { type: 'cancel' }>): Promise<void> {
  cancel = new AbortController();
  try {
    tell(await (message.type === 'open' ? open(message) : prove(message)));
  } catch (error) {
    const code = error instanceof BaseError ? error.code : 'prover/failed';
    tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  }
}

function tell(message: FromChild): void {
  process.send?.(message);
}

/** When memory runs out, the system is to end this process and not the server. */
function preferThisProcess(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Without the right to do so the default stands.
  }
}

preferThisProcess();
process.on('message', (message: ToChild) => void (message.type === 'cancel' ? cancel.abort() : answer(message)));
process.on('disconnect', () => process.exit(0));
// The terminal sends Ctrl-C to the whole group; the server decides when this process ends.
process.on('SIGINT', () => undefined);
