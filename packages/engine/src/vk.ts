/** The verification key as data (book/formats.md, section 4); every field element is `0x` and 64 hexadecimal digits. */
export interface VkDescriptor {
  readonly format: 'pentimento-vk';
  readonly version: 1;
  readonly k: number;
  readonly omega: string;
  readonly degree: number;
  readonly blindingFactors: number;
  /** Rows of each instance column. */
  readonly numInstances: readonly number[];
  readonly fixedQueries: readonly (readonly [column: number, rotation: number])[];
  readonly adviceQueries: readonly (readonly [column: number, rotation: number])[];
  readonly instanceQueries: readonly (readonly [column: number, rotation: number])[];
  readonly permutation: readonly (readonly ['fixed' | 'advice' | 'instance', number])[];
  readonly fixedCommitments: readonly G1Words[];
  readonly sigmaCommitments: readonly G1Words[];
  readonly transcriptRepr: string;
  readonly g1: G1Words;
  readonly g2: G2Words;
  readonly sG2: G2Words;
  readonly srs: { readonly name: string; readonly insecure: boolean };
}

type G1Words = readonly [x: string, y: string];
type G2Words = readonly [x: readonly [c0: string, c1: string], y: readonly [c0: string, c1: string]];
