/** Plonkish circuits: expressions, the serialised IR, and the mock prover. */
export * from './builder.ts';
export * from './ir.ts';
export * from './mock.ts';
export * from './setup.ts';
export * from './vk.ts';
