/**
 * The local chain. With state it is kept in one file, which anvil writes every two seconds and when it ends. A kill in the middle of a write
 * leaves half a file: then the copy that was made at the last start is taken, and the copy before is never overwritten by a broken file.
 */
import { closeSync, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { home } from '@pentimento/core/node';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import { logOf, openLog } from './services.ts';

const NAME = 'the chain';
const DUMP_SECONDS = 2;

/** A chain that goes on where it ended. */
export async function startKeptChain(port: number): Promise<Anvil> {
  const state = await soundState();
  return start(port, ['--state', state, '--state-interval', String(DUMP_SECONDS)]);
}

/** A chain that is gone when it ends. */
export const startPassingChain = (port: number | undefined): Promise<Anvil> => start(port, []);

export const chainEnded = (): string => `${NAME} ended; its log is ${logOf(NAME)}.`;

async function start(port: number | undefined, args: readonly string[]): Promise<Anvil> {
  const log = openLog(NAME);
  try {
    return await startAnvil({ ...(port === undefined ? {} : { port }), args, log, detached: true });
  } finally {
    closeSync(log);
  }
}

/** The path of a state file that is whole, or of none. */
async function soundState(): Promise<string> {
  const [state, copy] = [home('chain', 'state.json'), home('chain', 'state.copy.json')];
  await mkdir(home('chain'), { recursive: true });
  if (await isWhole(state)) await copyFile(state, copy);
  else {
    if (existsSync(state)) await rename(state, `${state}.broken`);
    if (await isWhole(copy)) await copyFile(copy, state);
  }
  return state;
}

async function isWhole(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
