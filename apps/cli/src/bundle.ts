/** The proof bundle: everything that a mint or an offline verification needs, as one JSON file. */
import { readFile } from 'node:fs/promises';
import { BaseError, bytesToHex, type Hex, hexToBytes, instancesOf, type RgbStatement, type Statement } from '@pentimento/core';
import { type Model, OBJECTIVES } from '@pentimento/layers';
import type { Objective } from './prover.ts';

export interface Bundle {
  readonly format: 'pentimento-bundle';
  readonly version: 1;
  readonly model: string;
  readonly modelCommitment: string;
  readonly objective: Objective;
  readonly srs: string;
  readonly latent: Hex;
  /** One palette index a byte; with a palette head only. */
  readonly index?: Hex;
  /** One channel value a byte, `[3, H, W]`; with an RGB head only. */
  readonly image?: Hex;
  readonly pose: number;
  readonly chainId: string;
  readonly collection: Hex;
  readonly creator: Hex;
  readonly proof: Hex;
}

/** Throws `bundle/*` with one sentence when the file is not a whole bundle of this version. */
export async function readBundle(path: string): Promise<Bundle> {
  const text = await readFile(path, 'utf8').catch((cause: Error) =>
    fail('not-found', `Expected to read a proof bundle at ${path}, got: ${cause.message}.`),
  );
  let value: Partial<Bundle>;
  try {
    value = JSON.parse(text) as Partial<Bundle>;
  } catch {
    return fail('malformed', `Expected ${path} to hold JSON.`);
  }
  if (value.format !== 'pentimento-bundle' || value.version !== 1) fail('version', `Expected ${path} to be a pentimento-bundle of version 1.`);
  if ((value.index === undefined) === (value.image === undefined)) fail('malformed', `Expected ${path} to hold an index or an image, one of both.`);
  const picture = value.index === undefined ? 'image' : 'index';
  for (const name of ['latent', picture, 'collection', 'creator', 'proof'] as const) {
    if (!/^0x([0-9a-fA-F]{2})*$/.test(String(value[name]))) fail('malformed', `Expected ${name} in ${path} to be hexadecimal bytes.`);
  }
  if (!/^\d{1,20}$/.test(String(value.chainId))) fail('malformed', `Expected chainId in ${path} to be a decimal number.`);
  if (!OBJECTIVES.some((o) => o === value.objective)) fail('malformed', `Expected objective in ${path} to be one of ${OBJECTIVES.join(', ')}.`);
  return value as Bundle;
}

/** What a decoder paints: palette indices, or channel values. */
export type Picture = Pick<Statement, 'index'> | Pick<RgbStatement, 'image'>;

/** The picture of a run of the reference, of which one of the two is empty. */
export function pictureOf({ index, image }: { readonly index: Uint8Array; readonly image: Uint8Array }): Picture {
  return index.length > 0 ? { index } : { image };
}

export function statementOf(bundle: Bundle): Statement | RgbStatement {
  const picture: Picture = bundle.image === undefined ? { index: hexToBytes(bundle.index ?? '0x') } : { image: hexToBytes(bundle.image) };
  return {
    ...picture,
    latent: hexToBytes(bundle.latent),
    pose: bundle.pose,
    chainId: BigInt(bundle.chainId),
    collection: BigInt(bundle.collection),
    creator: BigInt(bundle.creator),
  };
}

/** Instances of a bundle's statement, after checking that it is of this model; `bundle/*` or `statement/*` errors otherwise. */
export function instancesFor(bundle: Bundle, { manifest }: Model): bigint[] {
  if (bundle.modelCommitment !== manifest.commitment) {
    fail('other-model', `Expected a proof of the model ${manifest.commitment}, got one of ${bundle.modelCommitment}.`);
  }
  const statement = statementOf(bundle);
  const rgb = manifest.layers.at(-1)?.op === 'rgb';
  const expected = manifest.image.height * manifest.image.width * (rgb ? 3 : 1);
  const found = 'index' in statement ? statement.index.length : statement.image.length;
  if (statement.latent.length !== manifest.latent.length || found !== expected || 'image' in statement !== rgb) {
    fail('malformed', `Expected ${manifest.latent.length} latent and ${expected} image bytes, got ${statement.latent.length} and ${found}.`);
  }
  return instancesOf(statement);
}

export function makeBundle(model: Model, objective: Objective, srs: string, statement: Statement | RgbStatement, proof: Uint8Array): Bundle {
  const address = (value: bigint): Hex => `0x${value.toString(16).padStart(40, '0')}`;
  return {
    format: 'pentimento-bundle',
    version: 1,
    model: model.manifest.name,
    modelCommitment: model.manifest.commitment,
    objective,
    srs,
    latent: bytesToHex(statement.latent),
    ...('index' in statement ? { index: bytesToHex(statement.index) } : { image: bytesToHex(statement.image) }),
    pose: statement.pose,
    chainId: statement.chainId.toString(),
    collection: address(statement.collection),
    creator: address(statement.creator),
    proof: bytesToHex(proof),
  };
}

function fail(code: string, message: string): never {
  throw new BaseError({ code: `bundle/${code}`, message });
}
