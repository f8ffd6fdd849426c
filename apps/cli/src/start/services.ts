/**
 * The servers as child processes. Each has a process group of its own, so that Ctrl-C in the terminal reaches this process alone, which ends
 * them in order; what they say is in a file of `home('logs')`.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { BaseError } from '@pentimento/core';
import { endWithThisProcess, home } from '@pentimento/core/node';

export interface Service {
  readonly name: string;
  readonly url: string;
  /** Resolves to one sentence when the process has ended, for whatever reason. */
  readonly ended: Promise<string>;
  /** Asks it to end and waits until it is gone; kills it after some seconds. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** As in sentences: `the proof server`. */
  readonly name: string;
  /** Program and its arguments, for Node. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

const START_MS = 60_000;
const STOP_MS = 10_000;

/** Path of a service's log. */
export const logOf = (name: string): string => home('logs', `${name.replace(/^the /, '').replaceAll(' ', '-')}.log`);

/** Opens a service's log anew. */
export function openLog(name: string): number {
  mkdirSync(home('logs'), { recursive: true });
  return openSync(logOf(name), 'w');
}

/** Starts a server and waits for its line `listening URL`. Throws `cli/service-failed` when it ends before, or says nothing. */
export async function startService({ name, args, cwd, env }: ServiceOptions): Promise<Service> {
  const log = openLog(name);
  const child = spawn(process.execPath, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', log],
    detached: true,
  });
  closeSync(log);
  endWithThisProcess(child);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} could not be started: ${error.message}.`));
    child.once('exit', (code, signal) => resolve(`${name} ended ${signal ? `by ${signal}` : `with status ${code}`}; its log is ${logOf(name)}.`));
  });
  const stop = async () => {
    process.removeListener('exit', kill);
    child.kill('SIGTERM');
    const late = setTimeout(kill, STOP_MS);
    await ended;
    clearTimeout(late);
  };
  try {
    return { name, url: await listening(name, child.stdout, ended), ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listening(name: string, stdout: Readable | null, ended: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (found: string) => reject(new BaseError({ code: 'cli/service-failed', message: `Expected ${name} to start, but ${found}` }));
    const late = setTimeout(() => fail(`it did not within ${START_MS / 1000} s; its log is ${logOf(name)}.`), START_MS);
    let text = '';
    stdout?.on('data', (data: Buffer) => {
      text += data;
      const url = /^listening (\S+)$/m.exec(text)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
    void ended.then((how) => {
      clearTimeout(late);
      fail(how);
    });
  });
}
