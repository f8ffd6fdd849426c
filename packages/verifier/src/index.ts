/** Verification of proofs in TypeScript from the serialised circuit and the verifying key. */
export { createPlan, type OpeningSet, omegaPower, type Plan, type Step } from './plan.ts';
export { deriveChallenges, Transcript } from './transcript.ts';
export { type Prepared, prepare, verifyProof } from './verify.ts';
export { type ColumnRef, type G1Hex, type G2Hex, parseVk, type Query, type VkDescriptor } from './vk.ts';
