/** Constants of the cost model, fitted to bench/figures.json. Written by `node bench/fit-cost.ts`; do not edit. */
import type { CostConstants } from './cost.ts';

export const COST_CONSTANTS: CostConstants = {
  proveMs: { base: 0, smallColumn: 10, fullColumn: 45, extendedColumn: 6 },
  memoryBytes: { base: 246_000_000, columnByte: 7.2 },
  verifyGas: { base: 167_600, commitment: 6532, word: 625, instance: 0 },
};
