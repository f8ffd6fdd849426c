/** Phases of a proof as its users see them, and how far each is: shares of the time measured on nouns-s and nouns-m (they differ by a few percent). */

/** Share of the whole that lies before a phase begins; `waiting` for memory and `keys` come before the proof itself. */
const BEFORE: Readonly<Record<string, number>> = {
  waiting: 0,
  keys: 0,
  decoder: 0,
  witness: 0.05,
  definitions: 0.08,
  commit: 0.12,
  permutation: 0.4,
  quotient: 0.5,
  opening: 0.86,
  check: 0.94,
  verify: 0.95,
};

export interface PhaseProgress {
  readonly phase: string;
  /** 0..1. */
  readonly progress: number;
  /** Null while nobody can say: memory may take any time, and so may new keys. */
  readonly etaMs: number | null;
}

/** Where a proof is that has begun `phase`, when the whole of it is expected to take `expectedMs`. */
export function progressAt(phase: string, expectedMs: number): PhaseProgress {
  const progress = BEFORE[phase] ?? 0;
  const unknown = phase === 'waiting' || phase === 'keys';
  return { phase, progress, etaMs: unknown ? null : Math.round(expectedMs * (1 - progress)) };
}
