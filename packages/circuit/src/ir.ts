/**
 * The serialised circuit (book/formats.md, section 3): what TypeScript hands to the engine, and what every verifier reads.
 */
export type Node =
  | readonly ['const', string]
  | readonly ['fixed' | 'advice' | 'instance', number, number]
  | readonly ['challenge', number]
  | readonly ['neg', number]
  | readonly ['add' | 'mul', number, number];

export type Load = readonly [row: number, source: 'const', value: string] | readonly [row: number, source: number, sourceRow: number];

export type Definition =
  | {
      readonly kind: 'recurrence';
      readonly column: number;
      readonly active: number;
      readonly mul: number;
      readonly add: number;
      readonly loads: readonly Load[];
    }
  | { readonly kind: 'fraction'; readonly column: number; readonly terms: readonly (readonly [num: number, den: number])[] }
  | { readonly kind: 'map'; readonly column: number; readonly expr: number };

export interface Ir {
  readonly format: 'pentimento-ir';
  readonly version: 1;
  readonly k: number;
  readonly degree: number;
  readonly fixed: readonly string[];
  readonly advice: readonly { readonly name: string; readonly phase: 0 | 1 }[];
  readonly instances: readonly { readonly name: string; readonly rows: number }[];
  readonly challenges: readonly string[];
  readonly nodes: readonly Node[];
  readonly gates: readonly { readonly id: string; readonly poly: number }[];
  readonly equality: readonly (readonly ['fixed' | 'advice' | 'instance', number])[];
  readonly copies: readonly (readonly [number, number, number, number])[];
  readonly definitions: readonly Definition[];
}

/** A column's values: small integers (negative means field-negative) or canonical field elements. */
export type Column = Int32Array | readonly bigint[];

/** A circuit bound to its fixed values. */
export interface Circuit {
  readonly ir: Ir;
  /** One per fixed column, at most `usable` rows, the rest zero. */
  readonly fixed: readonly Column[];
}

/** Phase-0 advice columns in IR order, and one array per instance column. */
export interface Witness {
  readonly advice: readonly Column[];
  readonly instances: readonly (readonly bigint[])[];
}
