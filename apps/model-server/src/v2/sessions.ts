/**
 * Open ONNX Runtime sessions by file, the least recently used of which is closed when there are too many. A session is never closed while it
 * runs. The runtime works on Node's main thread, one execution after the other.
 */
import { InferenceSession } from 'onnxruntime-node';

export interface Sessions {
  /** Runs `work` with the session of an ONNX file, which is opened when it is not open. */
  readonly use: <T>(path: string, work: (session: InferenceSession) => Promise<T>) => Promise<T>;
  /** Closes the file's session as soon as nothing runs in it; the next use reads the file again. */
  readonly forget: (path: string) => Promise<void>;
  readonly openCount: () => number;
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly session: Promise<InferenceSession>;
  users: number;
  /** No longer in the table, to be released by its last user. */
  retired: boolean;
}

export function openSessions(limit: number): Sessions {
  // In the order of their last use.
  const entries = new Map<string, Entry>();

  const release = async (entry: Entry) => {
    if (entry.retired && entry.users === 0) await entry.session.then((session) => session.release());
  };
  const retire = async (path: string) => {
    const entry = entries.get(path);
    if (!entry) return;
    entries.delete(path);
    entry.retired = true;
    await release(entry);
  };
  const create = (path: string): Entry => {
    const entry = { session: open(path), users: 0, retired: false };
    // One that does not open is not kept; whoever uses it gets the error.
    entry.session.catch(() => entries.get(path) === entry && entries.delete(path));
    return entry;
  };
  const take = (path: string): Entry => {
    const entry = entries.get(path) ?? create(path);
    entries.delete(path);
    entries.set(path, entry);
    entry.users++;
    return entry;
  };

  return {
    use: async (path, work) => {
      const entry = take(path);
      if (entries.size > limit) await retire(entries.keys().next().value as string);
      try {
        return await work(await entry.session);
      } finally {
        entry.users--;
        await release(entry);
      }
    },
    forget: retire,
    openCount: () => entries.size,
    close: async () => {
      await Promise.all([...entries.keys()].map(retire));
    },
  };
}

const open = (path: string): Promise<InferenceSession> => InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
