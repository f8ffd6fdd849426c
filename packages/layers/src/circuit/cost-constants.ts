/** Constants of the cost model, fitted to bench/figures.json. Written by `node bench/fit-cost.ts`; do not edit. */
import type { CostConstants } from './cost.ts';

export const COST_CONSTANTS: CostConstants = {
  proveMs: { base: 0, smallColumn: 0, fullColumn: 7.053, extendedColumn: 3.293 },
  memoryBytes: { base: 296700000, columnByte: 6.445 },
  verifyGas: { base: 145100, commitment: 7704, word: 78.44, instance: 772.7 },
};
