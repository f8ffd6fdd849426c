#!/usr/bin/env node
/** The command line of Pentimento. Exit statuses: 0 yes, 1 no, 2 unusable input, 3 environment, 4 defect, 130 cancelled. */
import { BaseError } from '@pentimento/core';
import { Command, CommanderError } from 'commander';
import { declareOn } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { claimCommand } from './commands/claim.ts';
import { collectionCommand } from './commands/collection.ts';
import { costCommand } from './commands/cost.ts';
import { deployCommand } from './commands/deploy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { drawCommand } from './commands/draw.ts';
import { explainCommand } from './commands/explain.ts';
import { mintCommand } from './commands/mint.ts';
import { modelCommand } from './commands/model.ts';
import { proveCommand } from './commands/prove.ts';
import { reportCommand } from './commands/report.ts';
import { showCommand } from './commands/show.ts';
import { srsCommand } from './commands/srs.ts';
import { startCommand } from './commands/start.ts';
import { styleCommand } from './commands/style.ts';
import { trainCommand } from './commands/train.ts';
import { verifierCommand } from './commands/verifier.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT, exitStatus } from './exit.ts';

const program = new Command('pentimento')
  .description('Art from a small int8 network, with a zero-knowledge proof that the network painted it.')
  .exitOverride();

const command = declareOn(program);
for (const declare of [
  trainCommand,
  styleCommand,
  proveCommand,
  verifyCommand,
  verifierCommand,
  srsCommand,
  deployCommand,
  claimCommand,
  mintCommand,
  checkCommand,
  reportCommand,
  showCommand,
  collectionCommand,
  modelCommand,
  costCommand,
  drawCommand,
  explainCommand,
  doctorCommand,
  startCommand,
])
  declare(command);

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
