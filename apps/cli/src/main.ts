#!/usr/bin/env node
import {
  exitCodes,
  listenForInterruption,
  reportError,
  startTelemetry,
  usageLine,
} from '@preservarium/command-line';
import { Command } from 'commander';
import { addBulkCommand } from './commands/bulk.js';
import { addCancelCommand } from './commands/cancel.js';
import { addCapabilitiesCommand } from './commands/capabilities.js';
import { addConsumeCommand } from './commands/consume.js';
import { addDeadCommand } from './commands/dead.js';
import { addListCommand } from './commands/list.js';
import { addPushCommand } from './commands/push.js';
import { addSettingsCommand } from './commands/settings.js';
import { addStatusCommand } from './commands/status.js';
import { addStoreCommand } from './commands/store.js';
import { addTopicsCommand } from './commands/topics.js';
import { addTypesCommand } from './commands/types.js';
import { addWatchCommand } from './commands/watch.js';
import { exitCodesHelp } from './exit-codes-help.js';

const interruption = listenForInterruption();
// Each write reports its own error; without a listener the stream would end the process with a stack.
process.stdout.on('error', () => {});

const program = new Command('pusher')
  .description('Sends commands and settings to IoT devices through Kafka.')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(usageLine('pusher', text)) })
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
addSettingsCommand(program, interruption.signal);
addTopicsCommand(program, interruption.signal);
addConsumeCommand(program, interruption.signal);
addCapabilitiesCommand(program);
addTypesCommand(program);
addWatchCommand(program, interruption.signal);
addStatusCommand(program, interruption.signal);
addListCommand(program, interruption.signal);
addStoreCommand(program, interruption.signal);

const endTelemetry = await startTelemetry({
  serviceName: 'pusher',
  // It ends before anybody would ask it for metrics.
  metricReaders: [],
  report: (problem) => void process.stderr.write(`pusher: telemetry: ${problem}\n`),
});
let exitCode: number;
try {
  await program.parseAsync();
  exitCode = interruption.exitCode() ?? Number(process.exitCode ?? 0);
} catch (error) {
  const code = report(error);
  exitCode = interruption.exitCode() ?? code;
}
await endTelemetry?.();
// Whatever a client has left behind must not keep the process.
process.stdout.write('', () => process.exit(exitCode));

function report(error: unknown): number {
  // Nobody reads stdout any longer, as in `pusher consume | head`: that is an end, not a failure.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return exitCodes.ok;
  return reportError('pusher', error, { verbose: process.argv.includes('--verbose') });
}
