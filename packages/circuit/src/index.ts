/** Plonkish circuits: expressions, the serialised IR, and the mock prover. */
export * from './ir.ts';
