/**
 * The proven picture of a token, one byte a palette index or channel value. A record on chain holds it, or its hash; then it is taken from the
 * mint's calldata, or painted again by the integer reference. Whatever its source, it is accepted by its hash alone.
 */
import { aigcDataOf, bytesToHex, concatBytes, type Hex, hexToBytes, MAX_ACTIVATION, pictureOf, unpackIndex } from '@pentimento/core';
import { type Model, runDecoder } from '@pentimento/layers';
import { keccak256 } from 'viem';

export interface PictureSources {
  readonly rgb: boolean;
  readonly pose: number;
  /** keccak256 of `aigcData` and the pose byte, as the mint's log has it. */
  readonly imageHash: Hex;
  /** What the record holds: `aigcData`, or a hash, which is no preimage of itself. */
  readonly kept: Uint8Array;
  /** `aigcData` from the calldata. */
  readonly sent: Hex | undefined;
  readonly latent: Uint8Array;
  /** Undefined for a model that is not here. */
  readonly model: Model | undefined;
}

/** Undefined when no source has the picture. */
export function pictureFor({ rgb, pose, imageHash, kept, sent, latent, model }: PictureSources): Hex | undefined {
  const sources = [() => kept, () => sent && hexToBytes(sent), () => model && paint(model, latent)];
  for (const source of sources) {
    const aigcData = source();
    if (aigcData && keccak256(concatBytes(aigcData, Uint8Array.of(pose))) === imageHash) return bytesToHex(rgb ? aigcData : unpackIndex(aigcData));
  }
  return undefined;
}

/** Anyone may register a record with the commitment of this model and other lengths: that is not its picture. */
function paint(model: Model, latent: Uint8Array): Uint8Array | undefined {
  if (latent.length !== model.manifest.latent.length || latent.some((value) => value > MAX_ACTIVATION)) return undefined;
  return aigcDataOf(pictureOf(runDecoder(model, latent)));
}
