/** Models, their integer reference, and the decoder's circuit. */
export * from './circuit/cost.ts';
export * from './circuit/decoder.ts';
export type { Layout } from './circuit/layout.ts';
export { type Plan, planDecoder, type Slots } from './circuit/plan.ts';
export * from './circuit/witness.ts';
export * from './commitment.ts';
export * from './manifest.ts';
export * from './model.ts';
export * from './reference.ts';
