/** One photo the whole way, measured and checked at each step: the answer of `start --once`. */
import { join } from 'node:path';
import { showToken, verifyGas, verifyOnChain } from '@pentimento/chain';
import { aigcDataOf, BaseError, bytesToHex, hexToBytes, instancesFor, pictureOf } from '@pentimento/core';
import { PROJECT, writeWhole } from '@pentimento/core/node';
import { runDecoder } from '@pentimento/layers';
import { paintingPng } from '@pentimento/pictures';
import { compileFor, countersOf, verifyBundle } from '@pentimento/prover';
import type { Output } from '../output.ts';
import { measuredThere } from './clients.ts';
import type { Platform, Wanted } from './platform.ts';
import { mintProven, proveClaimed, type Styled, style } from './token.ts';

export type Summary = Readonly<Record<string, unknown>>;

export interface SelfCheckOptions {
  /** Another one than the bundled. */
  readonly photo: string | undefined;
  /** Folder for the bundle and the picture. */
  readonly runs: string;
}

export async function selfCheck(platform: Platform, wanted: Wanted, { photo, runs }: SelfCheckOptions, output: Output): Promise<Summary> {
  const { connection, deployment, proofServer } = platform;
  const { model, objective } = wanted;
  const file = photo ?? join(PROJECT, 'examples', 'sample.png');
  output.progress(`Styling ${file} at the model server`);
  const styled = await style(platform, wanted, file);
  output.progress('Claiming the token and proving it at the proof server');
  const { bundle, claimGas } = await proveClaimed(platform, wanted, styled, output);
  await writeWhole(join(runs, `${model.manifest.name}.bundle.json`), JSON.stringify(bundle));
  const { proveMs, peakRssBytes } = await measuredThere(proofServer.url, model.manifest.name);
  output.progress('Verifying the proof offline, in TypeScript');
  if (!(await verifyBundle(model, bundle, output.progress))) {
    throw new BaseError({ code: 'cli/refused', message: 'Expected our own proof to verify offline, but it does not.' });
  }
  output.progress('Minting');
  const gas = await verifyGas(connection, deployment, bundle, instancesFor(bundle, model.manifest));
  const minted = await mintProven(platform, bundle);
  output.progress('Asking the chain to verify the token and to draw it');
  const verified = await verifyOnChain(connection, bundle);
  const image = await checkedImage(platform, wanted, styled, runs);
  const counters = countersOf(compileFor(model, objective));
  return {
    tokenId: minted.tokenId.toString(),
    proveMs: Math.round(proveMs),
    keygenMs: Math.round(platform.keygenMs),
    peakRssBytes,
    proofBytes: (bundle.proof.length - 2) / 2,
    verifyGas: Number(gas),
    claimGas: Number(claimGas),
    mintGas: Number(minted.mintGas),
    verifierBytes: deployment.verifierBytes,
    vkBytes: deployment.vkBytes,
    k: counters.k,
    rows: counters.rows,
    verified,
    image,
    collection: deployment.collection,
    model: model.manifest.name,
    objective,
  };
}

/** Reads the token back, compares its image with the integer reference byte for byte, and writes it as a PNG. */
async function checkedImage(
  { connection, deployment }: Platform,
  { model }: Wanted,
  { latent, pose, tokenId }: Styled,
  runs: string,
): Promise<string> {
  const token = await showToken(connection, deployment.collection, tokenId);
  const painted = runDecoder(model, hexToBytes(latent));
  if (token.aigcData !== bytesToHex(aigcDataOf(pictureOf(painted))) || token.pose !== pose) {
    throw new BaseError({
      code: 'cli/image-differs',
      message: "Expected the token's image on chain to equal the integer reference's, but they differ.",
    });
  }
  const path = join(runs, `${model.manifest.name}.png`);
  await writeWhole(path, await paintingPng(model, { ...painted, pose }));
  return path;
}
