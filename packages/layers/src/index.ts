/** Models, their integer reference, and the decoder's circuit. */
export * from './circuit/decoder.ts';
export * from './circuit/witness.ts';
export * from './commitment.ts';
export * from './manifest.ts';
export * from './reference.ts';
