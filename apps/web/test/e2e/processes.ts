/** Programs that a test starts, as processes of their own. Each is ended by its id, also when the test run ends before the test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** For anything that takes seconds on an idle machine and must not fail on a busy one. */
export const PATIENCE_MS = 60_000;
const END_MS = 20_000;
const START_MS = 200_000;

export interface Program {
  readonly pid: number;
  /** Standard output and standard error so far. */
  out(): string;
  err(): string;
  /** Resolves to the exit status, or to null after a signal. */
  readonly ended: Promise<number | null>;
  /** Sends the signal, and after some seconds stronger ones; resolves when the process is gone. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Runs Node with these arguments, in a user's surroundings rather than in those of a test runner. */
export function launch(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const { NODE_ENV: _, ...surroundings } = process.env;
  const child = spawn(process.execPath, [...args], { env: { ...surroundings, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: collect(child.stdout), err: collect(child.stderr) };
  const kill = () => void child.kill('SIGTERM');
  process.once('exit', kill);
  // Not `close`: a child of it may hold its output open.
  const ended = once(child, 'exit').then(([status]) => {
    process.removeListener('exit', kill);
    return status as number | null;
  });
  return { pid: child.pid as number, ...said, ended, end: (signal = 'SIGTERM') => end(child, ended, signal) };
}

/** `start` ends its own children at the first interruption in order, at the second one at once; only then comes the kill. */
async function end(child: ChildProcess, ended: Promise<number | null>, first: NodeJS.Signals): Promise<number | null> {
  for (const signal of [first, 'SIGINT', 'SIGKILL'] as const) {
    child.kill(signal);
    const status = await Promise.race([ended.then((value) => ({ value })), sleep(END_MS, undefined, { ref: false })]);
    if (status !== undefined) return status.value;
  }
  return ended;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (data: Buffer) => {
    text += data;
  });
  return () => text;
}

/** The first group of the first match on standard output. Throws with what was said on standard error. */
export async function announced(program: Program, pattern: RegExp): Promise<string> {
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  for (const deadline = Date.now() + START_MS; Date.now() < deadline && !over; await sleep(50)) {
    const found = pattern.exec(program.out())?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`Expected the program to say ${pattern}, got ${program.out()}${program.err()}`);
}

/** Ids of the living children of a process whose command line holds `text`. */
export function childrenOf(parent: number, text: string): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [pid, ppid, stat = '', ...command] = line.trim().split(/\s+/);
    return Number(ppid) === parent && !stat.startsWith('Z') && command.join(' ').includes(text) ? [Number(pid)] : [];
  });
}

/** Processes that are stopped by a signal, so that what follows is in the middle of their work on any machine. */
export interface Held {
  /** Lets those that still live go on. */
  release(): void;
  areGone(): boolean;
}

/** Holds all that `find` finds, as soon as it finds one. */
export async function hold(find: () => readonly number[]): Promise<Held> {
  let pids = find();
  for (const deadline = Date.now() + PATIENCE_MS; pids.length === 0 && Date.now() < deadline; pids = find()) await sleep(50);
  if (pids.length === 0) throw new Error('Expected a process to hold, found none.');
  const send = (signal: NodeJS.Signals) => pids.filter(isAlive).forEach((pid) => void process.kill(pid, signal));
  send('SIGSTOP');
  return { release: () => send('SIGCONT'), areGone: () => !pids.some(isAlive) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
