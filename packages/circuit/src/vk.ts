/**
 * The verifying key as JSON (book/formats.md, section 4). Field elements are `0x` and 64 hexadecimal digits; commitments are affine G1
 * points, `(0, 0)` standing for the identity, which only an all-zero fixed column may have.
 */
import type { Ir } from './ir.ts';

/** Column and rotation. */
export type Query = readonly [column: number, rotation: number];
/** Affine G1 coordinates. */
export type G1Hex = readonly [x: string, y: string];
/** Affine G2 coordinates, each `[c0, c1]` for `c0 + c1*u`. */
export type G2Hex = readonly [x: readonly [c0: string, c1: string], y: readonly [c0: string, c1: string]];

export interface VkDescriptor {
  readonly format: 'pentimento-vk';
  readonly version: 1;
  /** log2 of the domain size, 1..28. */
  readonly k: number;
  /** Primitive 2^k-th root of unity. */
  readonly omega: string;
  readonly degree: number;
  readonly blindingFactors: number;
  /** Rows of each instance column. */
  readonly numInstances: readonly number[];
  readonly fixedQueries: readonly Query[];
  readonly adviceQueries: readonly Query[];
  readonly instanceQueries: readonly Query[];
  readonly permutation: Ir['equality'];
  readonly fixedCommitments: readonly G1Hex[];
  readonly sigmaCommitments: readonly G1Hex[];
  /** Digest of the whole key, the first word that the transcript absorbs. */
  readonly transcriptRepr: string;
  readonly g1: G1Hex;
  readonly g2: G2Hex;
  readonly sG2: G2Hex;
  readonly srs: { readonly name: string; readonly insecure: boolean };
}
