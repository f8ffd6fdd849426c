/** Constants of the cost model, fitted to bench/figures.json. Written by `node bench/fit-cost.ts`; do not edit. */
import type { CostConstants } from './cost.ts';

export const COST_CONSTANTS: CostConstants = {
  proveMs: { base: 48.02, smallColumn: 0, fullColumn: 8.988, extendedColumn: 2.21 },
  memoryBytes: { base: 101300000, columnByte: 5.403 },
  verifyGas: { base: 145200, commitment: 7696, word: 81.65, instance: 770.6 },
};
