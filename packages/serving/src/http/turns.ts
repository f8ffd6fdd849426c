/** Pieces of work that must not run at the same time. */

/** Makes a function that runs each piece of work when those before it have ended, however they ended, and answers what it answers. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
