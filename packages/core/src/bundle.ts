/** The proof bundle: everything that a mint or an offline verification needs, as one JSON document. */
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts';
import { BaseError } from './error.ts';
import { aigcDataOf, encodePrompt, instancesOf, type RgbStatement, type Statement } from './statement.ts';

/** What a circuit's layout is searched for: `fast` the least time, `memory` the least memory, `gas` the least gas of a verification (each within 5 %). */
export type Objective = 'fast' | 'gas' | 'memory';

export const OBJECTIVES: readonly Objective[] = ['fast', 'gas', 'memory'];

/** What a bundle needs to know of a model: its manifest, or as much of it. */
export interface BundleModel {
  readonly name: string;
  /** 0x and 64 hexadecimal digits. */
  readonly commitment: string;
  readonly latent: { readonly length: number };
  readonly image: { readonly height: number; readonly width: number };
  readonly layers: readonly { readonly op: string }[];
}

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

/** A bundle from its text; `name` says in messages where it came from. Throws `bundle/*` with one sentence when it is not a whole bundle of this version. */
export function parseBundle(text: string, name: string): Bundle {
  let value: Partial<Bundle> | null;
  try {
    value = JSON.parse(text) as Partial<Bundle> | null;
  } catch {
    return fail('malformed', `Expected ${name} to hold JSON.`);
  }
  if (value?.format !== 'pentimento-bundle' || value.version !== 1) fail('version', `Expected ${name} to be a pentimento-bundle of version 1.`);
  if ((value.index === undefined) === (value.image === undefined)) fail('malformed', `Expected ${name} to hold an index or an image, one of both.`);
  const picture = value.index === undefined ? 'image' : 'index';
  for (const field of ['latent', picture, 'collection', 'creator', 'proof'] as const) {
    if (!/^0x([0-9a-fA-F]{2})*$/.test(String(value[field]))) fail('malformed', `Expected ${field} in ${name} to be hexadecimal bytes.`);
  }
  if (!/^\d{1,20}$/.test(String(value.chainId))) fail('malformed', `Expected chainId in ${name} to be a decimal number.`);
  if (!OBJECTIVES.some((o) => o === value.objective)) fail('malformed', `Expected objective in ${name} to be one of ${OBJECTIVES.join(', ')}.`);
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
export function instancesFor(bundle: Bundle, model: BundleModel): bigint[] {
  if (bundle.modelCommitment !== model.commitment) {
    fail('other-model', `Expected a proof of the model ${model.commitment}, got one of ${bundle.modelCommitment}.`);
  }
  const statement = statementOf(bundle);
  const rgb = model.layers.at(-1)?.op === 'rgb';
  const expected = model.image.height * model.image.width * (rgb ? 3 : 1);
  const found = 'index' in statement ? statement.index.length : statement.image.length;
  if (statement.latent.length !== model.latent.length || found !== expected || 'image' in statement !== rgb) {
    fail('malformed', `Expected ${model.latent.length} latent and ${expected} image bytes, got ${statement.latent.length} and ${found}.`);
  }
  return instancesOf(statement);
}

export function makeBundle(model: BundleModel, objective: Objective, srs: string, statement: Statement | RgbStatement, proof: Uint8Array): Bundle {
  const address = (value: bigint): Hex => `0x${value.toString(16).padStart(40, '0')}`;
  return {
    format: 'pentimento-bundle',
    version: 1,
    model: model.name,
    modelCommitment: model.commitment,
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

/** What the collection's `mint` and `verify` take for a bundle; the creator travels in front of the proof. */
export function mintArguments(bundle: Bundle): readonly [prompt: Hex, aigcData: Hex, proof: Hex] {
  const statement = statementOf(bundle);
  const prompt = bytesToHex(encodePrompt(statement.latent, statement.pose));
  return [prompt, bytesToHex(aigcDataOf(statement)), `${bundle.creator}${bundle.proof.slice(2)}` as Hex];
}

function fail(code: string, message: string): never {
  throw new BaseError({ code: `bundle/${code}`, message });
}
