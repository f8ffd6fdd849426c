/** Decoders in binary32 and in fixed point as circuits, to compare number formats with the int8 circuit. */
export { BINARY32, BINARY64, FIXED16, FRACTION_BITS } from './arithmetics.ts';
export { type ComposedCounts, composeCounts, countOperations, type OperationCounts } from './binary32/compose.ts';
export { compileDecoder } from './binary32/decoder.ts';
export type { CompiledProgram } from './binary32/program.ts';
export { type CircuitCounts, countCircuit } from './count.ts';
export { type Arithmetic, type Decoded, decodeWith } from './decoder.ts';
export { compileFixed16, type Fixed16Circuit } from './fixed16/circuit.ts';
export { type Fixed16Witness, fixed16Witness } from './fixed16/witness.ts';
export { sampleModel } from './sample.ts';
