/** How a command is declared: its arguments, `--json`, and the options that several commands share. */
import type { Hex } from '@pentimento/core';
import { OBJECTIVES } from '@pentimento/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from './exit.ts';
import { createOutput, type Output } from './output.ts';

/** Adds `--json` and runs the action with its output; the action returns the exit status. */
export type Declare = <A extends unknown[]>(
  name: string,
  description: string,
  action: (output: Output, ...args: A) => Promise<number | undefined>,
) => Command;

export function declareOn(program: Command): Declare {
  return <A extends unknown[]>(name: string, description: string, action: (output: Output, ...args: A) => Promise<number | undefined>) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'print one line of JSON')
      .exitOverride()
      .action(async (...args: unknown[]) => {
        const options = args.at(-2) as { json?: boolean };
        const output = createOutput(options.json === true);
        process.exitCode = (await action(output, ...(args.slice(0, -1) as A))) ?? EXIT.ok;
      });
}

/** Parses an integer in `low..high`. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) throw new InvalidArgumentError(`Expected an integer in ${low}..${high}.`);
    return value;
  };

/** Parses an address. */
export const address = (text: string): Hex => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new InvalidArgumentError('Expected an address: 0x and 40 hexadecimal digits.');
  return text as Hex;
};

export const modelOption = (): Option => new Option('--model <name or folder>', 'the model').default('nouns-m');
export const rpcOption = (): Option => new Option('--rpc <url>', "the chain's node").default('http://127.0.0.1:8545');
export const objectiveOption = (): Option => new Option('--objective <objective>', 'layout of the circuit').choices(OBJECTIVES).default('fast');
export const poseOption = (): Option =>
  new Option('--pose <byte>', 'pose byte: mirror and shift of the finished image (default: the one that suits the photo)').argParser(integer(0, 125));
