/** Options about money and time that several commands share. */
import type { Hex } from '@pentimento/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseEther } from 'viem';
import { address, integer } from '../command.ts';

/** Parses an amount of ether to wei. */
export function ether(text: string): bigint {
  if (!/^\d{1,9}(\.\d{1,18})?$/.test(text)) throw new InvalidArgumentError('Expected an amount of ether such as 0.05.');
  return parseEther(text);
}

/** Parses Unix seconds, or ISO 8601 with a time zone. */
export function unixTime(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds >= 2 ** 40) {
    throw new InvalidArgumentError('Expected Unix seconds or a time such as 2027-01-31T12:00:00Z.');
  }
  return seconds;
}

export interface ModelFlags {
  readonly licenceFee: bigint;
  readonly cardUri?: string;
  readonly protocol?: Hex;
  readonly protocolBps: number;
}

export function modelFlags(command: Command): Command {
  return command
    .addOption(new Option('--licence-fee <ether>', "due to the model's owner for each token").argParser(ether).default(0n, '0'))
    .option('--card-uri <address>', 'where the model card is')
    .option('--protocol <address>', "of a new platform: to whom the protocol's share is due (default: the signing account)", address)
    .option('--protocol-bps <number>', 'of a new platform: that share of a price, in hundredths of a percent', integer(0, 1000), 0);
}

/** The part of `ModelOptions` that comes from these options. */
export function modelTerms({ licenceFee, cardUri, protocol, protocolBps }: ModelFlags) {
  return { licenceFee, protocolBps, ...(cardUri === undefined ? {} : { cardUri }), ...(protocol === undefined ? {} : { protocol }) };
}
