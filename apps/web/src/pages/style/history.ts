/** Undo and redo over values of any kind. A gesture, such as one drag of a slider, is one step: it keeps its `gesture` name. */

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Name of the gesture that made the present value; empty when the next change is a new step in any case. */
  readonly gesture: string;
}

/** Steps that are kept. */
const LIMIT = 200;

export const historyOf = <T>(present: T): History<T> => ({ past: [], present, future: [], gesture: '' });

/** A change; one of the same gesture as the last replaces it. */
export function changed<T>(history: History<T>, present: T, gesture: string): History<T> {
  const past = gesture !== '' && gesture === history.gesture ? history.past : [...history.past, history.present].slice(-LIMIT);
  return { past, present, future: [], gesture };
}

/** Ends a gesture, so that the next change can be undone by itself. */
export const settled = <T>(history: History<T>): History<T> => ({ ...history, gesture: '' });

export function undone<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], gesture: '' };
}

export function redone<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, gesture: '' };
}
