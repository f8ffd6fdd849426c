/**
 * What one proof says in public: latent, image and the context that it is bound to, as bytes and as the instances of the circuit
 * (book/formats.md, section 5). The collection contract derives the same words on chain.
 */
import { bytesToBigInt, concatBytes } from './bytes.ts';
import { BaseError } from './error.ts';

/** Bytes per field word: the largest whole number of bytes that is always below the field's order. */
export const WORD_BYTES = 31;
/** Largest value of a latent element and of an activation. */
export const MAX_ACTIVATION = 127;
/** Words of the context, which end the instance column: pose, chain id, collection, creator. */
export const CONTEXT_WORDS = 4;
export const MAX_POSE = 125;
export const IDENTITY_POSE = 31;

export interface Statement {
  /** Each in 0..127. */
  readonly latent: Uint8Array;
  /** Palette indices 0..15, row-major, before the pose; an even number of them. */
  readonly index: Uint8Array;
  /** 0..125. */
  readonly pose: number;
  readonly chainId: bigint;
  /** Address as an integer below 2^160. */
  readonly collection: bigint;
  readonly creator: bigint;
}

/** The statement of a model with an RGB head. */
export interface RgbStatement extends Omit<Statement, 'index'> {
  /** Channel values 0..127, `[3, H, W]` row-major, before the pose. */
  readonly image: Uint8Array;
}

/** Chunks of 31 bytes, the last padded with zeros at its end, each as a big-endian integer. */
export function packWords(bytes: Uint8Array): bigint[] {
  const words: bigint[] = [];
  for (let i = 0; i < bytes.length; i += WORD_BYTES) {
    const chunk = new Uint8Array(WORD_BYTES);
    chunk.set(bytes.subarray(i, i + WORD_BYTES));
    words.push(bytesToBigInt(chunk));
  }
  return words;
}

/** Two pixels a byte, the earlier one in the high nibble. */
export function packIndex(index: Uint8Array): Uint8Array {
  assertRange('statement/index-out-of-range', 'palette index', index, 15);
  return Uint8Array.from({ length: index.length / 2 }, (_, i) => ((index[2 * i] as number) << 4) | (index[2 * i + 1] as number));
}

export function unpackIndex(aigcData: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: aigcData.length * 2 }, (_, i) => {
    const byte = aigcData[i >> 1] as number;
    return i % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

/** ERC-7007 prompt: latent bytes, then the pose byte. */
export function encodePrompt(latent: Uint8Array, pose: number): Uint8Array {
  assertRange('statement/latent-out-of-range', 'latent element', latent, MAX_ACTIVATION);
  assertPose(pose);
  return concatBytes(latent, Uint8Array.of(pose));
}

/** ERC-7007 output: the image before its pose, two palette indices a byte or one channel value a byte. */
export function aigcDataOf(statement: Pick<Statement, 'index'> | Pick<RgbStatement, 'image'>): Uint8Array {
  if ('index' in statement) return packIndex(statement.index);
  assertRange('statement/image-out-of-range', 'channel value', statement.image, MAX_ACTIVATION);
  return statement.image;
}

/** The displayed value, 0..255, of a channel value 0..127. */
export function displayValue(channel: number): number {
  return 2 * channel + (channel >> 6);
}

/** The instance column: latent words, image words, pose, chain id, collection, creator. */
export function instancesOf(statement: Statement | RgbStatement): bigint[] {
  const { latent, pose, chainId, collection, creator } = statement;
  assertRange('statement/latent-out-of-range', 'latent element', latent, MAX_ACTIVATION);
  assertPose(pose);
  return [...packWords(latent), ...packWords(aigcDataOf(statement)), BigInt(pose), chainId, collection, creator];
}

/** Number of instances for a latent of `latentLength` bytes and an image of `pixels` palette indices. */
export function instanceCount(latentLength: number, pixels: number): number {
  return Math.ceil(latentLength / WORD_BYTES) + Math.ceil(pixels / 2 / WORD_BYTES) + CONTEXT_WORDS;
}

export interface Pose {
  readonly mirror: 0 | 1;
  /** -4..4 shift units, positive to the right. */
  readonly dx: number;
  /** -3..3 shift units, positive downwards. */
  readonly dy: number;
}

export function decodePose(pose: number): Pose {
  assertPose(pose);
  const rest = pose % 63;
  return { mirror: pose >= 63 ? 1 : 0, dy: Math.floor(rest / 9) - 3, dx: (rest % 9) - 4 };
}

export function encodePose({ mirror, dx, dy }: Pose): number {
  return 63 * mirror + 9 * (dy + 3) + (dx + 4);
}

/** The public pose rule of book/formats.md, section 1, on one plane: an index map, or one channel of an RGB image. */
export function applyPose(plane: Uint8Array, width: number, pose: number): Uint8Array {
  const { mirror, dx, dy } = decodePose(pose);
  const height = plane.length / width;
  const unit = Math.max(1, width >> 5);
  const mirrored = (y: number, x: number) => plane[y * width + (mirror ? width - 1 - x : x)] as number;
  return Uint8Array.from({ length: plane.length }, (_, i) => {
    const sy = Math.floor(i / width) - dy * unit;
    const sx = (i % width) - dx * unit;
    return sy < 0 || sx < 0 || sx >= width ? mirrored(0, 0) : mirrored(Math.min(sy, height - 1), sx);
  });
}

/** The same rule on each of the three planes of an RGB image `[3, H, W]`. */
export function applyRgbPose(image: Uint8Array, width: number, pose: number): Uint8Array {
  const plane = image.length / 3;
  return concatBytes(...[0, 1, 2].map((c) => applyPose(image.subarray(c * plane, (c + 1) * plane), width, pose)));
}

function assertPose(pose: number): void {
  if (!Number.isInteger(pose) || pose < 0 || pose > MAX_POSE) {
    throw new BaseError({ code: 'statement/pose-out-of-range', message: `Expected a pose byte in 0..${MAX_POSE}, got ${pose}.` });
  }
}

function assertRange(code: string, what: string, values: Uint8Array, max: number): void {
  const position = values.findIndex((v) => v > max);
  if (position >= 0) {
    throw new BaseError({ code, message: `Expected every ${what} in 0..${max}, got ${values[position]} at position ${position}.` });
  }
}
