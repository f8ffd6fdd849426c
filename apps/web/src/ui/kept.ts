/** State that outlives its page while the tab is open, so that looking at another page loses nothing. */
import { type Dispatch, type SetStateAction, useEffect, useState } from 'react';

const kept = new Map<string, unknown>();

export function useKept<T>(key: string, initial: T): [T, Dispatch<SetStateAction<T>>] {
  const [value, setValue] = useState<T>(() => (kept.has(key) ? (kept.get(key) as T) : initial));
  useEffect(() => {
    kept.set(key, value);
  }, [key, value]);
  return [value, setValue];
}
