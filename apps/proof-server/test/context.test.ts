/** The check of a statement's context against a real chain with a real collection. */
import { join } from 'node:path';
import { connect, deploy } from '@pentimento/chain';
import type { Hex } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { openKit } from '@pentimento/prover';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCircuits } from '../src/circuits/circuits.ts';
import { type Models, openModels } from '../src/models.ts';
import { contextChecker } from '../src/proofs/context.ts';
import { parseSubmission } from '../src/proofs/statement.ts';
import { makeHome, removeHome, submission } from './harness.ts';

describe('the context of a proof', () => {
  let folder: string;
  let anvil: Anvil;
  let models: Models;
  let collection: string;
  let vkCodeHash: Hex;
  beforeAll(async () => {
    folder = makeHome();
    process.env.PENTIMENTO_HOME = folder;
    anvil = await startAnvil();
    models = await openModels([join(PROJECT, 'models')]);
    const { model } = models.find('nouns-s');
    const { circuit, vk, prover } = await openKit(model, 'fast', () => undefined);
    prover.close();
    const connection = await connect(anvil.url);
    ({ collection, vkCodeHash } = await deploy(connection, { model, objective: 'fast', ir: circuit.ir, vk, name: 'Nouns', symbol: 'N' }));
  });
  afterAll(async () => {
    await anvil?.stop();
    delete process.env.PENTIMENTO_HOME;
    removeHome(folder);
  });

  const check = (changes: object, rpc: string | undefined = anvil.url) => contextChecker(rpc)(parseSubmission(submission(1, changes), models));

  it('is the chain, and a collection of the model on it', async () => {
    await expect(check({ collection })).resolves.toBe(vkCodeHash);
    await expect(check({ collection, chainId: '1' })).rejects.toMatchObject({ code: 'context/chain-id' });
    await expect(check({})).rejects.toMatchObject({ code: 'context/unknown-collection' });
    const { length } = models.find('nouns-m').model.manifest.latent;
    await expect(check({ collection, model: 'nouns-m', latent: `0x${'00'.repeat(length)}` })).rejects.toMatchObject({ code: 'context/other-model' });
  });

  it('decides the layout by the key that the collection pins', async () => {
    const circuits = openCircuits(models);
    try {
      const served = models.find('nouns-s');
      const gas = await circuits.get(served, 'gas');
      expect(gas.vkCodeHash).not.toBe(vkCodeHash);
      await expect(circuits.objectiveOf(served, vkCodeHash)).resolves.toBe('fast');
      await expect(circuits.objectiveOf(served, gas.vkCodeHash)).resolves.toBe('gas');
      await expect(circuits.objectiveOf(served, `0x${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'circuit/other-key' });
    } finally {
      await circuits.stop();
    }
  });

  it('passes unchecked without a chain, and asks to come back while the chain is down', async () => {
    await expect(contextChecker(undefined)(parseSubmission(submission(1), models))).resolves.toBeUndefined();
    await expect(check({ collection }, 'http://127.0.0.1:9')).rejects.toMatchObject({ code: 'chain/unreachable', retryable: true });
  });
});
