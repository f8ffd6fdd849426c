/** Tools that look at a finished circuit from outside: a second checker, a search for free cells, drawings. */
export { type Drawing, drawCircuit, type Region } from './draw.ts';
export { type ColumnCount, everyRow, type Search, type SearchOptions, type Survivor, searchFreeCells } from './free-cells.ts';
export { INERT_REASONS, type InertReason, inertReason } from './inert.ts';
export { type Change, Probe, type Verdict } from './probe.ts';
export { type Report, recheck } from './recheck.ts';
