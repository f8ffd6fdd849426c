/** Field elements, bytes, errors, the public statement and the proof bundle. Depends on nothing else of the project. */
export * from './bundle.ts';
export * from './bytes.ts';
export * from './error.ts';
export * as field from './field.ts';
export { type Ending, type Problem, problemCodes, problemFor } from './problems.ts';
export * from './statement.ts';
