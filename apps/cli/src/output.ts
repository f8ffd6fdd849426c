/** Results go to standard output, as text or as one line of JSON; progress goes to standard error. */

export interface Output {
  readonly json: boolean;
  /** One step of a long task. */
  readonly progress: (text: string) => void;
  /** The command's answer: `text` for people, `data` for programs. */
  readonly result: (data: Readonly<Record<string, unknown>>, text: string) => void;
}

export function createOutput(json: boolean): Output {
  const began = performance.now();
  return {
    json,
    progress: (text) => process.stderr.write(`[${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s] ${text}\n`),
    result: (data, text) =>
      process.stdout.write(`${json ? JSON.stringify(data, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)) : text}\n`),
  };
}
