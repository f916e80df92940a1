#!/usr/bin/env node
import { Command } from 'commander';
import { addBulkCommand } from './commands/bulk.js';
import { addCancelCommand } from './commands/cancel.js';
import { addCapabilitiesCommand } from './commands/capabilities.js';
import { addConsumeCommand } from './commands/consume.js';
import { addDeadCommand } from './commands/dead.js';
import { addPushCommand } from './commands/push.js';
import { addTopicsCommand } from './commands/topics.js';
import { addTypesCommand } from './commands/types.js';
import { addWatchCommand } from './commands/watch.js';
import { exitCodesHelp } from './exit-codes.js';
import { listenForInterruption } from './interruption.js';
import { reportError, writeError } from './report-error.js';

const interruption = listenForInterruption();
// Each write reports its own error; without a listener the stream would end the process with a stack.
process.stdout.on('error', () => {});

const program = new Command('pusher')
  .description('Sends commands to IoT devices through Kafka.')
  .exitOverride()
  .configureOutput({
    outputError: (text) => writeError('USAGE', `${text.replace(/^error: /, '')} (see --help)`),
  })
  .addHelpText(
    'after',
    `
Settings come from flags, then the environment, then a .env file, then defaults: docs/configuration.md.
${exitCodesHelp}`,
  );

addPushCommand(program, interruption.signal);
addBulkCommand(program, interruption.signal);
addCancelCommand(program, interruption.signal);
addDeadCommand(program, interruption.signal);
addTopicsCommand(program, interruption.signal);
addConsumeCommand(program, interruption.signal);
addCapabilitiesCommand(program);
addTypesCommand(program);
addWatchCommand(program, interruption.signal);

let exitCode: number;
try {
  await program.parseAsync();
  exitCode = interruption.exitCode() ?? Number(process.exitCode ?? 0);
} catch (error) {
  const code = reportError(error, { verbose: process.argv.includes('--verbose') });
  exitCode = interruption.exitCode() ?? code;
}
// Whatever a client has left behind must not keep the process.
process.stdout.write('', () => process.exit(exitCode));
