/** Circuits and their verifying keys: for browsers that verify by themselves, and for the check of each proof before it is published. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Ir } from '@pentimento/circuit';
import { BaseError, type Bundle, bytesToHex, type Hex, hexToBytes, instancesFor, OBJECTIVES, type Objective } from '@pentimento/core';
import { createTurns } from '@pentimento/serving/http';
import { type Prepared, parseVk, prepare, verifyProof } from '@pentimento/verifier';
import { encodeVkRuntime } from '@pentimento/verifier/solidity';
import { keccak256 } from 'viem';
import type { Models, ServedModel } from '../models.ts';
import { type OpenedCircuit, Prover } from '../proofs/prover.ts';

export interface ServedCircuit {
  readonly prepared: Prepared;
  /** `{ "ir": ..., "vk": ... }`, compressed. */
  readonly gzipped: Uint8Array;
  readonly etag: string;
  /** Of the contract that holds the verifying key. */
  readonly vkCodeHash: Hex;
}

export interface Circuits {
  readonly models: Models;
  /** Opened in a child process of its own when no proof has needed it yet; keys that do not exist are made. */
  get(model: ServedModel, objective: Objective): Promise<ServedCircuit>;
  /** The layout whose key a contract pins by its code hash. Throws `circuit/other-key` when no layout here has it. */
  objectiveOf(model: ServedModel, vkCodeHash: Hex): Promise<Objective>;
  /**
   * Runs `open`, unless the circuit is known, and keeps what it gives. One at a time: two processes that make the same keys would write the
   * same files.
   */
  opened(model: ServedModel, objective: Objective, open: () => Promise<OpenedCircuit>): Promise<void>;
  /** True when the bundle's proof shows its statement for this model, by the TypeScript verifier. */
  verifies(model: ServedModel, bundle: Bundle): Promise<boolean>;
  stop(): Promise<void>;
}

export function openCircuits(models: Models): Circuits {
  const known = new Map<string, ServedCircuit>();
  const stopped = new AbortController();
  const inTurn = createTurns();
  const nameOf = (model: ServedModel, objective: Objective) => `${model.model.manifest.commitment}/${objective}`;
  const keep = async (name: string, opened: OpenedCircuit): Promise<ServedCircuit> => {
    const served = known.get(name) ?? (await serve(opened));
    known.set(name, served);
    return served;
  };
  const circuits: Circuits = {
    models,
    get: async (model, objective) => {
      const name = nameOf(model, objective);
      return known.get(name) ?? inTurn(async () => known.get(name) ?? keep(name, await openApart(model, objective, stopped.signal)));
    },
    objectiveOf: async (model, vkCodeHash) => {
      for (const objective of OBJECTIVES) if ((await circuits.get(model, objective)).vkCodeHash === vkCodeHash) return objective;
      const message = `Expected a key of the model ${model.model.manifest.name} under this server's setup, got the code hash ${vkCodeHash}.`;
      throw new BaseError({ code: 'circuit/other-key', message });
    },
    opened: (model, objective, open) => inTurn(async () => void (await keep(nameOf(model, objective), await open()))),
    verifies: async (model, bundle) => {
      const { prepared } = await circuits.get(model, bundle.objective);
      return verifyProof(prepared, hexToBytes(bundle.proof), [instancesFor(bundle, model.model.manifest)]);
    },
    stop: async () => {
      stopped.abort();
      await inTurn(async () => undefined);
    },
  };
  return circuits;
}

async function openApart({ folder }: ServedModel, objective: Objective, signal: AbortSignal): Promise<OpenedCircuit> {
  const prover = new Prover(1);
  try {
    return await prover.open({ folder, objective }, { onStage: () => undefined, signal });
  } finally {
    await prover.close();
  }
}

async function serve({ ir, vk }: OpenedCircuit): Promise<ServedCircuit> {
  const gzipped = await promisify(gzip)(`{"ir":${ir},"vk":${vk}}`);
  const etag = `"${createHash('sha256').update(gzipped).digest('hex')}"`;
  const [circuit, key] = [JSON.parse(ir) as Ir, parseVk(JSON.parse(vk))];
  return { etag, gzipped, prepared: prepare(circuit, key), vkCodeHash: keccak256(bytesToHex(encodeVkRuntime(circuit, key))) };
}
