/**
 * Admission by memory: a proof starts when what it is predicted to take fits beside those that run. Predictions are those of `searchLayouts`
 * (book/formats.md says how they are fitted), with a fifth on top.
 */
import { totalmem } from 'node:os';

const MARGIN = 1.2;
const POLL_MS = 500;
const PATIENCE_MS = 10_000;

interface Running {
  readonly neededBytes: number;
  /** What the attempt's process holds already. */
  readonly residentBytes: () => number;
}

/** Bytes that a proof can have on this machine when nothing else runs. */
export function machineBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

export const neededBytes = (predictedBytes: number): number => predictedBytes * MARGIN;

export class Memory {
  readonly #running = new Set<Running>();

  /**
   * Resolves, when there is room, to a function that gives it back; rejects when `signal` is aborted. With nothing else running it waits for
   * other programs no longer than ten seconds: the system then ends the child, if anything.
   */
  async admit(predictedBytes: number, residentBytes: () => number, signal: AbortSignal): Promise<() => void> {
    const running = { neededBytes: neededBytes(predictedBytes), residentBytes };
    const patience = Date.now() + PATIENCE_MS;
    while (!this.#fits(running) && (this.#running.size > 0 || Date.now() < patience)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      signal.throwIfAborted();
    }
    this.#running.add(running);
    return () => void this.#running.delete(running);
  }

  #fits(next: Running): boolean {
    const missing = ({ neededBytes: needed, residentBytes }: Running) => Math.max(0, needed - residentBytes());
    const promised = [...this.#running].reduce((sum, running) => sum + missing(running), 0);
    return missing(next) <= process.availableMemory() - promised;
  }
}
