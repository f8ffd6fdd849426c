#!/usr/bin/env node
/** The command line of Pentimento. Exit statuses: 0 yes, 1 no, 2 unusable input, 3 environment, 4 defect, 130 cancelled. */
import { BaseError } from '@pentimento/core';
import { Command, CommanderError } from 'commander';
import { type Declare, declareOn } from './command.ts';
import { EXIT, exitStatus } from './exit.ts';

/** One file a command. Only the one that is called is loaded: the others' libraries cost memory and a second of start. */
const COMMANDS: Readonly<Record<string, () => Promise<(command: Declare) => void>>> = {
  train: async () => (await import('./commands/train.ts')).trainCommand,
  style: async () => (await import('./commands/style.ts')).styleCommand,
  prove: async () => (await import('./commands/prove.ts')).proveCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  verifier: async () => (await import('./commands/verifier.ts')).verifierCommand,
  srs: async () => (await import('./commands/srs.ts')).srsCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  claim: async () => (await import('./commands/claim.ts')).claimCommand,
  mint: async () => (await import('./commands/mint.ts')).mintCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  collection: async () => (await import('./commands/collection.ts')).collectionCommand,
  model: async () => (await import('./commands/model.ts')).modelCommand,
  cost: async () => (await import('./commands/cost.ts')).costCommand,
  draw: async () => (await import('./commands/draw.ts')).drawCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  start: async () => (await import('./commands/start.ts')).startCommand,
};

const program = new Command('pentimento')
  .description('Art from a small int8 network, with a zero-knowledge proof that the network painted it.')
  .exitOverride();

const command = declareOn(program);
const called = COMMANDS[process.argv[2] ?? ''];
for (const load of called ? [called] : Object.values(COMMANDS)) (await load())(command);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.input;
  else {
    const json = process.argv.includes('--json');
    const { code, message } =
      error instanceof BaseError ? error : { code: 'cli/defect', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message} (${code})\n`);
    process.exitCode = exitStatus(error);
  }
}
