/** What a served model is in the Open Inference Protocol, and how a Triton server gets it. */
export * from './config-text.ts';
export { writeRepository } from './repository.ts';
export * from './specification.ts';
