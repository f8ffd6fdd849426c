/**
 * Checks a statement's context against the chain that the server was given: a proof for a foreign collection would be of no use to anyone.
 */
import { failedOnChain } from '@pentimento/chain/connection';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, type Hex } from '@pentimento/core';
import { createPublicClient, http } from 'viem';
import type { Statement } from './statement.ts';

/**
 * Gives the code hash of the verifying key that the collection pins, undefined without a chain. Throws `context/chain-id`,
 * `context/unknown-collection`, `context/other-model` or, retryable, `chain/unreachable`.
 */
export type CheckContext = (statement: Statement) => Promise<Hex | undefined>;

const TIMEOUT_MS = 5_000;

/** Asks the chain once for each collection: a collection's model cannot change. Without a chain everything passes. */
export function contextChecker(rpcUrl: string | undefined): CheckContext {
  if (rpcUrl === undefined) return async () => undefined;
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 1, timeout: TIMEOUT_MS }) });
  const pinned = new Map<string, { readonly commitment: Hex; readonly vkCodeHash: Hex }>();
  let chain: number | undefined;
  return async ({ chainId, collection, model }) => {
    chain ??= await client.getChainId().catch(unreachable);
    if (chainId !== String(chain)) refuse('chain-id', `Expected chainId to be ${chain}, the chain of this service, got ${chainId}.`);
    const { commitment } = model.model.manifest;
    if (!pinned.has(collection)) {
      const read = client.readContract({ address: collection, abi: pentimentoCollectionAbi, functionName: 'model' });
      pinned.set(collection, await read.catch((error) => noCollection(error, collection)));
    }
    const found = pinned.get(collection);
    if (found?.commitment !== commitment)
      refuse('other-model', `Expected a collection of the model ${commitment}, but ${collection} is one of ${found?.commitment}.`);
    return found.vkCodeHash;
  };
}

/** A node that fails is another thing than a contract without a model. */
function noCollection(error: unknown, collection: string): never {
  if (!failedOnChain(error)) return unreachable(error);
  return refuse('unknown-collection', `Expected collection to be a collection on this chain, but ${collection} is none.`);
}

function unreachable(cause: unknown): never {
  const message = 'Expected the chain to answer, but it does not; try again soon.';
  throw new BaseError({ code: 'chain/unreachable', message, cause, retryable: true, details: { retryAfterSeconds: 5 } });
}

function refuse(code: string, message: string): never {
  throw new BaseError({ code: `context/${code}`, message });
}
