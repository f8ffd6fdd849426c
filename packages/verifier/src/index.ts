/** Verification of proofs in TypeScript from the serialised circuit and the verifying key. */
export type { VkDescriptor } from '@pentimento/circuit';
export { createPlan, type OpeningSet, omegaPower, type Plan, type Step } from './plan.ts';
export { deriveChallenges, Transcript } from './transcript.ts';
export { type Prepared, prepare, verifyProof } from './verify.ts';
export { parseVk } from './vk.ts';
